"""Asks as a page of another origin would: by a GET and by a preflight (Fetch §3.3)."""

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.scenarios.semantics import declared_at
from conformance.scenarios.session import Session

NAME = "origins"
FOREIGN = "https://evil.example"


def run(session: Session) -> None:
    """Each path once as a request and once as a preflight; look-alikes of known origins once a service."""
    paths: dict[str, list[Operation]] = {}
    for operation in session.service.operations:
        paths.setdefault(operation.path, []).append(operation)
    answers = [answer for operations in paths.values() for answer in _path(session, operations)]
    asked = next((op for op in session.service.operations if op.method == "GET"), None)
    if asked is not None:
        for origin in dict.fromkeys(_look_alikes(session, answers)):
            _simple(session, asked, origin)


def _path(session: Session, operations: list[Operation]) -> Iterator[Exchange]:
    get = next((op for op in operations if op.method == "GET"), None)
    said = [_simple(session, get, FOREIGN)] if get else []
    said.append(_preflight(session, next((op for op in operations if not op.safe), operations[0])))
    yield from (answer for answer in said if answer is not None)


def _simple(session: Session, get: Operation, origin: str) -> Exchange | None:
    owner, path = session.service.owner, session.path_of(get)
    return session.transport.call(
        get,
        path=path if path is not None else session.missing(get),
        query=session.required(get, "query"),
        headers={**session.required(get, "header"), **owner.headers, "origin": origin},
        facts={"origin": origin},
        scenario=NAME,
        trace=f"{NAME} {get.path}",
        step="request",
        principal=owner.name,
    )


def _preflight(session: Session, operation: Operation) -> Exchange | None:
    """As a browser sends it: without credentials, whatever the request will carry."""
    path = session.path_of(operation)
    values = path if path is not None else session.missing(operation)
    return session.transport.call(
        operation,
        path=values,
        method="OPTIONS",
        headers={
            "origin": FOREIGN,
            "access-control-request-method": operation.method,
            "access-control-request-headers": "authorization,content-type",
        },
        facts={"origin": FOREIGN, "declared": declared_at(session, operation, values)},
        scenario=NAME,
        trace=f"{NAME} {operation.path}",
        step="preflight",
        principal="anonymous",
    )


def _look_alikes(session: Session, answers: list[Exchange]) -> Iterator[str]:
    """Origins that begin or end like one that the service may know, and `null`, which any page can have."""
    yield "null"
    known = ["http://localhost", session.transport.origin, *session.service.document.servers]
    known += [a.response.header("access-control-allow-origin") or "" for a in answers if a.response]
    for url in dict.fromkeys(known):
        with suppress(ValueError):  # what is no URL is like none
            parts = urlsplit(url)
            host = parts.hostname or ""
            if parts.scheme in ("http", "https") and host not in ("", "evil.example") and ":" not in host:
                yield f"{parts.scheme}://{host}.evil.example"
                if not host[-1].isdigit():
                    yield f"{parts.scheme}://evil{host}"
