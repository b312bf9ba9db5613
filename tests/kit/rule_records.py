"""Hand-made records for the tests of rules: one document, and exchanges as scenarios leave them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.judge.runner import Verdict, judge
from conformance.model.record import Exchange, Record, Request, Response
from conformance.model.resources import find_resources
from conformance.model.service import Principal, Service
from conformance.rules import catalogue
from conformance.target.openapi import parse

BASE = "http://127.0.0.1:8000"
ALICE = Principal("alice", {"authorization": "Bearer alices-own-token-1"})


def content(*fields: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """A JSON content whose schema is an object of text fields."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {"application/json": {"schema": {**schema, "required": list(required)} if required else schema}}


def answers(*fields: str, errors: tuple[str, ...] = ()) -> dict[str, Any]:
    """Responses: a 200 with these fields (none: without a schema), and these errors."""
    success = {"description": "ok", **({"content": content(*fields)} if fields else {})}
    return {"200": success, **{status: {"description": "no"} for status in errors}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shelf", "version": "1"},
    "paths": {
        "/books": {
            "get": {
                "responses": answers(),
                "parameters": [{"name": "page_size", "in": "query", "schema": {"type": "integer"}}],
            },
            "post": {
                "requestBody": {"required": True, "content": content("title", "author")},
                "responses": answers("id", "title", "author", errors=("401",)),
                "security": [{"bearer": []}],
            },
        },
        "/books/{book_id}": {
            "parameters": [{"name": "book_id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "responses": answers("id", "title", "author", errors=("404",)),
                "security": [{"bearer": []}],
            },
        },
        "/accounts": {
            "post": {
                "requestBody": {"required": True, "content": content("name", "password")},
                "responses": answers("id", "name"),
            }
        },
        "/connections": {
            "post": {
                "requestBody": {"required": True, "content": content("host", "password")},
                "responses": answers("id", "host", "password"),
                "security": [{"bearer": []}],
            }
        },
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


@dataclass
class Tape:
    """A record in the making: each `add` appends an exchange, as the owner's unless told otherwise."""

    record: Record = field(default_factory=Record)

    def add(
        self,
        scenario: str,
        step: str,
        operation: str | None,
        status: int,
        body: Any = None,
        *,
        method: str = "",
        send: Any = None,
        answered: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> "Tape":
        """Bodies are JSON unless they are bytes; a trace is an operation's."""
        named, _, path = (operation or "GET /nowhere").partition(" ")
        media = {} if isinstance(body, bytes) or body is None else {"content-type": "application/json"}
        self.record.exchanges.append(
            Exchange(
                number=len(self.record) + 1,
                scenario=scenario,
                trace=f"{scenario} {operation}",
                step=step,
                operation=operation,
                principal=ALICE.name,
                request=Request(
                    method or named, BASE + path, tuple((headers or ALICE.headers).items()), _bytes(send)
                ),
                response=Response(status, tuple({**media, **(answered or {})}.items()), _bytes(body)),
                facts=facts,
            )
        )
        return self


def _bytes(data: Any) -> bytes:
    if data is None or isinstance(data, bytes):
        return data or b""
    return json.dumps(data).encode()


def service(document: Mapping[str, Any] = DOCUMENT, principals: tuple[Principal, ...] = (ALICE,)) -> Service:
    """The service of a document, all of it judged, with alice unless others are given."""
    parsed = parse(json.dumps(document), f"{BASE}/openapi.json")
    selected = frozenset(operation.label for operation in parsed.operations)
    sign_up = next((op for op in parsed.operations if op.label == "POST /accounts"), None)
    return Service(parsed, find_resources(parsed), list(principals), accounts=sign_up, selected=selected)


def verdict(rule: str, tape: Tape, of: Service | None = None) -> Verdict:
    """What becomes of one rule over a tape."""
    of = of or service()
    (found,) = judge([catalogue.rules[rule]], tape.record, of, read_only=False, selected=set(of.selected))
    return found


def broken(rule: str, tape: Tape, of: Service | None = None) -> list[tuple[str, str]]:
    """The operation and the cause of each observation that breaks the rule; the verdict is `failed`."""
    found = verdict(rule, tape, of)
    assert found.outcome == "failed"
    return [(o.operation, o.cause) for group in found.findings for o in group.observations]
