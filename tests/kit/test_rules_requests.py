"""Keys, bulk, negotiation, limits and cursors, judged from records."""

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.model.bulk import find_bulk, is_stored, told
from conformance.model.record import Response
from conformance.model.service import Service
from conformance.scenarios.negotiation import media_types
from tests.kit.rule_records import broken, service, verdict
from tests.kit.rule_stories import BOB, NOTE, PATHS, Story
from tests.kit.rule_stories import service as library

CREATE, LIST, BULK, SHOW = "POST /notes", "GET /notes", "POST /notes/bulk", "GET /report"
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
ITEMS = {"type": "array", "items": {"type": "object", "properties": NOTE}}


def keyed() -> Service:
    return library(notes={**PATHS["/notes"], "post": {**PATHS["/notes"]["post"], "parameters": [KEY]}})


def sent(*answers: tuple[str, int, Any], rows: tuple[str, ...] = ("b1",)) -> Story:
    """Creates with one key, and the list of titles that follows; the first was accepted."""
    story = Story("idempotency", f"idempotency {CREATE}")
    for step, status, identifier in (("first", 201, 1), *answers):
        title = {"other body": "b2", "together": "b3"}.get(step, "b1")
        body = {"id": identifier} if status < 300 else {}
        story.then(step, CREATE, status, body, key="id", sent={"title": title})
    items = [{"id": n, "title": title} for n, title in enumerate(rows)]
    return story.then("list", LIST, 200, {"items": items})


def test_a_create_that_is_sent_again() -> None:
    assert verdict("API041", sent(("replay", 200, 1)), keyed()).outcome == "passed"
    assert broken("API041", sent(("replay", 201, 2)), keyed()) == [(CREATE, "another answer")]
    assert broken("API041", sent(("replay", 409, 0)), keyed()) == [(CREATE, "refused")]
    twice = sent(("replay", 201, 1), rows=("b1", "b1"))
    assert broken("API041", twice, keyed()) == [(CREATE, "made twice")]
    assert verdict("API041", sent(("replay", 201, 2)), library()).outcome == "not_applicable"


def test_a_key_with_another_body() -> None:
    assert verdict("API042", sent(("other body", 422, 0)), keyed()).outcome == "passed"
    assert broken("API042", sent(("other body", 201, 1)), keyed()) == [(CREATE, "accepted")]
    made = sent(("other body", 422, 0), rows=("b1", "b2"))
    assert broken("API042", made, keyed()) == [(CREATE, "refused and made all the same")]


def test_one_key_at_once() -> None:
    race = [("together", 201, 7), ("together", 409, 0), ("together", 201, 7)]
    assert verdict("API044", sent(*race), keyed()).outcome == "passed"
    assert broken("API044", sent(*race, ("together", 201, 8)), keyed()) == [(CREATE, "several made")]
    assert broken("API044", sent(*race, ("together", 500, 0)), keyed()) == [(CREATE, "crashes")]


@pytest.mark.parametrize(("identifier", "outcome"), [(1, "failed"), (2, "passed")])
def test_a_key_of_another_user(identifier: int, outcome: str) -> None:
    story = sent(("stranger", 201, identifier))
    story.record.exchanges = [
        replace(e, principal=BOB.name) if e.step == "stranger" else e for e in story.record.exchanges
    ]
    assert verdict("API043", story, keyed()).outcome == outcome


def bulk(schema: dict[str, Any] = ITEMS) -> Service:
    body = {"content": {"application/json": {"schema": schema}}}
    done = {"201": {"description": "made"}}
    return library(**{"notes/bulk": {"post": {"requestBody": body, "responses": done}}})


def several(status: int, answer: Any, *rows: str, step: str = "mixed", bad: int | None = 1) -> Story:
    items = [{"title": "c1"}, {"title": "c2"}, {"title": "c3"}]
    story = Story("bulk", f"bulk {BULK}")
    story.then("good", BULK, 201, [{}, {}], items=[{"title": "a1"}, {"title": "a2"}], bad=None)
    story.then(step, BULK, status, answer, items=items, bad=bad)
    listed = [{"id": n, "title": title} for n, title in enumerate(("a1", "a2", *rows))]
    return story.then("list", LIST, 200, {"items": listed, "total": len(listed)})


OK, NO = {"status": 201}, {"status": 422}


@pytest.mark.parametrize(
    ("status", "answer", "rows", "cause"),
    [
        (422, {}, (), None),
        (207, [OK, NO, OK], ("c1", "c3"), None),
        (422, {}, ("c1",), "refused and stored in part"),
        (201, [{}, {}], ("c1", "c3"), "stored in part"),
        (207, [OK, OK, OK], ("c1", "c3"), "a result is not true"),
        (207, [OK, NO, NO], ("c1", "c3"), "a result is not true"),
        (201, [{}, {}, {}], ("c1", "c2", "c3"), "an invalid item is stored"),
        (500, {}, (), "mixed: 500"),
    ],
)
def test_bulk(status: int, answer: Any, rows: tuple[str, ...], cause: str | None) -> None:
    story = several(status, answer, *rows)
    if cause is None:
        assert verdict("API045", story, bulk()).outcome == "passed"
    else:
        assert broken("API045", story, bulk()) == [(BULK, cause)]


def test_bulk_says_nothing_of_a_list_that_goes_on_or_that_shows_nothing_of_it() -> None:
    story = several(422, {}, "c1")
    last = story.record.exchanges.pop()
    story.then("list", LIST, 200, {**last.response.json, "total": 900} if last.response else {})
    assert verdict("API045", story, bulk()).outcome == "not_applicable"
    hidden = Story("bulk", f"bulk {BULK}").then("good", BULK, 201, [], items=[{"title": "a"}], bad=None)
    hidden.then("list", LIST, 200, {"items": [], "total": 0})
    assert verdict("API045", hidden, bulk()).outcome == "not_applicable"


