"""What sign-in accepts, and what its refusals and those of private objects give away."""

from typing import Any

import pytest

from conformance.rules.likeness import told_apart
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import Story, service

SIGN_IN, READ = "POST /sessions", "GET /notes/{note_id}"
IN = {"access_token": "a-token-that-is-long", "token_type": "bearer"}
NO = {"error": {"code": 401, "message": "Wrong name or password"}}


def signed_in(**tries: tuple[int, Any]) -> Story:
    story = Story("signin", "signin").then("sign-in", SIGN_IN, 200, IN)
    answers = {"wrong": (401, NO), "unknown": (401, NO), "prefix": (401, NO)}
    answers |= {"other case": (401, NO), "longer": (401, NO), **tries}
    for step, (status, body) in answers.items():
        name = "nobody" if step == "unknown" else "grace"
        story.then(step, SIGN_IN, status, body, sent={"name": name, "password": "none-of-hers"})
    return story


def test_wrong_passwords_are_refused() -> None:
    assert verdict("SEC008", signed_in(), service()).outcome == "passed"
    said_in_words = signed_in(wrong=(200, {"error": "no"}))
    assert verdict("SEC008", said_in_words, service()).outcome == "passed"


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        ("wrong", "any password"),
        ("prefix", "part of the password"),
        ("other case", "part of the password"),
        ("longer", "part of the password"),
    ],
)
def test_a_wrong_password_that_is_accepted(step: str, cause: str) -> None:
    assert broken("SEC008", signed_in(**{step: (200, IN)}), service()) == [(SIGN_IN, cause)]


def test_sign_in_is_not_judged_without_an_account_or_where_it_is_throttled() -> None:
    stranger = Story("signin", "signin").then("wrong", SIGN_IN, 200, IN)
    throttled = signed_in(**dict.fromkeys(("wrong", "prefix", "other case", "longer"), (429, {})))
    assert verdict("SEC008", stranger, service()).outcome == "not_applicable"
    assert verdict("SEC008", throttled, service()).outcome == "not_applicable"
    assert verdict("SEC009", throttled, service()).outcome == "not_applicable"


def test_known_and_unknown_names_are_refused_alike() -> None:
    assert verdict("SEC009", signed_in(), service()).outcome == "passed"
    echoed = signed_in(
        wrong=(401, {"detail": "grace cannot sign in", "request_id": "f00"}),
        unknown=(401, {"detail": "nobody cannot sign in", "request_id": "ba4"}),
    )
    assert verdict("SEC009", echoed, service()).outcome == "passed"


def test_known_and_unknown_names_are_told_apart() -> None:
    other_status = signed_in(unknown=(404, NO))
    other_words = signed_in(unknown=(401, {"error": {"code": 401, "message": "No such account"}}))
    assert broken("SEC009", other_status, service()) == [(SIGN_IN, "sign-in: status")]
    assert broken("SEC009", other_words, service()) == [(SIGN_IN, "sign-in: body")]


def private(real: tuple[int, Any], missing: tuple[int, Any], *, shown: bool = False) -> Story:
    facts: dict[str, Any] = {"id": "7", "key": "id", "resource": "/notes", "asked": 100}
    story = Story("access", "access /notes")
    story.then("owner list", "GET /notes", 200, {"items": [{"id": 7}], "total": 1}, **facts)
    theirs = [{"id": 7}] if shown else []
    story.then("stranger read", READ, *real, path="/notes/7001", **facts)
    story.then("stranger list", "GET /notes", 200, {"items": theirs, "total": len(theirs)}, **facts)
    other = Story("signin", "signin /notes").then("missing GET", READ, *missing, path="/notes/2147480000")
    return story.and_then(other)


def test_somebody_elses_is_as_what_is_not_there() -> None:
    alike = private((404, {"detail": "No note 7001"}), (404, {"detail": "No note 2147480000"}))
    assert verdict("SEC013", alike, service()).outcome == "passed"


@pytest.mark.parametrize(
    ("real", "by"), [((403, {"detail": "No such note"}), "status"), ((404, {"detail": "Not yours"}), "body")]
)
def test_somebody_elses_is_told_from_what_is_not_there(real: tuple[int, Any], by: str) -> None:
    story = private(real, (404, {"detail": "No such note"}))
    assert broken("SEC013", story, service()) == [(READ, f"/notes: {by}")]


def test_what_everybody_sees_is_not_judged() -> None:
    public = private((403, {}), (404, {}), shown=True)
    malformed = private((403, {}), (422, {}))
    assert verdict("SEC013", public, service()).outcome == "not_applicable"
    assert verdict("SEC013", malformed, service()).outcome == "not_applicable"


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        ({"instance": "/a", "detail": "no"}, {"instance": "/b", "detail": "no"}, None),
        ({"detail": "left: 4"}, {"detail": "left: 3"}, None),
        (
            {"detail": "no", "at": "2030-01-02T03:04:05Z"},
            {"detail": "no", "at": "2031-11-02T03:04:06.5Z"},
            None,
        ),
        ({"detail": "no"}, {"detail": "no", "owner": "alice"}, "body"),
        ({"code": "gone"}, {"code": "never"}, "body"),
    ],
)
def test_what_tells_two_refusals_apart(one: Any, other: Any, by: str | None) -> None:
    story = Story("x", "x").then("a", READ, 404, one).then("b", READ, 404, other)
    first, second = story.record.exchanges
    assert told_apart(first, second) == by
