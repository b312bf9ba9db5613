"""Asks what methods mean: HEAD beside GET, OPTIONS, and the methods that an Allow field names."""

import re
from collections.abc import Mapping

from conformance.model.fields import SAME_IN_HEAD, names
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.scenarios.session import Session

NAME = "semantics"
TRIED = ("PATCH", "PUT", "POST")
"""Methods that may be tried where Allow names them and the document does not; DELETE is never among them."""


def run(session: Session) -> None:
    """GET and HEAD of each operation that reads; OPTIONS of each path."""
    for path, operations in by_path(session).items():
        get = operations.get("GET")
        if get is not None and get.label in session.service.selected:
            _head(session, get)
        first = next((op for op in operations.values() if op.label in session.service.selected), None)
        if first is not None:
            _options(session, path, first)


def by_path(session: Session) -> dict[str, dict[str, Operation]]:
    """The operations of each path by their method, judged or not."""
    found: dict[str, dict[str, Operation]] = {}
    for operation in session.service.document.operations:
        found.setdefault(operation.path, {})[operation.method] = operation
    return found


def _head(session: Session, get: Operation) -> None:
    """Where HEAD differs, GET is asked again: what it shows may have changed by itself."""
    path = session.path_of(get)
    if path is None:
        return
    trace = f"{NAME} {get.label}"
    first = _send(session, get, "GET", path=path, trace=trace, step="get")
    if first is None or not first.ok:
        return
    head = _send(session, get, "HEAD", path=path, trace=trace, step="head")
    if head is not None and not _alike(first, head):
        _send(session, get, "GET", path=path, trace=trace, step="get again")


def _alike(get: Exchange, head: Exchange) -> bool:
    if get.response is None or head.response is None or get.status != head.status:
        return False
    fields = [(get.response.header(name), head.response.header(name)) for name in SAME_IN_HEAD]
    return all(there == here for there, here in fields if here is not None)


def declared_at(session: Session, operation: Operation, values: Mapping[str, str]) -> list[str]:
    """The methods that the document declares where a request goes: `/things/top` is a `/things/{id}` too."""
    path = operation.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return sorted(
        other.method
        for other in session.service.document.operations
        if re.fullmatch(re.sub(r"\\\{[^{}]*\\\}", "[^/]+", re.escape(other.path)), path)
    )


def _options(session: Session, path: str, first: Operation) -> None:
    trace = f"{NAME} {path}"
    real = session.path_of(first)
    values = real if real is not None else session.missing(first)
    declared = declared_at(session, first, values)
    facts = {"declared": declared, "path": path}
    answer = _send(session, first, "OPTIONS", path=values, trace=trace, step="options", facts=facts)
    if answer is None or not answer.ok:
        return
    listed = names(answer.response, "allow")
    method = next((m for m in TRIED if m in listed and m not in declared), None)
    if method is not None:
        nothing = session.missing(first)
        _send(session, first, method, path=nothing, trace=trace, step="allowed", facts=facts)


def _send(
    session: Session,
    operation: Operation,
    method: str,
    *,
    path: Mapping[str, str],
    trace: str,
    step: str,
    facts: Mapping[str, object] | None = None,
) -> Exchange | None:
    owner = session.service.owner
    return session.transport.call(
        operation,
        path=path,
        method=method,
        query=session.required(operation, "query"),
        headers={**session.required(operation, "header"), **owner.headers},
        facts=facts,
        scenario=NAME,
        trace=trace,
        step=step,
        principal=owner.name,
    )
