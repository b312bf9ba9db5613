"""Totals, the page past the end, filters and sorting, each kept, broken and not judged."""

from typing import Any

import pytest

from conformance.model.queries import Sort, filters_of, sorts_of, total_of
from conformance.model.service import Service
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import NOTE, Story, collection, service

LIST = "GET /notes"
ROWS: list[dict[str, Any]] = [
    {"id": 1, "title": "cmiddle", "pinned": True},
    {"id": 2, "title": "cfirst", "pinned": False},
    {"id": 3, "title": "cnever", "pinned": False},
]


def page(rows: list[dict[str, Any]], total: int = 3) -> dict[str, Any]:
    return {"items": rows, "total": total}


def whole(*, total: int = 3, **facts: Any) -> Story:
    facts = {"key": "id", "asked": 100, "own": ["1", "2", "3"], **facts}
    return Story("queries", "queries /notes").then("whole", LIST, 200, page(ROWS, total), **facts)


def again(story: Story, rows: list[dict[str, Any]] | None = None) -> Story:
    shown = page(ROWS if rows is None else rows)
    return story.then("whole again", LIST, 200, shown, key="id", asked=100)


def small(story: Story, total: int) -> Story:
    return story.then("small", LIST, 200, page(ROWS[:1], total), key="id", asked=1)


def test_a_total_is_the_number_of_items() -> None:
    assert verdict("API024", again(small(whole(), 3)), service()).outcome == "passed"
    assert broken("API024", again(small(whole(total=8), 8)), service()) == [(LIST, "wrong on the whole list")]
    assert broken("API024", again(small(whole(), 1)), service()) == [(LIST, "changes with the page")]


def test_a_total_is_not_judged_of_a_list_that_cannot_be_counted() -> None:
    cut = again(whole(asked=3, total=9))
    changed = again(whole(total=9), ROWS[:2])
    assert verdict("API024", cut, service()).outcome == "not_applicable"
    assert verdict("API024", changed, service()).outcome == "not_applicable"


def test_a_count_of_the_page_is_no_total() -> None:
    story = Story("queries", "queries /notes")
    story.then("whole", LIST, 200, {"items": ROWS, "count": 3}, key="id", asked=100)
    story.then("small", LIST, 200, {"items": ROWS[:1], "count": 1}, key="id", asked=1)
    assert verdict("API024", again(story), service()).outcome == "not_applicable"


def test_totals_are_read_at_the_top_and_in_meta_only() -> None:
    assert total_of({"items": [], "meta": {"total": 3}}) == ("total", 3)
    assert total_of({"items": [], "prices": {"total": 3}}) is None
    assert total_of({"items": [], "total": True}) is None


@pytest.mark.parametrize(
    ("status", "rows", "cause"), [(200, ROWS[:2], "items past the end"), (404, [], "answers 404")]
)
def test_past_the_end_is_an_empty_page(status: int, rows: list[dict[str, Any]], cause: str) -> None:
    good = whole().then("past the end", LIST, 200, page([]), key="id")
    bad = whole().then("past the end", LIST, status, page(rows), key="id")
    assert verdict("API025", good, service()).outcome == "passed"
    assert broken("API025", bad, service()) == [(LIST, cause)]


def test_past_the_end_may_be_refused_as_declared() -> None:
    notes = collection(NOTE)
    notes["get"]["responses"]["404"] = {"description": "no such page"}
    declared = whole().then("past the end", LIST, 404, {}, key="id")
    bounded = whole().then("past the end", LIST, 422, {}, key="id")
    assert verdict("API025", declared, service(notes=notes)).outcome == "not_applicable"
    assert verdict("API025", bounded, service()).outcome == "not_applicable"


def filtered(field: str, value: Any, rows: list[dict[str, Any]], **facts: Any) -> Story:
    known = {
        "field": field,
        "value": value,
        "exact": isinstance(value, bool),
        "ids": ["1"],
        "asked": 100,
        "key": "id",
    }
    return whole(strange="9").then("filter", LIST, 200, page(rows, len(rows)), **known | facts)


def test_a_filter_leaves_what_has_the_value() -> None:
    assert verdict("API026", filtered("pinned", True, ROWS[:1]), service()).outcome == "passed"
    assert verdict("API026", filtered("title", "cmid", ROWS[:1]), service()).outcome == "passed"


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        (ROWS, "pinned: items with another value"),
        ([], "pinned: items with the value are missing"),
        ([ROWS[0], {"id": 9, "pinned": True}], "pinned: items that the list hides"),
    ],
)
def test_a_filter_that_does_not_filter(rows: list[dict[str, Any]], cause: str) -> None:
    assert broken("API026", filtered("pinned", True, rows), service()) == [(LIST, cause)]


