"""The requests of a case that needs several, as one line for a shell: make the object, change it, show it."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.model.operation import SAFE_METHODS
from conformance.model.record import STORY, Exchange
from conformance.report.curl import curl
from conformance.target.secrets import Secrets

DEEPEST = 3
Keys = tuple[str | int, ...]


def story(
    exchanges: Iterable[Exchange],
    last: Exchange,
    secrets: Secrets,
    *,
    configured: Mapping[str, str] | None = None,
    verify: bool | str = True,
) -> str:
    """The line that shows what `last` shows; of a case of the deep lane all that it sent before.

    What the service calls the object that is made first is put into the variable `made`.
    """
    said: dict[str, Any] = {"configured": configured, "verify": verify}
    before = [
        e
        for e in exchanges
        if last.trace.startswith(STORY)
        and e.trace == last.trace
        and e.number < last.number
        and e.request.method not in SAFE_METHODS
        and not e.refused
    ]
    first = next(((e, found) for e in before if (found := _named_in(e, last))), None)
    if first is None:
        return curl(last, secrets, **said)
    create, (name, keys) = first
    read = "".join(f"[{key!r}]" for key in keys)
    script = shlex.quote(f"import json,sys; print(json.load(sys.stdin){read})")
    making = f"made=$({curl(create, secrets, quiet=True, **said)} | python3 -c {script})"
    rest = [e for e in before if e.number > create.number]
    return "; ".join([making, *(curl(e, secrets, made=name, **said) for e in (*rest, last))])


def _named_in(create: Exchange, last: Exchange) -> tuple[str, Keys] | None:
    """The part of the last request's path that `create` was answered with, and where it stands there."""
    if create.response is None or not create.ok:
        return None
    known = set(urlsplit(create.request.url).path.split("/"))
    for part in reversed(urlsplit(last.request.url).path.split("/")):
        keys = _place(create.response.json, part, DEEPEST) if part and part not in known else None
        if keys is not None:
            return part, keys
    return None


def _place(node: Any, name: str, depth: int) -> Keys | None:
    """Where a value that a path would call `name` stands in JSON data, what is nearest to the top first."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    pairs = list(inside)
    for key, value in pairs:
        if (
            isinstance(value, str | int)
            and not isinstance(value, bool)
            and quote(str(value), safe="") == name
        ):
            return (key,)
    for key, value in pairs if depth else ():
        below = _place(value, name, depth - 1)
        if below is not None:
            return (key, *below)
    return None
