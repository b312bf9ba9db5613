"""To whom objects belong, judged from records: what all users share another one may change."""

from typing import Any

import pytest

from conformance.model.service import Service
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import PATHS, Story, collection, item
from tests.kit.rule_stories import service as library

PATCH, TEXT, NUMBER = "PATCH /books/{book_id}", {"type": "string"}, {"type": "integer"}


def books(**fields: Any) -> Service:
    """The library, its books with more fields that clients fill."""
    fields = {"title": TEXT, **fields}
    return library(**{"books": collection(fields), "books/{book_id}": item(fields, "book_id")})


def changed(before: dict[str, Any], *owner: str) -> Story:
    """Another user has changed the title of a book; `owner` is what its owner is known by."""
    story = Story("access", "access /books (flags turned)")
    before = {"id": 1, "title": "a", **before}
    story.then("owner before", "GET /books/{book_id}", 200, before, owner=list(owner))
    story.then("owner before PATCH", "GET /books/{book_id}", 200, before)
    story.then("stranger PATCH", PATCH, 200, {**before, "title": "b"}, sent={"title": "b"})
    return story.then("owner after PATCH", "GET /books/{book_id}", 200, {**before, "title": "b"})


@pytest.mark.parametrize(
    "before", [{"owner_id": 7}, {"created_by": "x"}, {"text": "alice"}, {"owner": "alice"}]
)
def test_what_names_its_owner_is_not_anothers_to_change(before: dict[str, Any]) -> None:
    assert broken("SEC005", changed(before, "alice", "7"), books()) == [(PATCH, "changed")]


def test_a_field_that_clients_fill_with_the_owner_names_it() -> None:
    assert broken("SEC005", changed({"author": 7}, "7"), books(author=NUMBER)) == [(PATCH, "changed")]


@pytest.mark.parametrize("before", [{}, {"author": "Tolkien"}, {"title": "On owners"}])
def test_what_all_users_share_is_not_judged(before: dict[str, Any]) -> None:
    assert verdict("SEC005", changed(before, "alice", "7"), books(author=TEXT)).outcome == "not_applicable"


def test_a_reference_to_other_objects_names_no_owner() -> None:
    """An author of its own kind may have the number by which a user is known."""
    fields = {"title": TEXT, "author": NUMBER}
    service = library(
        **{
            "books": collection(fields),
            "books/{book_id}": item(fields, "book_id"),
            "authors": PATHS["/notes"],
            "authors/{author_id}": PATHS["/notes/{note_id}"],
        }
    )
    assert verdict("SEC005", changed({"author": 7}, "7"), service).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("operation", "field", "value", "outcome"),
    [
        ("POST /books", "id", 2, "not_applicable"),
        ("POST /books", "id", "b2", "failed"),
        ("POST /books", "owner_id", 2, "failed"),
        (PATCH, "id", 2, "failed"),
    ],
)
def test_the_number_of_a_new_object_may_be_the_next_one(
    operation: str, field: str, value: Any, outcome: str
) -> None:
    step = f"forge {operation.partition(' ')[0]} {field}"
    story = Story("creation", "creation /books")
    story.then(step, operation, 201, {"id": 2, "title": "a", field: value}, key="id", forged={field: value})
    assert verdict("SEC007", story, books()).outcome == outcome
