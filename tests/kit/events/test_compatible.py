"""Schemas beside those that were released."""

from typing import Any

import pytest

from conformance.events.compatible import unreadable

TEXT = {"type": "string"}
BASE: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "title": TEXT},
}


def changed(**properties: Any) -> dict[str, Any]:
    """The base with other properties."""
    return {**BASE, "properties": {**BASE["properties"], **properties}}


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (BASE, BASE),
        (BASE, changed(note=TEXT)),
        (changed(note=TEXT), BASE),
        (BASE, changed(id={"type": "number"})),
        (
            changed(title={"type": "string", "maxLength": 10}),
            changed(title={"type": "string", "maxLength": 20}),
        ),
        (changed(title=TEXT), changed(title={"anyOf": [TEXT, {"type": "null"}]})),
        (changed(title={"enum": ["a"]}), changed(title={"enum": ["a", "b"]})),
        (changed(title={"type": "string", "format": "date-time"}), BASE),
        ({"$ref": "#/$defs/Base-0", "$defs": {"Base-0": BASE}}, BASE),
    ],
)
def test_what_can_be_read(writer: dict[str, Any], reader: dict[str, Any]) -> None:
    assert unreadable(writer, reader) == []


@pytest.mark.parametrize(
    ("writer", "reader", "at"),
    [
        (BASE, {**BASE, "required": ["id", "title"]}, "/title"),
        (BASE, changed(id=TEXT), "/id"),
        (changed(id={"type": "number"}), BASE, "/id"),
        (changed(note=TEXT), {**BASE, "additionalProperties": False}, "/note"),
        (changed(title=TEXT), changed(title={"enum": ["a"]}), "/title"),
        (changed(title=TEXT), changed(title={"type": "string", "maxLength": 20}), "/title"),
        (changed(title={"anyOf": [TEXT, {"type": "null"}]}), changed(title=TEXT), "/title"),
        (changed(title=TEXT), changed(title={"type": "string", "format": "date-time"}), "/title"),
        (
            changed(tags={"type": "array", "items": TEXT}),
            changed(tags={"type": "array", "items": {"type": "integer"}}),
            "/tags/*",
        ),
        (BASE, {"$ref": "#/$defs/B-0", "$defs": {"B-0": {**BASE, "required": ["title"]}}}, "/title"),
    ],
)
def test_what_cannot(writer: dict[str, Any], reader: dict[str, Any], at: str) -> None:
    assert [where for where, _ in unreadable(writer, reader)] == [at]
