"""A service that keeps its word but for rare values and rare orders of requests, in memory."""

import json
from itertools import count
from typing import Any

from tests.kit.serving import Answer, Seen

LONG = 1200
"""Characters of the longest name that never makes it fail; the document sets no limit."""
TOO_LONG = 5000
"""Characters of a name from which on it is refused."""
NARROW = range(700, 760)
"""Sizes that make it fail, of a thousand that are allowed."""
FALLS_FROM = 7
"""The level, of ten, from which on it fails when the next one is 0; a new thing has level 0."""
COLOURS = ("red", "green", "blue")

NEW = {
    "type": "object",
    "required": ["name", "size"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer", "minimum": 0, "maximum": 999},
        "colour": {"enum": list(COLOURS), "type": "string"},
    },
}
CHANGED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"level": {"type": "integer", "minimum": 0, "maximum": 9}},
}
THING = {
    "type": "object",
    "required": ["id", "name", "size", "level"],
    "properties": {
        "id": {"type": "integer"},
        "level": {"type": "integer"},
        **NEW["properties"],  # type: ignore[dict-item] # mypy reads the literal as of mixed values
    },
}


def _says(schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": "-", **({"content": {"application/json": {"schema": schema}}} if schema else {})}


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


REFUSALS = {str(status): _says({"type": "object"}) for status in (400, 404, 405, 422)}
ID = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Rare", "version": "1"},
    "paths": {
        "/things": {
            "get": {"responses": {"200": _says({"type": "array", "items": THING}), **REFUSALS}},
            "post": {"requestBody": _takes(NEW), "responses": {"201": _says(THING), **REFUSALS}},
        },
        "/things/{thing_id}": {
            "parameters": [ID],
            "get": {"responses": {"200": _says(THING), **REFUSALS}},
            "patch": {"requestBody": _takes(CHANGED), "responses": {"200": _says(THING), **REFUSALS}},
        },
    },
}


class Rare:
    """The service; `faults` names what is wrong with it: `long`, `narrow`, `falling`, `colourless`."""

    def __init__(self, *faults: str) -> None:
        self._faults = faults
        self._things: dict[int, dict[str, Any]] = {}
        self._numbers = count(1)

    def __call__(self, seen: Seen) -> Answer:
        if seen.path == "/openapi.json":
            return Answer(200, DOCUMENT)
        kind, _, named = seen.path.strip("/").partition("/")
        if kind != "things":
            return Answer(404, {"error": "no such path"})
        if not named:
            return self._collection(seen)
        thing = self._things.get(int(named)) if named.isdigit() else None
        if thing is None:
            return Answer(404 if named.isdigit() else 422, {"error": "thing_id"})
        if seen.method == "GET":
            return Answer(200, thing)
        return self._change(thing, seen) if seen.method == "PATCH" else self._not_allowed("GET, PATCH")

    def _collection(self, seen: Seen) -> Answer:
        if seen.method == "GET":
            return Answer(200, list(self._things.values()))
        return self._create(seen) if seen.method == "POST" else self._not_allowed("GET, POST")

    def _create(self, seen: Seen) -> Answer:
        data = _read(seen)
        if data is None:
            return Answer(400, {"error": "no object"})
        size = _number(data.get("size"), 0, 999)
        if not isinstance(data.get("name"), str) or data.keys() - NEW["properties"].keys():  # type: ignore[attr-defined]
            return Answer(422, {"error": "name"})
        if size is None:
            return Answer(422, {"error": "size"})
        colour = data.get("colour", "red")
        if colour not in COLOURS and (isinstance(colour, str) or "colourless" not in self._faults):
            return Answer(422, {"error": "colour"})
        if len(data["name"]) >= TOO_LONG:
            return Answer(422, {"error": "name"})
        long, narrow = len(data["name"]) > LONG, size in NARROW
        if (long and "long" in self._faults) or (narrow and "narrow" in self._faults):
            return Answer(500, {"error": "oh"})
        number = next(self._numbers)
        thing = {
            "id": number,
            "level": 0,
            "colour": colour if colour in COLOURS else "red",
            "name": data["name"],
            "size": size,
        }
        self._things[number] = thing
        return Answer(201, thing)

    def _change(self, thing: dict[str, Any], seen: Seen) -> Answer:
        data = _read(seen)
        if data is None or data.keys() - {"level"}:
            return Answer(400, {"error": "level"})
        level = _number(data.get("level", thing["level"]), 0, 9)
        if level is None:
            return Answer(422, {"error": "level"})
        if "falling" in self._faults and thing["level"] >= FALLS_FROM and level == 0:
            return Answer(500, {"error": "oh"})
        thing["level"] = level
        return Answer(200, thing)

    @staticmethod
    def _not_allowed(allow: str) -> Answer:
        return Answer(405, {"error": "method"}, {"Allow": allow})


def _read(seen: Seen) -> dict[str, Any] | None:
    try:
        data = json.loads(seen.body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _number(value: Any, low: int, high: int) -> int | None:
    """Read as leniently as pydantic does by default: `"1"` and `1.0` are 1."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() and low <= number <= high else None
