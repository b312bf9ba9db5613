"""Errors are declared, and never inside a success (ERR012, ERR013), over records made by hand."""

from typing import Any

import pytest

from tests.kit.rule_records import Tape, broken, verdict

LIST, POST, ITEM, SIGN_UP = "GET /books", "POST /books", "GET /books/{book_id}", "POST /accounts"


def answered(operation: str, status: int, body: Any = None, *, method: str = "", **more: Any) -> Tape:
    return Tape().add("errors", "missing", operation, status, body, method=method, **more)


@pytest.mark.parametrize(("operation", "status"), [(ITEM, 404), (POST, 401)])
def test_a_declared_error_passes(operation: str, status: int) -> None:
    assert verdict("ERR012", answered(operation, status)).outcome == "passed"


def test_undeclared_errors_are_one_finding_a_service() -> None:
    tape = answered(ITEM, 401).add("errors", "missing", SIGN_UP, 409).add("errors", "missing", LIST, 401)
    assert {operation for operation, _cause in broken("ERR012", tape)} == {ITEM, LIST, SIGN_UP}
    assert len(verdict("ERR012", tape).findings) == 1


@pytest.mark.parametrize(
    "tape",
    [
        *(answered(LIST, status) for status in (400, 405, 406, 413, 415, 422, 429, 431, 500, 503)),
        answered(LIST, 404, method="PATCH"),
        answered(LIST, 404, field="path book_id"),
        answered(LIST, 403, origin="https://evil.example"),
        Tape().add("errors", "no such path", None, 404),
    ],
)
def test_errors_that_are_not_the_operations_own_are_not_judged(tape: Tape) -> None:
    assert verdict("ERR012", tape).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"error": "not found"}, "200 with `error`"),
        ({"error": {"code": "missing", "message": "no"}, "data": None}, "200 with `error`"),
        ({"success": False, "message": "no"}, "200 with `success: false`"),
        ({"status": 404, "detail": "no"}, "200 with `status: 404`"),
        ({"errors": ["title is missing"]}, "200 with `errors`"),
    ],
)
def test_an_error_in_a_success_fails(body: Any, cause: str) -> None:
    assert broken("ERR013", answered(ITEM, 200, body)) == [(ITEM, cause)]


def test_a_problem_in_a_success_fails() -> None:
    tape = answered(ITEM, 200, {"title": "no"}, answered={"content-type": "application/problem+json"})
    assert broken("ERR013", tape) == [(ITEM, "200 with application/problem+json")]


@pytest.mark.parametrize(
    "body",
    [
        {"id": "1", "title": "The Error"},
        {"id": "1", "error": "the last run failed"},
        {"error": None, "errors": [], "data": {"id": "1"}},
        {"data": None, "errors": []},
        {"error": 3, "message": 12},
        {"title": "no other field than a declared one"},
        {"message": "deleted"},
        {"detail": "signed out"},
        {"success": True, "message": "done"},
        {"ok": False},
        {"status": "error", "message": "the disk is full"},
        {"code": 0, "message": "ok"},
        [],
        None,
    ],
)
def test_a_success_that_speaks_of_errors_passes(body: Any) -> None:
    assert verdict("ERR013", answered(ITEM, 200, body)).outcome == "passed"


def test_a_list_of_errors_without_a_schema_may_be_the_answer() -> None:
    assert verdict("ERR013", answered(LIST, 200, {"errors": ["line 3"]})).outcome == "passed"
    assert broken("ERR013", answered(LIST, 200, {"error": "no"})) == [(LIST, "200 with `error`")]


def test_an_error_with_its_own_status_is_not_judged() -> None:
    assert verdict("ERR013", answered(ITEM, 404, {"error": "no"})).outcome == "vacuous"
