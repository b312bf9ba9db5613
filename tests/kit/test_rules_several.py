"""Of several items at once one may be refused by a success that says so: that is no acceptance (ERR002)."""

from typing import Any

import pytest

from tests.kit.rule_records import Tape, verdict

POST = "POST /books"


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (207, {"results": [{"status": 422}, {"status": 201}]}, "passed"),
        (200, {"results": [{"status": 422}, {"status": 201}]}, "passed"),
        (200, [{"success": False}, {"success": True}], "passed"),
        (200, {"results": [{"status": 201}, {"status": 201}]}, "failed"),
        (201, [{"id": 1}, {"id": 2}], "failed"),
    ],
)
def test_an_item_that_is_refused(status: int, answer: Any, outcome: str) -> None:
    tape = Tape().add(
        "errors",
        "invalid",
        POST,
        status,
        answer,
        send=[{"title": {}}, {"title": "a"}],
        fault="type",
        field="*/title",
    )
    assert verdict("ERR002", tape).outcome == outcome
