"""How bad input is refused: the field named, another media type refused (ERR010, ERR011)."""

from typing import Any

import pytest

from tests.kit.rule_records import Tape, broken, verdict

GET, POST = "GET /books", "POST /books"
SHAPES = [
    {"detail": [{"loc": ["body", "title"], "msg": "Field required"}]},
    {"title": ["This field may not be blank."]},
    {"errors": [{"pointer": "/title", "detail": "is too long"}]},
    {"error": {"code": "invalid", "fields": {"title": "is too long"}}},
    {"message": "Title must be a string."},
]


def refused(body: Any, *, status: int = 422, accepted: bool = True, field: str = "title") -> Tape:
    tape = Tape()
    if accepted:
        tape.add("lifecycle", "create", POST, 200, {"id": "1"}).add("lifecycle", "list", GET, 200, [])
    operation = GET if field.startswith("query ") else POST
    return tape.add(
        "errors", "invalid", operation, status, body, send={"title": {}}, fault="type", field=field
    )


@pytest.mark.parametrize("body", SHAPES, ids=["pydantic", "DRF", "pointer", "map", "words"])
def test_a_refusal_that_names_the_field_passes(body: Any) -> None:
    assert verdict("ERR010", refused(body)).outcome == "passed"


@pytest.mark.parametrize("body", [{"detail": "Invalid input"}, b"<h1>Bad Request</h1>", b""])
def test_a_refusal_that_names_none_fails(body: Any) -> None:
    assert broken("ERR010", refused(body)) == [(POST, "a 422 for the body names no field")]


def test_a_name_of_the_error_itself_is_no_field() -> None:
    """RFC 9457 §3.1.3: `title` is a problem's own, as the service's 404 shows."""
    problem = {"title": "Unprocessable", "status": 422}
    tape = refused(problem)
    assert verdict("ERR010", tape).outcome == "passed"
    tape.add("errors", "missing", POST, 404, {"title": "Not Found", "status": 404})
    assert broken("ERR010", tape) == [(POST, "a 422 for the body names no field")]


def test_a_field_in_another_spelling_is_named() -> None:
    tape = refused({"detail": "pageSize must be a number"}, field="query page_size")
    assert verdict("ERR010", tape).outcome == "passed"
    tape = refused({"detail": "must be a number"}, field="query page_size")
    assert broken("ERR010", tape) == [(GET, "a 422 for the query names no field")]


@pytest.mark.parametrize(
    "tape",
    [
        refused({"detail": "Invalid input"}, accepted=False),
        refused({"detail": "author is unknown"}),
        refused({"detail": "Invalid input"}, status=409),
        refused({"detail": "Invalid input"}, field="path book_id"),
        refused({"detail": "Invalid input"}, field="an unknown field"),
    ],
    ids=["never accepted", "another field", "409", "path", "unknown field"],
)
def test_a_refusal_that_may_have_another_reason_is_not_judged(tape: Tape) -> None:
    assert verdict("ERR010", tape).outcome == "not_applicable"


def sent(status: int, media: str = "text/plain") -> Tape:
    return Tape().add(
        "media types", "other media type", POST, status, {}, send=b"{}", fault="media type", field=media
    )


@pytest.mark.parametrize("status", [400, 415, 422])
def test_another_media_type_refused_passes(status: int) -> None:
    assert verdict("ERR011", sent(status)).outcome == "passed"


def test_another_media_type_accepted_fails() -> None:
    assert broken("ERR011", sent(201)) == [(POST, "text/plain accepted")]


@pytest.mark.parametrize("status", [401, 403, 409, 500])
def test_what_is_refused_for_another_reason_or_fails_is_not_judged(status: int) -> None:
    assert verdict("ERR011", sent(status)).outcome == "not_applicable"


def test_a_body_that_was_never_accepted_may_be_refused_for_another_field() -> None:
    tape = Tape().add("lifecycle", "update", POST, 200, {"id": "1"}, send={"author": "A"})
    tape.add("errors", "invalid", POST, 400, {"detail": "no"}, send={"title": {}, "page": 1}, field="title")
    assert verdict("ERR010", tape).outcome == "not_applicable"
    tape.add("lifecycle", "update", POST, 200, {"id": "1"}, send={"page": 2, "author": "B"})
    assert broken("ERR010", tape) == [(POST, "a 400 for the body names no field")]


def test_a_write_need_not_look_at_its_query() -> None:
    tape = Tape().add("lifecycle", "create", POST, 200, {"id": "1"})
    tape.add("errors", "invalid", POST, 400, {"detail": "no"}, field="query page")
    assert verdict("ERR010", tape).outcome == "not_applicable"
