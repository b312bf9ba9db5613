"""Provokes an error of every layer: router, parser, validation, domain."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation, Schema
from conformance.model.record import ANONYMOUS
from conformance.scenarios.session import Session

NAME = "errors"
PROBES = ("GET", "PATCH", "PUT", "POST")
"""Methods to try where they are not declared, the harmless one first; DELETE is never among them."""
LONGEST = 100_000
NUMBERS = ("integer", "number")


def run(session: Session) -> None:
    """The router's own errors once, the others on every operation that can make them."""
    _no_such_path(session)
    _wrong_methods(session)
    for operation in session.service.operations:
        trace = f"{NAME} {operation.label}"
        if operation.path_names:
            _missing(session, operation, trace)
        _bad_parameters(session, operation, trace)
        if operation.body and "json" in operation.body.media_type:
            _bad_bodies(session, operation, trace)


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


def _missing(session: Session, operation: Operation, trace: str) -> None:
    session.ask(
        operation,
        session.service.owner,
        path=session.missing(operation),
        send=session.body(operation),
        facts={"typed": _typed(session, operation)},
        scenario=NAME,
        trace=trace,
        step="missing",
    )


def _typed(session: Session, operation: Operation) -> bool:
    """Whether the last path value has a type or format, so that the made-up one is surely well-formed."""
    schemas = {p.name: p.schema for p in operation.path_parameters}
    shape = session.service.document.shape(schemas.get(operation.path_names[-1]))
    return kind_of(shape) in NUMBERS or shape.get("format") == "uuid"


def _bad_parameters(session: Session, operation: Operation, trace: str) -> None:
    """A word where a number belongs, in the path and in the query."""
    owner = session.service.owner
    base = session.path_of(operation) if operation.safe else session.missing(operation)
    for parameter in operation.parameters:
        shape = session.service.document.shape(parameter.schema)
        options = [
            session.service.document.shape(o) for o in shape.get("anyOf") or shape.get("oneOf") or [shape]
        ]
        kinds = {kind_of(o) for o in options if o.get("type") != "null"}
        if parameter.location not in ("path", "query") or not kinds or not kinds <= set(NUMBERS):
            continue
        word = "not-a-number"
        path, query = dict(base or {}), {}
        if parameter.location == "path":
            session.transport.objects.invent(word)
            path = session.missing(operation) | {parameter.name: word}
        elif base is None:
            continue
        else:
            query = {parameter.name: word}
        session.ask(
            operation,
            owner,
            path=path,
            query=query,
            send=session.body(operation),
            facts={"fault": "type", "field": f"{parameter.location} {parameter.name}"},
            scenario=NAME,
            trace=trace,
            step="invalid",
        )


def _bad_bodies(session: Session, operation: Operation, trace: str) -> None:
    path = session.path_of(operation)
    if path is None or operation.body is None:
        return
    owner = session.service.owner
    headers = {
        **session.required(operation, "header"),
        **owner.headers,
        "content-type": operation.body.media_type,
    }

    def post(step: str, body: bytes, **facts: object) -> None:
        session.transport.call(
            operation,
            path=path,
            query=session.required(operation, "query"),
            headers=headers,
            body=body,
            facts=facts,
            scenario=NAME,
            trace=trace,
            step=step,
            principal=owner.name,
        )

    post("malformed", b'{"broken": ')
    shape = session.service.document.shape(operation.body.schema)
    valid = session.body(operation)
    if not isinstance(valid, dict):
        return
    if operation.body.required and shape.get("required"):
        post("invalid", b"{}", fault="required", field=str(shape["required"][0]))
    for fault, name, body in broken_bodies(session, shape, valid):
        post("invalid", json.dumps(body).encode(), fault=fault, field=name)
    hostile = {k: f"{v}\0" if isinstance(v, str) else v for k, v in valid.items()}
    if hostile != valid:
        post("hostile", json.dumps(hostile).encode(), fault="null character")
    huge = {k: 10**30 if type(v) is int else v for k, v in valid.items()}
    if huge != valid:
        post("hostile", json.dumps(huge).encode(), fault="huge number")


def broken_bodies(
    session: Session, shape: Schema, valid: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Bodies that break one keyword of the schema each: the keyword, the field, the body."""
    document = session.service.document
    for name in shape.get("required", ()):
        if name in valid:
            yield "required", name, {key: value for key, value in valid.items() if key != name}
    for name, schema in document.properties(shape).items():
        prop = document.shape(schema)
        if prop.get("readOnly"):
            continue
        for fault, value in wrong_values(prop, session.sampler.word()):
            yield fault, name, {**valid, name: value}
    if shape.get("additionalProperties") is False:
        yield "additionalProperties", "an unknown field", {**valid, session.sampler.word(): 1}


def wrong_values(prop: Schema, word: str) -> Iterator[tuple[str, Any]]:
    """Values that one keyword of a property forbids, however leniently types are read."""
    options = prop.get("anyOf") or prop.get("oneOf")
    if options:
        real = [o for o in options if isinstance(o, dict) and o.get("type") != "null"]
        if len(real) != 1 or "$ref" in real[0]:
            return
        prop = {**{k: v for k, v in prop.items() if k not in ("anyOf", "oneOf")}, **real[0]}
    if isinstance(prop.get("type"), list) and len([t for t in prop["type"] if t != "null"]) != 1:
        return
    if "type" not in prop and "enum" not in prop:
        return
    if prop.get("enum"):
        yield "enum", word if isinstance(prop["enum"][0], str) else {}
        return
    match kind_of(prop):
        case "string":
            yield "type", {}
            if isinstance(prop.get("maxLength"), int) and prop["maxLength"] < LONGEST:
                yield "maxLength", "x" * (prop["maxLength"] + 1)
            if isinstance(prop.get("minLength"), int) and prop["minLength"] > 0:
                yield "minLength", "x" * (prop["minLength"] - 1)
        case "integer" | "number" as kind:
            yield "type", word
            if kind == "integer" and prop.get("multipleOf") is None:
                yield "integer", 1.5
            if isinstance(prop.get("minimum"), int | float):
                yield "minimum", prop["minimum"] - 1
            if isinstance(prop.get("maximum"), int | float):
                yield "maximum", prop["maximum"] + 1
        case "boolean":
            yield "type", word
        case "array" | "object":
            yield "type", word
