"""Names the state of an item that is to be changed, where a change must name it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conformance.model.operation import Operation
from conformance.model.versions import etag, version_in

if TYPE_CHECKING:
    from conformance.scenarios.session import Session

NO_TAG = '"none"'
FIRST = 1


def present(
    session: "Session",
    operation: Operation,
    path: Mapping[str, str] | None,
    headers: Mapping[str, str] | None = None,
    send: Any = None,
) -> tuple[dict[str, str], dict[str, Any]]:
    """What names the present state of the item that an operation changes: header fields, fields of the body.

    Both are empty where neither is asked for, or where the caller has its own. It is read as who made the
    item, so that a stranger is refused for being one.
    """
    lock = session.lock(operation)
    own = {name.lower() for name in headers or {}}
    if lock is None or (lock.tag and "if-match" in own) or (isinstance(send, dict) and lock.field in send):
        return {}, {}
    names = dict(path or {})
    makers = {made.chain: who for made, who in session.made}
    who = makers.get(tuple(names.values()), session.service.owner)
    said: dict[str, Any] = {"scenario": "provide", "trace": f"provide {operation.label}", "step": "state"}
    answer = session.ask(lock.read, who, path=names, **said)
    shown = answer.response if answer and answer.ok else None
    tag = {"if-match": etag(shown) or NO_TAG} if lock.tag else {}
    if lock.field is None:
        return tag, {}
    version = version_in(shown, lock.key, lock.field)
    return tag, {lock.field: FIRST if version is None else version}
