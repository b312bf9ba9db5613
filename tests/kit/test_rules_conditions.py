"""Tags, conditions and versions, judged from records: what is broken, and where nothing can be said."""

from typing import Any

import pytest

from conformance.model.service import Service
from conformance.model.versions import lock_of
from tests.kit.rule_records import broken, service, verdict
from tests.kit.rule_stories import Story

CREATE = "POST /notes"
READ, PATCH, DELETE = "GET /notes/{note_id}", "PATCH /notes/{note_id}", "DELETE /notes/{note_id}"
NOTE = {"id": {"type": "integer"}, "title": {"type": "string"}, "version": {"type": "integer"}}


def answer(**more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": NOTE}
    return {"description": "ok", "content": {"application/json": {"schema": schema}}, **more}


def notes(
    *, match: bool = True, version: bool = False, created_with: tuple[str, ...] = ("title",)
) -> Service:
    """Notes that are changed under If-Match, or with a version in the body."""
    tag = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    fields = {k: NOTE[k] for k in (("title", "version") if version else ("title",))}
    guarded = {
        "parameters": [tag] if match else [],
        "responses": {"200": answer(), "409": {"description": "no"}, "412": {"description": "no"}},
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}}
    made = {"type": "object", "properties": {k: NOTE[k] for k in created_with}}
    item = {"name": "note_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return service(
        {
            "openapi": "3.1.0",
            "info": {"title": "Notes", "version": "1"},
            "paths": {
                "/notes": {
                    "post": {
                        "requestBody": {"content": {"application/json": {"schema": made}}},
                        "responses": {"201": answer()},
                    }
                },
                "/notes/{note_id}": {
                    "parameters": [item],
                    "get": {"responses": {"200": answer()}},
                    "patch": {"requestBody": body, **guarded},
                    "delete": guarded,
                },
            },
        }
    )


def seen(tag: str | None, title: str = "a") -> dict[str, Any]:
    return {"body": {"id": 1, "title": title}, "answered": {"etag": tag} if tag else {}}


def story(scenario: str = "conditions", trace: str = "conditions /notes") -> Story:
    return Story(scenario, trace)


def changed(tag: str, title: str = "b", status: int = 200) -> Story:
    told = story().then("read", READ, 200, **seen('"1"')).then("read again", READ, 200, **seen('"1"'))
    told.then("change PATCH", PATCH, status, sent={"title": "b"})
    return told.then("read changed PATCH", READ, 200, **seen(tag, title))


def test_a_tag_moves_with_a_change_and_not_by_itself() -> None:
    assert verdict("API033", changed('"2"'), notes()).outcome == "passed"
    assert broken("API033", changed('"1"'), notes()) == [(READ, "stands still")]
    moving = story().then("read", READ, 200, **seen('"1"')).then("read again", READ, 200, **seen('"2"'))
    assert broken("API033", moving, notes()) == [(READ, "moves by itself")]


def test_a_weak_tag_or_a_refused_change_may_leave_the_tag() -> None:
    weak = story().then("read", READ, 200, **seen('W/"1"')).then("change PATCH", PATCH, 200, sent={})
    weak.then("read changed PATCH", READ, 200, **seen('W/"1"', "b"))
    assert verdict("API033", weak, notes()).outcome == "not_applicable"
    assert verdict("API033", changed('"1"', "b", status=409), notes()).outcome == "passed"


@pytest.mark.parametrize(
    ("status", "tag", "cause"), [(200, '"1"', "none match: 200"), (304, None, "304 without a tag")]
)
def test_a_read_of_what_is_known(status: int, tag: str | None, cause: str) -> None:
    told = changed('"2"').then("none match", READ, status, **seen(tag))
    assert broken("API034", told, notes()) == [(READ, cause)]
    assert (
        verdict("API034", changed('"2"').then("none match", READ, 304, **seen('"1"')), notes()).outcome
        == "passed"
    )


def test_an_old_tag_gets_what_is_there() -> None:
    old = "none match old PATCH"
    assert broken("API034", changed('"2"').then(old, READ, 304, **seen('"2"')), notes()) == [
        (READ, "304 for an old tag")
    ]
    assert (
        verdict("API034", changed('"1"', "b").then(old, READ, 304, **seen('"1"')), notes()).outcome
        == "not_applicable"
    )


def guarded(name: str, status: int, after: str = "a", method: str = PATCH, gone: bool = False) -> Story:
    verb = method.partition(" ")[0]
    told = story().then(f"before {verb}", READ, 200, **seen('"2"'))
    told.then(
        f"{name} {verb}", method, status, {}, sent={"title": "b"} if method == PATCH else None, tag='"1"'
    )
    return told.then(f"after {name} {verb}", READ, 404 if gone else 200, **seen('"2"', after))


