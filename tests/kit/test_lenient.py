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
