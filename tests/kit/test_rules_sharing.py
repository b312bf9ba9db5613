"""Origins and shared caches (SEC010, SEC011), over records made by hand."""

import pytest

from conformance.model.service import Principal
from tests.kit.rule_records import Tape, broken, service, verdict

GET, ITEM = "GET /books", "GET /books/{book_id}"
EVIL = "https://evil.example"
COOKIE = Principal("alice", {"cookie": "session=1234567890"})


def asked(origin: str, allowed: str | None, *, trusted: bool, tape: Tape | None = None) -> Tape:
    answered = {"access-control-allow-origin": allowed} if allowed else {}
    if trusted:
        answered["access-control-allow-credentials"] = "true"
    return (tape or Tape()).add("origins", "request", GET, 200, [], answered=answered, origin=origin)


@pytest.mark.parametrize("allowed", [EVIL, "*"])
def test_an_unknown_origin_with_credentials_fails(allowed: str) -> None:
    assert broken("SEC010", asked(EVIL, allowed, trusted=True)) == [(GET, "any origin")]


@pytest.mark.parametrize(
    ("allowed", "trusted"), [(None, False), (EVIL, False), ("*", False), ("https://shop.example", True)]
)
def test_a_closed_or_credential_free_service_passes(allowed: str | None, trusted: bool) -> None:
    assert verdict("SEC010", asked(EVIL, allowed, trusted=trusted)).outcome == "passed"


def test_a_look_alike_fails_and_is_not_told_twice() -> None:
    like = "https://shop.example.evil.example"
    closed = asked(EVIL, None, trusted=False)
    tape = asked(like, like, trusted=True, tape=closed)
    assert broken("SEC010", tape) == [(GET, "look-alikes of an origin")]
    open_to_all = asked(EVIL, EVIL, trusted=True)
    assert broken("SEC010", asked(like, like, trusted=True, tape=open_to_all)) == [(GET, "any origin")]


def test_requests_without_origin_are_not_judged() -> None:
    answered = {"access-control-allow-origin": "*", "access-control-allow-credentials": "true"}
    tape = Tape().add("operations", "call", GET, 200, [], answered=answered)
    assert verdict("SEC010", tape).outcome == "not_applicable"


def read(control: str | None, *, vary: str = "", status: int = 200, operation: str = ITEM) -> Tape:
    answered = {"cache-control": control} if control else {}
    if vary:
        answered["vary"] = vary
    return Tape().add("lifecycle", "read", operation, status, {"id": "1"}, answered=answered)


@pytest.mark.parametrize(
    ("control", "cause"),
    [
        ("public", "public"),
        ("public, max-age=60", "public"),
        ("s-maxage=600, max-age=0", "s-maxage"),
        ("max-age=60, must-revalidate", "must-revalidate"),
    ],
)
def test_what_a_shared_cache_may_keep_fails(control: str, cause: str) -> None:
    assert broken("SEC011", read(control)) == [(ITEM, cause)]


@pytest.mark.parametrize(
    "control",
    [
        None,
        "private, max-age=60",
        "no-store",
        "max-age=60",
        "no-cache, must-revalidate",
        "max-age=0, must-revalidate",
        "public, no-cache",
        "s-maxage=0",
        "public, max-age=0",
        'private="set-cookie", public',
    ],
)
def test_what_no_shared_cache_may_show_passes(control: str | None) -> None:
    assert verdict("SEC011", read(control)).outcome == "passed"


def test_an_answer_that_varies_by_the_credentials_passes() -> None:
    assert verdict("SEC011", read("public, max-age=60", vary="Accept, Authorization")).outcome == "passed"
    assert broken("SEC011", read("public, max-age=60", vary="Accept")) == [(ITEM, "public")]


def test_with_a_cookie_an_age_is_enough() -> None:
    cookie = service(principals=(COOKIE,))
    assert broken("SEC011", read("max-age=60"), cookie) == [(ITEM, "max-age")]
    assert verdict("SEC011", read("max-age=60", vary="Cookie"), cookie).outcome == "passed"


@pytest.mark.parametrize("tape", [read("public", status=404), read("public", operation=GET)])
def test_refusals_and_open_operations_are_not_judged(tape: Tape) -> None:
    assert verdict("SEC011", tape).outcome == "not_applicable"
