"""A child through its own parent, through another, and after its parent is gone."""

from typing import Any

import pytest

from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import Story, service

LIST, READ = "GET /books/{book_id}/reviews", "GET /books/{book_id}/reviews/{review_id}"
PATCH, DELETE = "PATCH /books/{book_id}/reviews/{review_id}", "DELETE /books/{book_id}/reviews/{review_id}"
PARENT = "DELETE /books/{book_id}"
FACTS = {"id": "7", "key": "id", "resource": "/books/{book_id}/reviews"}
REVIEWS = "/books/{book_id}/reviews"
ITEM = f"{REVIEWS}/{{review_id}}"


def story() -> Story:
    begun = Story("families", f"families {REVIEWS}")
    begun.then("create", f"POST {REVIEWS}", 201, {"id": 7, "text": "fine"}, **FACTS, sent={"text": "fine"})
    return begun.then("own read", READ, 200, {"id": 7, "text": "fine"}, **FACTS)


def test_another_parent_has_not_the_child() -> None:
    good = story().then("other read", READ, 404, {}, **FACTS)
    good.then("other list", LIST, 200, {"items": [{"id": 8}]}, **FACTS)
    good.then("other PATCH", PATCH, 403, {}, **FACTS)
    good.then("own read after PATCH", READ, 200, {"id": 7, "text": "fine", "seen": 2}, **FACTS)
    good.then("other DELETE", DELETE, 404, {}, **FACTS)
    good.then("own read after DELETE", READ, 200, {"id": 7, "text": "fine"}, **FACTS)
    found = verdict("API028", good, service())
    assert (found.outcome, found.exercised) == ("passed", 4)


def test_another_parent_shows_the_child() -> None:
    shown = story().then("other read", READ, 200, {"id": 7, "text": "fine"}, **FACTS)
    in_list = story().then("other list", LIST, 200, {"items": [{"id": 7}]}, **FACTS)
    assert broken("API028", shown, service()) == [(READ, ITEM)]
    assert broken("API028", in_list, service()) == [(LIST, f"{REVIEWS} listed")]


@pytest.mark.parametrize(
    ("step", "operation", "status", "after", "text"),
    [
        ("PATCH", PATCH, 404, 200, "bad"),
        ("PATCH", PATCH, 200, 200, "fine"),
        ("DELETE", DELETE, 200, 404, None),
    ],
)
def test_a_child_is_changed_through_another_parent(
    step: str, operation: str, status: int, after: int, text: Any
) -> None:
    acted = story().then(f"other {step}", operation, status, {}, **FACTS)
    acted.then(f"own read after {step}", READ, after, {"id": 7, "text": text}, **FACTS)
    assert broken("API028", acted, service()) == [(operation, ITEM)]


def test_a_child_that_cannot_be_read_by_its_own_is_not_judged() -> None:
    unreadable = Story("families", f"families {REVIEWS}").then("own read", READ, 403, {}, **FACTS)
    unreadable.then("other read", READ, 200, {"id": 7}, **FACTS)
    assert verdict("API028", unreadable, service()).outcome == "vacuous"


def deleted(status: int, *, child: int, kept: int = 404) -> Story:
    gone = story().then("delete parent", PARENT, status, None, **FACTS)
    gone.then("parent after", "GET /books/{book_id}", kept, {"id": 1}, **FACTS)
    return gone.then("child after", READ, child, {"id": 7}, **FACTS)


def test_children_go_with_their_parent() -> None:
    assert verdict("API031", deleted(204, child=404), service()).outcome == "passed"
    assert verdict("API031", deleted(409, child=200, kept=200), service()).outcome == "passed"
    assert broken("API031", deleted(204, child=200), service()) == [(PARENT, f"{REVIEWS}: readable")]


def test_children_that_are_still_listed() -> None:
    listed = deleted(204, child=404).then("list after", LIST, 200, {"items": [{"id": 7}]}, **FACTS)
    assert broken("API031", listed, service()) == [(PARENT, f"{REVIEWS}: listed")]


def test_a_parent_that_is_only_marked_or_deleted_later_is_not_judged() -> None:
    assert verdict("API031", deleted(204, child=200, kept=200), service()).outcome == "not_applicable"
    assert verdict("API031", deleted(202, child=200), service()).outcome == "not_applicable"