@pytest.mark.parametrize(("rule", "name"), [("API035", "stale"), ("API037", "weak"), ("API038", "omitted")])
def test_a_condition_that_is_false(rule: str, name: str) -> None:
    assert verdict(rule, guarded(name, 412), notes()).outcome == "passed"
    assert verdict(rule, guarded(name, 409), notes()).outcome == "passed"
    assert broken(rule, guarded(name, 200, "b"), notes()) == [(PATCH, f"{name}: 200")]
    done = [(PATCH, "refused and done all the same")]
    assert broken(rule, guarded(name, 412, "b"), notes()) == done
    assert broken(rule, guarded(name, 412, method=DELETE, gone=True), notes()) == [(DELETE, done[0][1])]


def test_a_field_that_moves_by_itself_is_no_change() -> None:
    assert verdict("API035", guarded("stale", 412, "seen once more"), notes()).outcome == "passed"


def test_a_present_tag_is_accepted() -> None:
    for name in ("listed", "current"):
        told = story().then("before PATCH", READ, 200, **seen('"2"'))
        refused = told.then(f"{name} PATCH", PATCH, 412, {}, sent={"title": "b"}, tag='"2"')
        assert broken("API036", refused, notes()) == [(PATCH, f"{name}: 412")]
    told = story().then("before PATCH", READ, 200, **seen('"2"'))
    other = told.then("current PATCH", PATCH, 422, {}, sent={"title": "b"}, tag='"2"')
    assert verdict("API036", other, notes()).outcome == "not_applicable"


def lost(second: int, now: str, version: int = 2) -> Story:
    told = story("versions", f"versions {PATCH}").then(
        "read", READ, 200, {"id": 1, "title": "a", "version": 1}
    )
    told.then("one", PATCH, 200, {}, sent={"title": "b"}, version="version")
    told.then("read between", READ, 200, {"id": 1, "title": "b", "version": version})
    told.then("another", PATCH, second, {}, sent={"title": "c"}, version="version")
    return told.then("read after", READ, 200, {"id": 1, "title": now, "version": version})


def test_a_second_change_of_one_version() -> None:
    by_version = notes(match=False, version=True)
    assert verdict("API038", lost(409, "b"), by_version).outcome == "passed"
    assert broken("API038", lost(200, "c"), by_version) == [(PATCH, "the second change: 200")]
    assert broken("API038", lost(409, "c"), by_version) == [(PATCH, "the second change: 409")]
    assert broken("API038", lost(409, "b", version=1), by_version) == [(PATCH, "the version stands still")]


def test_a_version_that_a_create_takes_is_anybodys_text() -> None:
    ours = notes(match=False, version=True, created_with=("title", "version"))
    update = ours.operation(PATCH)
    assert update is not None
    assert lock_of(ours.document, ours.resources, update) is None


def raced(*statuses: int, shows: str = "0") -> Story:
    told = story("versions", f"versions {PATCH}")
    for number, status in enumerate(statuses):
        told.then("together", PATCH, status, {}, sent={"title": str(number)})
    return told.then("read at last", READ, 200, {"id": 1, "title": shows, "version": 2})


def test_one_of_racing_changes_wins() -> None:
    by_version = notes(match=False, version=True)
    assert verdict("API040", raced(200, 409, 412), by_version).outcome == "passed"
    assert broken("API040", raced(200, 200, 409), by_version) == [(PATCH, "several accepted")]
    assert broken("API040", raced(200, 500, 409), by_version) == [(PATCH, "crashes")]
    assert broken("API040", raced(200, 409, 409, shows="2"), by_version) == [(PATCH, "a loser is stored")]
    assert verdict("API040", raced(409, 409, 409), by_version).outcome == "not_applicable"


@pytest.mark.parametrize("match", [True, False], ids=["If-Match", "version"])
def test_the_409_of_a_version_promises_nothing_unique(match: bool) -> None:
    told = story("creation", "creation /notes").then("create", CREATE, 201, {"id": 1}, sent={"title": "a"})
    told.then("create again", CREATE, 201, {"id": 2}, sent={"title": "a"})
    told.then("rename PATCH", PATCH, 200, {"id": 2, "title": "a"}, sent={"title": "a"})
    assert verdict("API019", told, notes(match=match, version=not match)).outcome == "not_applicable"


def test_what_is_unique_at_a_create_is_so_at_a_change() -> None:
    told = story("creation", "creation /notes").then("create", CREATE, 201, {"id": 1}, sent={"title": "a"})
    told.then("create again", CREATE, 409, {}, sent={"title": "a"})
    told.then("rename PATCH", PATCH, 200, {"id": 2, "title": "a"}, sent={"title": "a"})
    assert broken("API019", told, notes()) == [(PATCH, "rename PATCH 200")]
