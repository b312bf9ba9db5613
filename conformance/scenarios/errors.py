"""Provokes an error of every layer: router, parser, validation, domain."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS
from conformance.model.service import Principal
from conformance.scenarios import faulty, hostile
from conformance.scenarios.session import Session
from conformance.scenarios.state import present

NAME = "errors"
PROBES = ("GET", "PATCH", "PUT", "POST")
"""Methods to try where they are not declared, the harmless one first; DELETE is never among them."""
LARGE = 3_000_000
MALFORMED = (b'{"broken": ', b"neither JSON nor anything")


def run(session: Session) -> None:
    """The router's own errors once, the others on every operation that can make them."""
    _no_such_path(session)
    _wrong_methods(session)
    _too_large(session)
    _headers(session)
    for operation in session.service.operations:
        if operation.path_names:
            _missing(session, operation)
        _parameters(session, operation)
        if operation.body and "json" in operation.body.media_type:
            _bodies(session, operation)


def _no_such_path(session: Session) -> None:
    session.transport.send(
        "GET",
        "/" + session.sampler.word(),
        scenario=NAME,
        trace=NAME,
        step="no such path",
        principal=ANONYMOUS,
    )


def _wrong_methods(session: Session) -> None:
    declared: dict[str, dict[str, Operation]] = {}
    for operation in session.service.document.operations:
        declared.setdefault(operation.path, {})[operation.method] = operation
    for path, methods in declared.items():
        first = methods[min(methods)]
        method = next((m for m in PROBES if m not in methods), None)
        if method is None or not any(op.label in session.service.selected for op in methods.values()):
            continue
        session.transport.call(
            first,
            path=session.missing(first),
            method=method,
            headers=session.service.owner.headers,
            facts={"declared": sorted(methods)},
            scenario=NAME,
            trace=f"{NAME} {path}",
            step="wrong method",
            principal=session.service.owner.name,
        )


def _too_large(session: Session) -> None:
    """A body larger than a service should read, once."""
    for operation in session.service.operations:
        takes = operation.body is not None and "json" in operation.body.media_type
        made = session.body(operation) if takes and not operation.path_names else None
        body: dict[str, Any] = made if isinstance(made, dict) else {}
        text = next((name for name, value in body.items() if isinstance(value, str)), None)
        if text is not None:
            session.ask(
                operation,
                session.service.owner,
                send={**body, text: "x" * LARGE},
                scenario=NAME,
                trace=f"{NAME} {operation.label}",
                step="too large",
            )
            return


def _headers(session: Session) -> None:
    """Odd header fields to one read, as they are read in one place; one that needs credentials, if any."""
    reads = [op for op in session.service.operations if op.method == "GET"]
    reads.sort(key=lambda op: (len(op.path_names), not op.protected))
    path = session.path_of(reads[0]) if reads else None
    for kind, fields in hostile.headers() if path is not None else ():
        session.ask(
            reads[0],
            _without(session.service.owner, fields),
            path=path,
            headers=fields,
            facts={"fault": kind},
            scenario=NAME,
            trace=f"{NAME} {reads[0].label}",
            step="hostile",
        )


def _without(principal: Principal, fields: Mapping[str, str]) -> Principal:
    """The same principal, less the header fields that are about to be sent in another case, maybe."""
    kept = {name: value for name, value in principal.headers.items() if name.lower() not in fields}
    return replace(principal, headers=kept)


def _missing(session: Session, operation: Operation) -> None:
    session.ask(
        operation,
        session.service.owner,
        path=session.missing(operation),
        send=session.body(operation),
        facts={"typed": _typed(session, operation)},
        scenario=NAME,
        trace=f"{NAME} {operation.label}",
        step="missing",
    )


def _typed(session: Session, operation: Operation) -> bool:
    """Whether the last path value has a type or format, so that the made-up one is surely well-formed."""
    schemas = {p.name: p.schema for p in operation.path_parameters}
    shape = session.service.document.shape(schemas.get(operation.path_names[-1]))
    return kind_of(shape) in faulty.NUMBERS or shape.get("format") == "uuid"


def _parameters(session: Session, operation: Operation) -> None:
    """One wrong value at a time, then odd ones; a write names nothing, so that it changes nothing."""
    document = session.service.document
    real = session.path_of(operation) if operation.safe else session.missing(operation)

    def ask(step: str, path: dict[str, str], query: Mapping[str, Any], **facts: str) -> None:
        session.ask(
            operation,
            session.service.owner,
            path=path,
            query=query,
            send=session.body(operation),
            facts=facts,
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step=step,
        )

    for parameter, keyword, text in faulty.parameters(document, operation):
        field = f"{parameter.location} {parameter.name}"
        if parameter.location == "path":
            session.transport.objects.invent(text)
            ask(
                "invalid", session.missing(operation) | {parameter.name: text}, {}, fault=keyword, field=field
            )
        elif real is not None:
            ask("invalid", real, {parameter.name: text}, fault=keyword, field=field)
    if not operation.safe:
        return
    for kind, query in hostile.queries(document, operation) if real is not None else ():
        ask("hostile", real or {}, query, fault=kind)
    for kind, path in hostile.paths(document, operation):
        ask("hostile", session.missing(operation) | path, {}, fault=kind)


def _bodies(session: Session, operation: Operation) -> None:
    # What is odd and yet accepted changes the object; accounts change only for themselves.
    accounts = session.service.account_resource
    theirs = accounts is not None and operation.path.startswith(f"{accounts.name}/")
    path = session.path_of(operation, fresh=not theirs)
    if path is None or operation.body is None:
        return
    owner, body = session.service.owner, operation.body
    tag, version = present(session, operation, path)
    headers = {
        **session.required(operation, "header"),
        **owner.headers,
        **tag,
        "content-type": body.media_type,
    }

    def post(step: str, data: bytes, **facts: Any) -> None:
        session.transport.call(
            operation,
            path=path,
            query=session.required(operation, "query"),
            headers=headers,
            body=data,
            facts=facts,
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step=step,
            principal=owner.name,
        )

    shape, valid = session.service.document.shape(body.schema), session.body(operation)
    for data in MALFORMED:
        post("malformed", data)
    if not isinstance(valid, dict):
        return
    valid = {**version, **valid}
    text = json.dumps(valid).encode()
    for data in (text[:-1], text + b"}"):
        post("malformed", data)
    if any(isinstance(value, str) for value in valid.values()):
        post("malformed", _not_utf8(valid))
    if body.required and shape.get("required"):
        post("invalid", b"{}", fault="required", field=str(shape["required"][0]))
    for fault, name, broken in faulty.bodies(session.service.document, shape, valid, session.sampler.word()):
        post("invalid", json.dumps(broken).encode(), fault=fault, field=name)
    for kind, odd in hostile.bodies(session.service.document, operation, valid):
        post("hostile", odd, fault=kind)


def _not_utf8(valid: dict[str, Any]) -> bytes:
    """A body with a byte in one of its texts that UTF-8 does not have (RFC 8259 §8.1)."""
    mark = "\N{SOFT HYPHEN}"
    name = next(k for k, v in valid.items() if isinstance(v, str))
    marked = json.dumps({**valid, name: f"{valid[name]}{mark}"}, ensure_ascii=False)
    return marked.encode("latin-1", "replace")