def test_a_filter_is_not_judged_where_nothing_tells() -> None:
    refused = whole().then(
        "filter", LIST, 422, {}, field="pinned", value=True, exact=True, ids=["1"], key="id"
    )
    words_of_others = filtered("title", "cmiddle", ROWS, ids=[])
    assert verdict("API026", refused, service()).outcome == "not_applicable"
    assert verdict("API026", words_of_others, service()).outcome == "not_applicable"


SORT = {"field": "title", "direction": "asc", "declared": True, "query": {"sort": "title"}}
IN_ORDER = [ROWS[1], ROWS[0], ROWS[2]]


def sorted_as(rows: list[dict[str, Any]], *parts: list[dict[str, Any]], **sort: Any) -> Story:
    said = SORT | sort
    story = whole().then("sort", LIST, 200, page(rows, len(rows)), key="id", asked=100, sort=said)
    for part in parts:
        story.then("sort part", LIST, 200, page(part), key="id", asked=2, sort=said)
    return again(story)


def test_a_sorted_list_is_in_order() -> None:
    assert verdict("API027", sorted_as(IN_ORDER, IN_ORDER[:2], IN_ORDER[2:]), service()).outcome == "passed"
    descending = sorted_as(IN_ORDER[::-1], direction="either")
    assert verdict("API027", descending, service()).outcome == "passed"


@pytest.mark.parametrize(
    ("rows", "parts", "cause"),
    [
        (ROWS, (), "out of order"),
        (IN_ORDER, (ROWS[:2][::-1], ROWS[1:2]), "out of order over its pages"),
        (IN_ORDER[:2], (), "other items than without it"),
    ],
)
def test_a_sort_that_does_not_sort(rows: list[dict[str, Any]], parts: Any, cause: str) -> None:
    assert broken("API027", sorted_as(rows, *parts), service()) == [(LIST, f"/notes: {cause}")]


def test_a_sort_is_not_judged_where_nothing_tells() -> None:
    foreign = [{**row, "id": row["id"] + 10} for row in ROWS]
    assert verdict("API027", sorted_as(foreign), service()).outcome == "not_applicable"
    assert verdict("API027", sorted_as(ROWS, declared=False), service()).outcome == "not_applicable"


def test_a_free_sort_parameter_that_is_known_must_sort_over_pages() -> None:
    story = sorted_as(IN_ORDER, ROWS[:2][::-1], ROWS[1:2], declared=False)
    assert broken("API027", story, service()) == [(LIST, "/notes: out of order over its pages")]


def sorts(**queries: Any) -> list[tuple[str, str, dict[str, str]]]:
    return [(s.field, s.direction, dict(s.query)) for s in _sorts(service(notes=collection(NOTE, **queries)))]


def _sorts(of: Service) -> tuple[Sort, ...]:
    listing = of.operation(LIST)
    assert listing is not None
    return sorts_of(of.document, listing)


def test_the_ways_to_sort_are_read_from_the_document() -> None:
    assert sorts(sort={"enum": ["-title", "title", "newest"]}) == [
        ("title", "desc", {"sort": "-title"}),
        ("title", "asc", {"sort": "title"}),
    ]
    assert sorts(sortBy={"enum": ["stars"]}, order={"enum": ["asc", "desc"]}) == [
        ("stars", "asc", {"sortBy": "stars", "order": "asc"}),
        ("stars", "desc", {"sortBy": "stars", "order": "desc"}),
    ]
    assert sorts(ordering={"type": "string", "pattern": "^(title|stars)$"}) == [
        ("title", "either", {"ordering": "title"}),
        ("stars", "either", {"ordering": "stars"}),
    ]
    assert sorts(order_by={"enum": ["STARS_ASC", "STARS_DESC"]})[1] == (
        "stars",
        "desc",
        {"order_by": "STARS_DESC"},
    )
    assert sorts(q={"type": "string"}) == []


def test_a_filter_is_a_parameter_that_is_called_like_a_plain_field() -> None:
    queries = {"title": {"type": "string"}, "stars_min": {"type": "integer"}, "limit": {"type": "integer"}}
    of = service(
        notes=collection({**NOTE, "limit": {"type": "integer"}}, **queries, stars={"type": "string"})
    )
    listing = of.operation(LIST)
    assert listing is not None
    assert [(f.parameter, f.exact) for f in filters_of(of.document, listing)] == [("title", False)]
