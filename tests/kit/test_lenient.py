"""What a lenient reader makes valid is no bad data; what it cannot, is."""

from typing import Any

import pytest

from conformance.scenarios.lenient import surely_invalid
from conformance.target.openapi import Document
from tests.kit.rare import DOCUMENT, NEW

GOOD = {"name": "a", "size": 1}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"size": "1"}, None),
        ({"size": 1.0}, None),
        ({"size": True}, None),
        ({"name": 5}, None),
        ({"colour": None}, None),
        ({"size": "1000"}, ("maximum", "size")),
        ({"size": "many"}, ("type", "size")),
        ({"size": []}, ("type", "size")),
        ({"colour": 3}, ("enum", "colour")),
        ({"other": 1}, ("additionalProperties", "an unknown field")),
    ],
)
def test_body(changed: dict[str, Any], found: tuple[str, str] | None) -> None:
    document = Document(DOCUMENT, "-", ())
    assert surely_invalid(document, NEW, {**GOOD, **changed}) == found


LINE: dict[str, Any] = {
    "type": "object",
    "required": ["sku", "state", "made"],
    "additionalProperties": False,
    "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": 4, "pattern": "^[a-z]+$"},
        "state": {"type": "string", "enum": ["open", "shut"], "default": "open"},
        "made": {"type": "string", "readOnly": True},
        "blank": {"type": "string", "minLength": 1},
        "count": {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string", "nullable": True}},
    },
}
ORDER = {"type": "object", "properties": {"lines": {"type": "array", "items": LINE}}, "required": ["lines"]}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"sku": "ab"}, None),
        ({"sku": " ab "}, None),
        ({"sku": "ab", "state": "Open"}, None),
        ({"sku": "ab", "blank": "\N{NEXT LINE}"}, None),
        ({"sku": "ab", "count": "5", "blank": " "}, None),
        ({"sku": "ab", "count": None, "tags": [None, 1, True]}, None),
        ({}, ("required", "lines/*/sku")),
        ({"sku": None}, ("required", "lines/*/sku")),
        ({"sku": "a1"}, ("pattern", "lines/*/sku")),
        ({"sku": "abcde"}, ("maxLength", "lines/*/sku")),
        ({"sku": "ab", "state": "ope"}, ("enum", "lines/*/state")),
        ({"sku": "ab", "count": "10"}, ("maximum", "lines/*/count")),
        ({"sku": "ab", "blank": ""}, ("minLength", "lines/*/blank")),
        ({"sku": "ab", "tags": [{}]}, ("type", "lines/*/tags/*")),
        ({"sku": "ab", "other": 1}, ("additionalProperties", "an unknown field of lines/*")),
    ],
)
def test_a_place_further_down(line: dict[str, Any], found: tuple[str, str] | None) -> None:
    document = Document(DOCUMENT, "-", ())
    assert surely_invalid(document, ORDER, {"lines": [line]}) == found