def test_bulk_operations_are_found() -> None:
    (found,) = find_bulk(bulk().document, bulk().resources)
    assert (found.field, found.body([1])) == (None, [1])
    wrapped = bulk({"type": "object", "properties": {"notes": ITEMS}})
    assert find_bulk(wrapped.document, wrapped.resources)[0].body([1]) == {"notes": [1]}
    keys = {**ITEMS, "items": {"type": "object", "properties": {"id": {"type": "integer"}}}}
    assert find_bulk(bulk(keys).document, bulk(keys).resources) == ()


def test_results_are_read() -> None:
    def read(answer: Any) -> Any:
        return told(Response(207, (), json.dumps(answer).encode()), 2)

    assert read({"results": [{"status": 201}, {"error": "no"}]}) == [True, False]
    assert read([{"success": True}, {"success": False}]) == [True, False]
    assert read([{"id": 1}, {"status": "new"}]) == [None, None]
    assert read({"created": 2}) is None
    assert not is_stored({"title": "a"}, [{"title": "b"}])
    assert not is_stored({"stars": 1}, [{"stars": 1}]), "a number alone is nobody's own"


def report(*media: str, schema: dict[str, Any] | None = None, errors: tuple[str, ...] = ()) -> Service:
    content = {name: {"schema": schema or {"type": "string"}} for name in media}
    responses = {
        "200": {"description": "ok", "content": content},
        **{e: {"description": "no"} for e in errors},
    }
    document = {"openapi": "3.1.0", "info": {"title": "R", "version": "1"}}
    return service({**document, "paths": {"/report": {"get": {"responses": responses}}}})


def asked(*answers: tuple[str, str, bytes], vary: str = "") -> Story:
    story = Story("negotiation", f"negotiation {SHOW}")
    for wanted, media, body in answers:
        headers = {"content-type": media, **({"vary": vary} if vary else {})}
        story.then(f"only {wanted}", SHOW, 200, body, wanted=wanted, answered=headers)
    return story


JSON, CSV = "application/json", "text/csv"
BOTH = ((JSON, JSON, b"{}"), (CSV, CSV, b"a,b"))


def test_accept_chooses_where_it_is_promised() -> None:
    assert verdict("API046", asked(*BOTH), report(JSON, CSV)).outcome == "passed"
    ignored = asked((JSON, JSON, b"{}"), (CSV, JSON, b"{}"))
    assert verdict("API046", ignored, report(JSON, CSV)).outcome == "not_applicable"
    assert broken("API046", ignored, report(JSON, CSV, errors=("406",))) == [(SHOW, "only text/csv: another")]
    lies = asked((JSON, JSON, b"a,b"), (CSV, CSV, b"{}"))
    assert broken("API046", lies, report(JSON, CSV)) == [
        (SHOW, "application/json is none"),
        (SHOW, "text/csv is none"),
    ]


def test_what_varies_says_so() -> None:
    assert verdict("API047", asked(*BOTH, vary="accept, Origin"), report(JSON, CSV)).outcome == "passed"
    assert broken("API047", asked(*BOTH), report(JSON, CSV)) == [(SHOW, "no Vary")] * 2
    assert verdict("API047", asked(BOTH[0]), report(JSON, CSV)).outcome == "not_applicable"


def test_texts_that_are_said_to_be_objects_are_no_choice() -> None:
    document = report("text/plain", JSON, "text/json", schema={"type": "object"}).document
    assert media_types(document, document.operations[0]) == [JSON]
    assert verdict("API046", asked(*BOTH), report(JSON, "image/*")).outcome == "not_applicable"


@pytest.mark.parametrize(("rule", "status"), [("ERR015", 429), ("ERR016", 503)])
@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("120", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("", "no Retry-After"),
        ("soon", "a Retry-After that is no time"),
        ("1.5", "a Retry-After that is no time"),
        ("2030-01-01T00:00:00Z", "a Retry-After that is no time"),
    ],
)
def test_who_is_turned_away_is_told_when_to_come(
    rule: str, status: int, value: str, cause: str | None
) -> None:
    headers = {"retry-after": value} if value else {}
    story = Story("limits", "limits").then("once more", LIST, status, {}, answered=headers)
    if cause is None:
        assert verdict(rule, story, library()).outcome == "passed"
    else:
        assert broken(rule, story, library()) == [(LIST, cause)]


def by_cursor() -> Service:
    names = {"limit": {"type": "integer"}, "cursor": {"type": "string"}}
    parameters = [{"name": n, "in": "query", "schema": s} for n, s in names.items()]
    return library(notes={**PATHS["/notes"], "get": {**PATHS["/notes"]["get"], "parameters": parameters}})


def paged(*pages: str) -> Story:
    story = Story("pages", "pages /notes")

    def page(step: str, names: str) -> None:
        story.then(step, LIST, 200, {"items": [{"id": n} for n in names]})

    page("whole again", "abcde")
    page("steady", pages[0])
    story.then("create between", CREATE, 201, {"id": "n"})
    for names in pages[1:]:
        page("steady", names)
    return story


def test_a_cursor_under_inserts() -> None:
    assert verdict("API048", paged("ab", "cd", "e"), by_cursor()).outcome == "passed"
    assert verdict("API048", paged("ab", "cd", "en"), by_cursor()).outcome == "passed"
    assert broken("API048", paged("ab", "bc", "de"), by_cursor()) == [(LIST, "items twice")]
    assert broken("API048", paged("ab", "de", "nx"), by_cursor()) == [(LIST, "items missing")]
    assert verdict("API048", paged("ab", "bc", "de"), library()).outcome == "not_applicable"
