"""Input that is odd, valid or not: it may be accepted or refused, and must not make a service fail."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation, Schema
from conformance.target.openapi import Document

HUGE = 10**25
"""More than 64 bits hold, and few enough digits for a pattern that counts them."""
DEEP = 20_000
ODD_TEXT = "\N{NULL}'\"%_\\;--"
NOT_UNICODE = b"\xff\xfe\xc3("
LARGE_FIELD = 20_000
MANY_FIELDS = 101
SERVER = ("oversized header", "many header fields", "malformed cookie", "oversized credentials")
"""Kinds that the HTTP server may refuse by itself, before the service sees them."""
UNREADABLE = ("lone surrogate", "not a number")
"""Kinds that stock readers of JSON let in and stock writers cannot give back: another rule has them."""


def bodies(document: Document, operation: Operation, valid: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Bodies and what is odd about them, each in all fields of the kind at once."""
    schema = operation.body.schema if operation.body else None
    shapes = {name: document.shape(prop) for name, prop in document.properties(schema).items()}
    odd = {
        "null character": {k: f"{v}\0" if isinstance(v, str) else v for k, v in valid.items()},
        "huge number": {k: HUGE if type(v) is int else v for k, v in valid.items()},
        "null": {k: None if k in shapes and _nullable(shapes[k]) else v for k, v in valid.items()},
    }
    for kind, body in odd.items():
        if body != valid:
            yield kind, json.dumps(body).encode()
    if operation.method == "PATCH":
        yield "empty object", b"{}"
    text = json.dumps(valid)
    yield "UTF-16", text.encode("utf-16")
    yield "byte order mark", b"\xef\xbb\xbf" + text.encode()
    yield "null bytes", b"\0" + text.encode() + b"\0"
    for name in list(valid)[:1]:
        # The same once more, so that whichever of the two counts is valid (RFC 8259 §4).
        yield "duplicate keys", f"{{{json.dumps(name)}: {json.dumps(valid[name])}, {text[1:]}".encode()
    yield "list for an object", b"[]"
    yield "deep nesting", b"[" * DEEP + b"]" * DEEP
    field = next((k for k, v in valid.items() if isinstance(v, str)), None)
    if field is not None:
        # Written by hand: json.dumps would refuse to.
        rest = json.dumps({k: v for k, v in valid.items() if k != field})[1:]
        comma = ", " if len(valid) > 1 else ""
        head = json.dumps(field)
        yield "lone surrogate", f'{{{head}: "\\ud800"{comma}{rest}'.encode()
        yield "not a number", f"{{{head}: NaN{comma}{rest}".encode()


def queries(document: Document, operation: Operation) -> Iterator[tuple[str, dict[str, str | bytes]]]:
    """Query strings and what is odd about them."""
    kinds = {p.name: _kinds(document, p.schema) for p in operation.query_parameters}
    for name, found in kinds.items():
        # One at a time: what refuses the first would hide the second.
        if "integer" in found:
            yield "huge number", {name: str(HUGE)}
        elif found == {"string"}:
            yield "odd text", {name: ODD_TEXT}
            yield "not Unicode", {name: NOT_UNICODE}


def paths(document: Document, operation: Operation) -> Iterator[tuple[str, dict[str, str]]]:
    """Path values and what is odd about them; of safe operations only, as they may name anything."""
    schemas = {p.name: p.schema for p in operation.path_parameters}
    if operation.safe and operation.path_names:
        huge = {n: str(HUGE) for n in operation.path_names if "integer" in _kinds(document, schemas.get(n))}
        if huge:
            yield "huge number", huge
        last = operation.path_names[-1]
        if _kinds(document, schemas.get(last)) == {"string"}:
            yield "null character in the path", {last: f"{operation.path_names[-1]}\0{DEEP}"}


def headers() -> Iterator[tuple[str, dict[str, str]]]:
    """Header fields that are too large, or too many, for some servers."""
    yield SERVER[0], {"x-large": "x" * LARGE_FIELD}
    yield SERVER[1], {f"x-field-{number}": "x" for number in range(MANY_FIELDS)}
    yield SERVER[2], {"cookie": '=;;=x; "; a="b'}
    yield SERVER[3], {"authorization": f"Bearer {'x' * LARGE_FIELD}"}


def _kinds(document: Document, schema: Schema | None) -> set[str]:
    shape = document.shape(schema)
    options = [document.shape(o) for o in shape.get("anyOf") or shape.get("oneOf") or [shape]]
    return {kind_of(o) for o in options if o.get("type") != "null"}


def _nullable(shape: Schema) -> bool:
    listed = shape["type"] if isinstance(shape.get("type"), list) else []
    options = [o.get("type") for o in shape.get("anyOf") or () if isinstance(o, dict)]
    return "null" in [*listed, *options] or shape.get("nullable") is True
