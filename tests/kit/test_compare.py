"""What counts as the same value in another notation, and what does not."""

from typing import Any

import pytest

from conformance.model.compare import different, same


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("PT1H", 3600.0),
        ("PT1H", 3600),
        ("PT1H", "PT60M"),
        ("P1DT30S", "1 day, 0:00:30"),
        ("PT1H", "1:00:00"),
        ({"within": "PT1H", "id": "a"}, {"within": 3600.0, "id": "b", "more": 1}),
        ([{"name": "x", "id": 1}], [{"name": "x", "id": 2}]),
        ("12.5", "12.50"),
        ("-12.", "-12.00"),
        ("12", "12.00"),
    ],
)
def test_the_same(sent: Any, found: Any) -> None:
    assert same(sent, found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("PT1H", 60),
        ("PT1H", "PT2H"),
        ("PT1H", "hour"),
        ("PT1H", None),
        ("PT1H", True),
        ("P", "P1"),
        ("Print", "print"),
        ("10:00:00", 36000),
        ("12.5", "12.05"),
        ("007", "7.0"),
        ("100", "1"),
        ("1.5.0", "1.5"),
        ({"id": "a"}, {"id": "b"}),
        ({"name": "x", "id": 1}, {"name": "y", "id": 1}),
        ({"name": "x", "owner": 1}, {"name": "x", "owner": 2}),
    ],
)
def test_not_the_same(sent: Any, found: Any) -> None:
    assert not same(sent, found)


def test_an_objects_own_key_is_compared() -> None:
    assert different({"id": 1, "name": "x"}, {"id": 2, "name": "x"}) == ["id"]
