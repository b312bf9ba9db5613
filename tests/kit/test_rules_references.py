"""References in bodies (SEC021): which fields are some, and what is a fault, over records made by hand."""

from typing import Any

import pytest

from conformance.model.references import references
from conformance.model.service import Principal
from conformance.scenarios.references import marks
from tests.kit.rule_records import ALICE, Tape, broken, content, service, verdict

POST = "POST /pages"
OWN, MISSING, THEIRS = "own-1", "none-1", "theirs-1"
SECRET = "cq7h3kzmxp"


def collection(*fields: str, **more: Any) -> dict[str, Any]:
    """The paths of a resource with these text fields and others."""
    body = content(*fields)
    body["application/json"]["schema"]["properties"] |= more
    shown = {"200": {"description": "ok", "content": content("id", *fields)}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    signed: dict[str, Any] = {"security": [{"bearer": []}]}
    return {
        "": {"post": {"requestBody": {"content": body}, "responses": shown, **signed}},
        "/{id}": {"parameters": [parameter], "get": {"responses": shown, **signed}},
    }


INTEGER, UUID = {"type": "integer"}, {"type": "string", "format": "uuid"}
PAGE = collection(
    *("notebook_id", "sourceNotebookId", "parent_id", "title", "notebook", "user_id"),
    notebook_ids={"type": "array", "items": UUID},
    tag={"anyOf": [INTEGER, {"type": "null"}]},
    note_id={"type": "string", "readOnly": True},
)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pages", "version": "1"},
    "paths": {
        f"/{name}{below}": methods
        for name, paths in (
            ("notebooks", collection("title")),
            ("pages", PAGE),
            ("tags", collection("title")),
            ("notes", collection("title")),
        )
        for below, methods in paths.items()
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}
PAGES = service(DOCUMENT, (ALICE, Principal("bob", {"authorization": "Bearer bobs-own-token-123"})))


def test_fields_are_known_for_references_by_name_and_type() -> None:
    pages = next(r for r in PAGES.resources if r.name == "/pages")
    assert pages.create
    found = {r.name: (r.target.name, r.many) for r in references(PAGES, pages, pages.create)}
    assert found == {
        "notebook_id": ("/notebooks", False),
        "sourceNotebookId": ("/notebooks", False),
        "parent_id": ("/pages", False),
        "notebook_ids": ("/notebooks", True),
        "tag": ("/tags", False),
    }


def test_times_numbers_and_short_words_are_no_marks() -> None:
    sent = {
        "at": "2030-01-01T12:00:00Z",
        "n": "12345678",
        "kind": "other",
        "title": SECRET,
        "in": {"x": SECRET},
    }
    assert marks(sent) == [SECRET, SECRET]
    assert marks(None) == []


def tape(
    *,
    act: int = 201,
    shown: Any = THEIRS,
    text: str = "x",
    missing: int = 404,
    stranger: int = 404,
    own: int = 201,
) -> Tape:
    """What bob was answered; `text` stands in what he made of another's."""
    named = {"own": OWN, "missing": MISSING, "another's": THEIRS}
    facts: dict[str, Any] = {"field": "notebook_id", "key": "id", "named": named, "marks": [SECRET]}
    made = Tape()
    for step, status in (("owner read", 200), ("stranger read", stranger), ("own read", 200)):
        made.add("references", step, POST, status, {"id": "1"}, method="GET")
    made.add("references", "own", POST, own, {"id": "2", "notebook_id": OWN}, **facts)
    made.add("references", "missing", POST, missing, {"id": "3", "notebook_id": MISSING}, **facts)
    answer = {"id": "4", "notebook_id": shown, "title": text}
    return made.add("references", "another's", POST, act, answer, send={"notebook_id": THEIRS}, **facts)


def test_what_is_looked_up_and_taken_fails() -> None:
    assert broken("SEC021", tape(), PAGES) == [(POST, "notebook_id: accepted")]
    assert broken("SEC021", tape(shown=[THEIRS]), PAGES) == [(POST, "notebook_id: accepted")]


@pytest.mark.parametrize("status", [201, 403, 422])
def test_what_is_told_of_it_fails_whatever_the_status(status: int) -> None:
    told = tape(act=status, text=f"in {SECRET}", missing=201)
    assert broken("SEC021", told, PAGES) == [(POST, "notebook_id: shown")]


def test_what_appears_in_the_owners_fails() -> None:
    made = tape(shown=None, missing=201)
    made.add("references", "owner after", POST, 200, {"pages": ["cbobswords"]}, written=["cbobswords"])
    assert broken("SEC021", made, PAGES) == [(POST, "notebook_id: attached")]


@pytest.mark.parametrize("made", [tape(act=404), tape(act=422), tape(act=403), tape(shown=None)])
def test_a_refusal_or_a_field_left_out_passes(made: Tape) -> None:
    assert verdict("SEC021", made, PAGES).outcome == "passed"


@pytest.mark.parametrize(
    "made",
    [
        tape(missing=201),  # nobody looks it up: a text like any other
        tape(stranger=200),  # public
        tape(own=403),  # not for this user at all
        tape(act=429),
        tape(missing=401),
    ],
)
def test_what_is_not_sure_is_not_judged(made: Tape) -> None:
    assert verdict("SEC021", made, PAGES).outcome == "not_applicable"
