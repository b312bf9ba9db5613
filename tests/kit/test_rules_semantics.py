"""HEAD, OPTIONS and Allow (API022, API023, API039), over records made by hand."""

import copy

import pytest

from tests.kit.rule_records import DOCUMENT, Tape, broken, service, verdict

GET, POST = "GET /books", "POST /books"


def head(status: int, *, again: int | None = None, get: str = "12", said: str = "12") -> Tape:
    """GET with 200, HEAD, and GET again where a status is given for it."""
    tape = Tape().add("semantics", "get", GET, 200, [], answered={"content-length": get})
    tape.add("semantics", "head", GET, status, method="HEAD", answered={"content-length": said})
    if again is not None:
        tape.add("semantics", "get again", GET, again, [], answered={"content-length": get})
    return tape


def options(status: int, allow: str | None, tape: Tape | None = None) -> Tape:
    answered = {"allow": allow} if allow is not None else {}
    return (tape or Tape()).add(
        "semantics",
        "options",
        GET,
        status,
        method="OPTIONS",
        answered=answered,
        declared=["GET", "POST"],
        path="/books",
    )


def test_head_like_get_passes() -> None:
    assert verdict("API022", head(200)).outcome == "passed"


def test_head_with_another_status_fails() -> None:
    assert broken("API022", head(404, again=200)) == [(GET, "status 404")]


def test_head_with_another_length_fails() -> None:
    assert broken("API022", head(200, again=200, said="0")) == [(GET, "content-length")]


@pytest.mark.parametrize(
    "tape",
    [
        head(405, again=200),
        head(501, again=200),
        head(429, again=200),
        head(404, again=404),
        head(404),
        options(405, "GET, HEAD", head(405, again=200)),
        Tape().add("semantics", "get", GET, 200, []),
    ],
    ids=["405", "501", "429", "GET changed too", "not asked again", "a partial Allow", "HEAD unanswered"],
)
def test_head_that_promises_nothing_is_not_judged(tape: Tape) -> None:
    assert verdict("API022", tape).outcome == "not_applicable"


def test_head_refused_fails_where_options_lists_it() -> None:
    assert broken("API022", options(200, "GET, HEAD", head(405, again=200))) == [(GET, "status 405")]


def test_head_refused_fails_where_the_document_declares_it() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/books"]["head"] = {"responses": {"200": {"description": "ok"}}}
    assert broken("API022", head(405, again=200), service(document)) == [(GET, "status 405")]


def test_a_length_that_changes_by_itself_is_no_difference() -> None:
    tape = head(200, said="11").add("semantics", "get again", GET, 200, [], answered={"content-length": "13"})
    assert verdict("API022", tape).outcome == "passed"


def test_options_that_lists_what_works_passes() -> None:
    assert verdict("API023", options(204, "GET, POST, OPTIONS")).outcome == "passed"


def test_options_that_lists_what_is_refused_fails() -> None:
    tape = options(200, "GET, PATCH").add("semantics", "allowed", GET, 405, method="PATCH")
    assert broken("API023", tape) == [(GET, "lists what is not allowed")]


def test_options_that_leaves_out_what_works_fails() -> None:
    tape = options(200, "GET").add("lifecycle", "create", POST, 200, {})
    assert broken("API023", tape) == [(GET, "leaves out what is allowed")]


def test_a_405_that_lists_what_was_refused_fails() -> None:
    tape = Tape().add("errors", "wrong method", GET, 405, method="PUT", answered={"allow": "GET, PUT"})
    assert broken("API023", tape) == [(GET, "405 lists what is not allowed")]


def test_the_partial_allow_of_a_405_passes() -> None:
    tape = Tape().add("lifecycle", "create", POST, 200, {})
    tape.add("errors", "wrong method", GET, 405, method="PUT", answered={"allow": "GET"})
    assert verdict("API023", tape).outcome == "passed"


@pytest.mark.parametrize("tape", [options(405, None), options(200, None), options(404, "GET")])
def test_no_allow_is_not_judged(tape: Tape) -> None:
    assert verdict("API023", tape).outcome == "not_applicable"


def test_a_documented_method_that_was_never_accepted_need_not_be_listed() -> None:
    tape = options(200, "GET").add("lifecycle", "create", POST, 404, {})
    assert verdict("API023", tape).outcome == "passed"


def test_options_without_allow_fails_and_a_refused_one_is_not_judged() -> None:
    assert broken("API039", options(200, None)) == [(GET, "no Allow")]
    assert verdict("API039", options(200, "GET")).outcome == "passed"
    assert verdict("API039", options(405, None)).outcome == "not_applicable"
