"""Totals, pages and cursors that count what is hidden (SEC022), over records made by hand."""

from typing import Any

import pytest

from conformance.model.paging import counted
from conformance.model.record import Response
from conformance.model.service import Principal
from tests.kit.rule_records import ALICE, Tape, broken, service, verdict

GET, ITEM = "GET /books", "GET /books/{book_id}"
TWO = service(principals=(ALICE, Principal("bob", {"authorization": "Bearer bobs-own-token-123"})))


def tape(
    *bodies: Any, header: tuple[str, list[str]] = ("", []), read: int = 404, asked: int | None = 100
) -> Tape:
    """What a stranger was answered in the three rounds, `read` being what they got for what was added."""
    made = Tape()
    for number, (step, body) in enumerate(zip(("before", "after one", "after two"), bodies, strict=True)):
        if number:
            made.add("totals", "stranger read", ITEM, read, {})
        name, values = header
        answered = {name: values[number]} if name else {}
        made.add("totals", f"whole {step}", GET, 200, body, answered=answered, key="id", asked=asked)
    for one in made.record.exchanges:
        object.__setattr__(one, "trace", "totals /books")
    return made


def page(total: int, items: int = 0, **more: Any) -> dict[str, Any]:
    return {"items": [{"id": str(n)} for n in range(items)], "total": total, **more}


def test_a_total_that_grows_unseen_fails() -> None:
    assert broken("SEC022", tape(page(0), page(1), page(2)), TWO) == [(GET, "total counts what is hidden")]
    assert broken("SEC022", tape(page(7, 2), page(8, 2), page(9, 2)), TWO)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("X-Total-Count", ["3", "4", "5"]),
        ("Content-Range", ["items 0-9/3", "items 0-9/4", "items 0-9/5"]),
        ("Total-Records", ["3", "4", "5"]),
    ],
)
def test_a_header_that_grows_unseen_fails(name: str, values: list[str]) -> None:
    assert broken("SEC022", tape([], [], [], header=(name, values)), TWO) == [
        (GET, f"{name} counts what is hidden")
    ]


def test_a_sign_that_more_follows_fails_where_it_appears() -> None:
    grown = tape(page(0, has_more=False), page(0, has_more=True), page(0, has_more=True))
    assert broken("SEC022", grown, TWO) == [(GET, "has_more counts what is hidden")]


@pytest.mark.parametrize(
    "made",
    [
        tape(page(0), page(0), page(0)),
        tape(page(3), page(4), page(4)),  # another cause than the two creates
        tape([], [], [], header=("X-Total-Count", ["0", "0", "0"])),
    ],
)
def test_what_stands_still_passes(made: Tape) -> None:
    assert verdict("SEC022", made, TWO).outcome == "passed"


@pytest.mark.parametrize(
    "made",
    [
        tape(page(0), page(1, 1), page(2, 2)),  # shown
        tape(page(0), page(1), page(2), read=200),  # readable, and listed elsewhere
        tape(page(5, 2), page(6, 2), page(7, 2), asked=2),  # a full page: what else is there is not seen
        tape([], [], [], header=("X-RateLimit-Count-Left", ["1", "2", "3"])),
    ],
)
def test_what_is_not_sure_is_not_judged(made: Tape) -> None:
    assert verdict("SEC022", made, TWO).outcome == "not_applicable"


def test_numbers_and_signs_are_read_wherever_they_stand() -> None:
    fields = (("X-Total-Count", "9"), ("Link", '</x?page=2>; rel="next"'), ("Content-Range", "books 0-1/30"))
    body = b'{"data": [], "meta": {"total_pages": 3, "next_cursor": null, "size": 5}, "count": true}'
    assert counted(Response(200, fields, body)) == {
        "total_pages": 3,
        "next_cursor": False,
        "X-Total-Count": 9,
        "Content-Range": 30,
        "Link": True,
    }
