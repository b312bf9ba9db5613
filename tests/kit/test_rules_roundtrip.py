"""Values that come back, that come back changed, and that are refused; and which values are tried."""

from typing import Any

import pytest

from conformance.scenarios.roundtrip import TEXTS, decimal, fits, largest
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import Story, service

CREATE, READ = "POST /notes", "GET /notes/{note_id}"
MARKUP = "<b>Tom</b> & Jerry"


def tried(kind: str, sent: Any, found: Any, *, status: int = 201, field: str = "title") -> Story:
    facts: dict[str, Any] = {"kind": kind, "values": {field: sent}, "resource": "/notes", "key": "id"}
    story = Story("roundtrip", f"roundtrip /notes {kind}")
    story.then("create", CREATE, status, {"id": 7}, **facts)
    return story.then("read", READ, 200, {"id": 7, field: found}, **facts) if status < 400 else story


@pytest.mark.parametrize(
    ("kind", "sent", "found"),
    [
        ("markup", MARKUP, MARKUP),
        ("decimals", 12.34, 12.340000152587890625),
        ("decimals", 12.34, "12.34"),
        ("large integers", 2147483647, 2147483647.0),
        ("dates", "2032-02-29", "2032-02-29T00:00:00Z"),
        ("times", "2032-02-29T23:59:58+05:30", "2032-02-29T18:29:58Z"),
    ],
)
def test_what_comes_back_as_it_was_passes(kind: str, sent: Any, found: Any) -> None:
    assert verdict("API029", tried(kind, sent, found), service()).outcome == "passed"


@pytest.mark.parametrize(
    ("kind", "sent", "found"),
    [
        ("markup", MARKUP, "&lt;b&gt;Tom&lt;/b&gt; &amp; Jerry"),
        ("combining marks", "e\u0301", "\u00e9"),
        ("empty text", "", None),
        ("longest text", "x" * 50, "x" * 40),
        ("decimals", 12.34, 12),
        ("large integers", 2147483647, 2147483000),
        ("dates", "2032-02-29", "2032-03-01"),
        ("times", "2032-02-29T23:59:58+05:30", "2032-02-29T23:59:58"),
    ],
)
def test_what_comes_back_changed_fails(kind: str, sent: Any, found: Any) -> None:
    assert broken("API029", tried(kind, sent, found), service()) == [(CREATE, kind)]


def test_a_refusal_is_as_good_and_another_trouble_is_not_judged() -> None:
    assert verdict("API029", tried("emoji", "\U0001f989", None, status=422), service()).outcome == "passed"
    assert (
        verdict("API029", tried("emoji", "\U0001f989", None, status=404), service()).outcome
        == "not_applicable"
    )
    not_shown = Story("roundtrip", "roundtrip /notes emoji")
    facts: dict[str, Any] = {
        "kind": "emoji",
        "values": {"secret": "\U0001f989"},
        "resource": "/notes",
        "key": "id",
    }
    not_shown.then("create", CREATE, 201, {"id": 7}, **facts).then("read", READ, 200, {"id": 7}, **facts)
    assert verdict("API029", not_shown, service()).outcome == "not_applicable"


def test_what_is_lost_beyond_ascii_is_one_finding() -> None:
    story = tried("accents", "Zo\u00eb", "Zo").and_then(tried("emoji", "a \U0001f989", "a "))
    assert len(verdict("API029", story, service()).findings) == 1
    emoji_only = tried("accents", "Zo\u00eb", "Zo\u00eb").and_then(tried("emoji", "a \U0001f989", "a ?"))
    assert broken("API029", emoji_only, service()) == [(CREATE, "emoji")]


def test_outer_spaces_have_a_rule_of_their_own() -> None:
    stripped, kept = tried("outer spaces", "  a  ", "a"), tried("outer spaces", "  a  ", "  a  ")
    assert broken("API032", stripped, service()) == [(CREATE, "outer spaces")]
    assert verdict("API029", stripped, service()).outcome == "not_applicable"
    assert verdict("API032", kept, service()).outcome == "passed"
    assert verdict("API032", tried("markup", MARKUP, "x"), service()).outcome == "not_applicable"


def test_only_what_the_schema_allows_is_sent() -> None:
    assert fits("a b", {"pattern": "^[a-z ]+$", "minLength": 3, "maxLength": 3})
    assert not fits(TEXTS["markup"], {"pattern": "^[^<>]*$"})
    assert not fits("abcd", {"maxLength": 3})
    assert not fits("", {"minLength": 1})
    assert not fits("a", {"pattern": r"^\p{L}$"})


def test_numbers_keep_to_their_bounds() -> None:
    assert decimal({"minimum": 0, "maximum": 100}) == 12.34
    assert decimal({"minimum": 50}) == 50.34
    assert decimal({"exclusiveMinimum": 0, "exclusiveMaximum": 2}) is None
    assert decimal({"multipleOf": 0.5}) is None
    assert largest("stars", {}) == 2**31 - 1
    assert largest("stars", {"maximum": 10**30}) == 2**53 - 1
    assert largest("position", {}) is None
    assert largest("stars", {"exclusiveMaximum": 5}) is None
