"""A library of books with reviews and private notes, and records of it told trace by trace."""

from dataclasses import replace
from typing import Any

from conformance.model.record import Exchange
from conformance.model.service import Principal, Service
from tests.kit.rule_records import ALICE, Tape
from tests.kit.rule_records import service as service_of

BOB = Principal("bob", {"authorization": "Bearer bobs-own-token-22"})
NUMBER = {"type": "integer", "minimum": 0, "maximum": 100_000}
NOTE = {
    "title": {"type": "string", "maxLength": 50},
    "pinned": {"type": "boolean"},
    "stars": {"type": "integer"},
}
REVIEW = {"text": {"type": "string"}}
ACCOUNT = {"name": {"type": "string"}, "password": {"type": "string"}}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return _object({"items": {"type": "array", "items": item}, "total": {"type": "integer"}})


def collection(fields: dict[str, Any], **queries: Any) -> dict[str, Any]:
    """A list with `limit`, `offset` and these query parameters, and a create."""
    kept = _object({"id": {"type": "integer"}, **fields})
    parameters = {"limit": {"type": "integer", "maximum": 100}, "offset": NUMBER, **queries}
    return {
        "get": {
            "parameters": [{"name": n, "in": "query", "schema": s} for n, s in parameters.items()],
            "responses": {"200": {"description": "ok", **_content(_page(kept))}},
            "security": [{"bearer": []}],
        },
        "post": {
            "requestBody": {"required": True, **_content(_object(fields))},
            "responses": {"201": {"description": "made", **_content(kept)}, "409": {"description": "taken"}},
            "security": [{"bearer": []}],
        },
    }


def item(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """Read, patch and delete, each with a 404."""
    kept = _object({"id": {"type": "integer"}, **fields})
    ok = {"200": {"description": "ok", **_content(kept)}, "404": {"description": "no"}}
    secured = {"responses": ok, "security": [{"bearer": []}]}
    return {
        "parameters": [
            {"name": n, "in": "path", "required": True, "schema": {"type": "integer"}} for n in names
        ],
        "get": secured,
        "patch": {"requestBody": _content(_object(fields)), **secured},
        "delete": secured,
    }


PATHS: dict[str, Any] = {
    "/notes": collection(
        NOTE,
        pinned={"type": "boolean"},
        title={"type": "string"},
        q={"type": "string"},
        sort={"type": "string", "enum": ["title", "-title"]},
    ),
    "/notes/{note_id}": item(NOTE, "note_id"),
    "/books": collection(REVIEW),
    "/books/{book_id}": item(REVIEW, "book_id"),
    "/books/{book_id}/reviews": {
        "parameters": item(REVIEW, "book_id")["parameters"],
        **collection(REVIEW),
    },
    "/books/{book_id}/reviews/{review_id}": item(REVIEW, "book_id", "review_id"),
    "/accounts": {
        "post": {
            "requestBody": _content(_object(ACCOUNT)),
            "responses": {"201": {"description": "made"}, "409": {"description": "taken"}},
        }
    },
    "/sessions": {
        "post": {
            "requestBody": _content(_object(ACCOUNT)),
            "responses": {"200": {"description": "in"}, "401": {"description": "no"}},
        }
    },
}


def service(**changed: Any) -> Service:
    """The library, with alice and bob; `changed` paths by name (`notes`)."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Library", "version": "1"},
        "paths": {**PATHS, **{f"/{name}": path for name, path in changed.items()}},
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
    return service_of(document, (ALICE, BOB))


class Story(Tape):
    """A tape of one trace."""

    def __init__(self, scenario: str, trace: str) -> None:
        super().__init__()
        self.scenario, self.trace = scenario, trace

    def then(
        self, step: str, operation: str, status: int, body: Any = None, *, path: str = "", **facts: Any
    ) -> "Story":
        """One more exchange; `path` is what the operation's path was filled to."""
        send = facts.get("sent")
        self.add(self.scenario, step, operation, status, body, send=send, **facts)
        last = self.record.exchanges[-1]
        url = last.request.url if not path else last.request.url.partition("8000")[0] + "8000" + path
        self.record.exchanges[-1] = replace(last, trace=self.trace, request=replace(last.request, url=url))
        return self

    def and_then(self, other: "Story") -> "Story":
        """The exchanges of another trace after these."""
        for exchange in other.record.exchanges:
            self.record.exchanges.append(_numbered(exchange, len(self.record) + 1))
        return self


def _numbered(exchange: Exchange, number: int) -> Exchange:
    return replace(exchange, number=number)
