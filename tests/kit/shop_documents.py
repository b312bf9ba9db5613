"""What the shop says of itself, in each version of OpenAPI."""

import copy
from typing import Any

ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["name", "amount", "price"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 50},
        "amount": {"type": "integer", "minimum": 0, "maximum": 1000},
        "price": {"type": "number", "minimum": 0, "maximum": 1000000},
    },
}
KEPT = {**ITEM, "required": ["id", *ITEM["required"]]}
KEPT["properties"] = {"id": {"type": "integer"}, **ITEM["properties"]}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}
SCHEMAS = {"NewItem": ITEM, "Item": KEPT, "Error": ERROR}
LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
OFFSET = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}


def document(version: str, base: str = "") -> dict[str, Any]:
    """The document in that version of OpenAPI; `base` is where the operations are. It is the caller's own."""
    return copy.deepcopy(_swagger(base) if version == "2.0" else _openapi(version, base))


def _content(schema: dict[str, Any] | str) -> dict[str, Any]:
    named = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    return {"content": {"application/json": {"schema": named}}}


def _answers(*refused: int, **accepted: dict[str, Any] | str | None) -> dict[str, Any]:
    """Responses by status; `_201="Item"` is a 201 with an item."""
    found = {
        name.lstrip("_"): {"description": "done", **(_content(schema) if schema else {})}
        for name, schema in accepted.items()
    }
    return found | {str(s): {"description": "refused", **_content("Error")} for s in refused}


def _openapi(version: str, base: str) -> dict[str, Any]:
    body = {"required": True, **_content("NewItem")}
    items: dict[str, Any] = {
        "get": {
            "parameters": [
                {"name": "limit", "in": "query", "schema": LIMIT},
                {"name": "offset", "in": "query", "schema": OFFSET},
            ],
            "responses": _answers(422, _200=LIST),
        },
        "post": {"requestBody": body, "responses": _answers(400, 422, _201="Item")},
    }
    item: dict[str, Any] = {
        "parameters": [{"name": "item_id", "in": "path", "required": True, "schema": NUMBER}],
        "get": {"responses": _answers(404, 422, _200="Item")},
        "put": {"requestBody": body, "responses": _answers(400, 404, 422, _200="Item")},
        "delete": {"responses": _answers(404, 422, _204=None)},
    }
    if version.startswith("3.2"):
        wanted = {"type": "object", "required": ["name"], "properties": {"name": ITEM["properties"]["name"]}}
        items["query"] = {
            "requestBody": {"required": True, **_content(wanted)},
            "responses": _answers(400, 422, _200=LIST),
        }
        item["additionalOperations"] = {"LOCK": {"responses": _answers(404, 422, _200="Item")}}
    return {
        "openapi": version,
        "info": {"title": "Shop", "version": "1"},
        **({"servers": [{"url": base}]} if base else {}),
        "paths": {"/items": items, "/items/{item_id}": item},
        "components": {"schemas": SCHEMAS},
    }


def _swagger(base: str) -> dict[str, Any]:
    """OpenAPI 2.0: bodies are parameters, schemas stand beside the description."""
    text = {"$ref": "#/definitions/NewItem"}
    body = {"name": "item", "in": "body", "required": True, "schema": text}
    item_id = {"name": "item_id", "in": "path", "required": True, **NUMBER}

    def answers(*refused: int, **accepted: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, schema in accepted.items():
            one = {"$ref": f"#/definitions/{schema}"}
            many = {"type": "array", "items": {"$ref": "#/definitions/Item"}}
            shown = {"schema": many if schema == "list" else one} if schema else {}
            found[name.lstrip("_")] = {"description": "done", **shown}
        error = {"description": "refused", "schema": {"$ref": "#/definitions/Error"}}
        return found | {str(status): error for status in refused}

    return {
        "swagger": "2.0",
        "info": {"title": "Shop", "version": "1"},
        "basePath": base or "/",
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/items": {
                "get": {
                    "parameters": [
                        {"name": "limit", "in": "query", **LIMIT},
                        {"name": "offset", "in": "query", **OFFSET},
                    ],
                    "responses": answers(422, _200="list"),
                },
                "post": {"parameters": [body], "responses": answers(400, 422, _201="Item")},
            },
            "/items/{item_id}": {
                "parameters": [item_id],
                "get": {"responses": answers(404, 422, _200="Item")},
                "put": {"parameters": [body], "responses": answers(400, 404, 422, _200="Item")},
                "delete": {"responses": answers(404, 422, _204=None)},
            },
        },
        "definitions": SCHEMAS,
    }
