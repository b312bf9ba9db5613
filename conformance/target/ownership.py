"""What unsafe requests may touch: the objects that this audit made, and names that it made up."""

import re
from collections.abc import Iterator, Mapping

from conformance.model.operation import SAFE_METHODS

FOLDERS = frozenset({"", ".", ".."})
"""As a segment of a path they name no item, but what is above it (RFC 3986 §5.2.4)."""
SWEEPING = re.compile(
    r"(^|[-_/])(clear|reset|purge|wipe|drop|truncate|flush|shutdown|restart|terminate|kill|destroy)([-_/]|$)"
    r"|(delete|remove)[-_]?(all|many|bulk|batch)|(bulk|batch)[-_]?(delete|remove)",
    re.IGNORECASE,
)
"""Words in a path that speak of much at once, or of the service itself."""


class Ownership:
    """Knows objects by their collection and identifier: post 1 is not user 1.

    `fresh`: the target was started for this audit, so what no path names is nobody else's.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._owned: set[tuple[str, str]] = set()
        self._absent: set[str] = set()

    def own(self, collection: str, identifier: str) -> None:
        """This audit made the object; `collection` is the path template above it."""
        if identifier not in FOLDERS:
            self._owned.add((_nameless(collection), identifier))

    def invent(self, identifier: str) -> None:
        """This audit made up the identifier, so it names nothing.

        Not one that somebody's object may have all the same: a small number, a short text.
        """
        if _is_far_fetched(identifier):
            self._absent.add(identifier)

    def allows(self, method: str, template: str, names: Mapping[str, str]) -> bool:
        """Whether a request may leave, as far as it names objects.

        A DELETE must name one, and what sweeps over more than one object is never sent.
        """
        if method in SAFE_METHODS:
            return True
        if sweeps(method, template, fresh=self._fresh):
            return False
        return all(
            names.get(name) in self._absent or (collection, names.get(name)) in self._owned
            for collection, name in parameters(template)
        )


def sweeps(method: str, template: str, *, fresh: bool) -> bool:
    """Whether a request may touch more than the objects that it names, if it names any.

    A PUT or PATCH of what no path names (`/settings`, `/users/me`) changes what was there before the
    audit, unless the target is fresh.
    """
    nameless = "{" not in template and (method == "DELETE" or (method in ("PUT", "PATCH") and not fresh))
    return nameless or bool(SWEEPING.search(template))


def parameters(template: str) -> Iterator[tuple[str, str]]:
    """Each path parameter with the collection above it, whose own parameters have lost their names."""
    for found in re.finditer(r"\{([^{}]+)\}", template):
        yield _nameless(template[: found.start()]), found[1]


def _is_far_fetched(identifier: str) -> bool:
    try:
        return int(identifier) >= 10**9
    except ValueError:
        return len(identifier) >= 8


def _nameless(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/")
