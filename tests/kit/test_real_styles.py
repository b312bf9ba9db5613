"""Styles of real services: open schemas, envelopes, pages by header field, one fault shown many times."""

import re
from typing import Any

import pytest

from conformance.model.bodies import Sampler
from conformance.model.paging import is_whole, next_cursor, paging_of
from conformance.model.record import Exchange, Request, Response
from conformance.rules.parts import part
from conformance.target.openapi import Document
from tests.kit.rule_records import Tape, broken, service, verdict
from tests.kit.rule_stories import Story, item
from tests.kit.rule_stories import service as library

OPEN = {"type": "object", "additionalProperties": {}}
LIST = (
    {"name": "_limit", "in": "query", "schema": {"type": "integer"}},
    {
        "name": "_token",
        "in": "query",
        "schema": {"type": "string"},
    },
)


def told(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def enveloped(data: dict[str, Any]) -> dict[str, Any]:
    """A document of buckets whose bodies and answers hold the object in `data`."""
    whole = {"type": "object", "properties": {"data": data, "permissions": {"type": "object"}}}
    rows = {"type": "object", "properties": {"data": {"type": "array", "items": data}}}
    answer = {"200": {"description": "ok", **told(whole)}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Buckets", "version": "1"},
        "paths": {
            "/buckets": {
                "get": {"parameters": [*LIST], "responses": {"200": {"description": "ok", **told(rows)}}},
                "post": {"requestBody": told(whole), "responses": answer},
            },
            "/buckets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": answer},
            },
        },
    }


def test_an_open_schema_may_hold_the_identifier_and_a_closed_one_does_not() -> None:
    (found,) = service(enveloped(OPEN)).resources
    assert (found.name, found.key, found.envelope) == ("/buckets", "id", "data")
    assert service(enveloped({"type": "object", "properties": {"label": {}}})).resources == ()


def test_an_object_of_any_fields_gets_one_where_there_is_nothing_else_to_send() -> None:
    of = service(enveloped(OPEN))
    (found,) = of.resources
    assert found.create
    assert found.create.body
    sampler = Sampler(of.document, 0)
    first, second = (sampler.value(found.create.body.schema) for _ in range(2))
    assert first.keys() == second.keys() == {"data"}
    assert first["data"]["label"] != second["data"]["label"]


@pytest.mark.parametrize(
    ("name", "value", "cursor"),
    [
        ("Next-Page", "http://127.0.0.1/v1/buckets?_limit=2&_token=abc", "abc"),
        ("Link", '</buckets?_limit=2&_token=abc>; rel="next", </buckets>; rel="first"', "abc"),
        ("Link", '</buckets>; rel="first"; title="a", </buckets?_token=x>; rel=next', "x"),
        ("Link", '</buckets?_token=abc>; rel="prev"', None),
        ("Next-Page", "", None),
    ],
)
def test_a_header_field_leads_to_the_next_page(name: str, value: str, cursor: str | None) -> None:
    (found,) = service(enveloped(OPEN)).resources
    assert found.list
    paging = paging_of(found.list)
    assert (paging.size, paging.cursor) == ("_limit", "_token")
    response = Response(200, ((name, value),), b'{"data": [{"id": "1"}]}')
    asked = Exchange(1, "pages", "", "", None, "alice", Request("GET", ""), response)
    assert next_cursor(response, paging) == cursor
    assert is_whole(asked, paging, 5) is (cursor is None)


PERSON = {"type": "object", "properties": {"avatar": {"type": "string"}}}


def with_people() -> dict[str, Any]:
    """Two operations that show a person, one of them inside of a project."""
    person = {"$ref": "#/components/schemas/Person"}
    project = {"type": "object", "properties": {"owner": {"allOf": [person], "description": "who"}}}
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Projects", "version": "1"},
        "components": {"schemas": {"Person": PERSON, "Project": project}},
        "paths": {
            "/me": {"get": {"responses": {"200": {"description": "ok", **told(person)}}}},
            "/projects": {
                "get": {
                    "responses": {
                        "200": {
                            "description": "ok",
                            **told(
                                {"type": "array", "items": {"$ref": "#/components/schemas/Project"}},
                            ),
                        }
                    }
                }
            },
        },
    }
    return document


def test_a_fault_of_one_model_is_one_cause_wherever_it_shows() -> None:
    tape = Tape().add("operations", "call", "GET /me", 200, {"avatar": None})
    tape.add("operations", "call", "GET /projects", 200, [{"owner": {"avatar": None}}])
    found = broken("API002", tape, service(with_people()))
    assert [label for label, _ in found] == ["GET /me", "GET /projects"]
    assert {cause for _, cause in found} == {"#/components/schemas/Person /avatar type"}


@pytest.mark.parametrize(
    ("schema", "key"),
    [
        ({"anyOf": [{"$ref": "#/components/schemas/Person"}, {"type": "null"}]}, []),
        ({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Person"}]}, []),
        ({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Person"}}, ["ann"]),
    ],
)
def test_a_model_is_found_behind_a_choice(schema: Any, key: list[str]) -> None:
    document = with_people()
    document["components"]["schemas"]["Project"] = {"type": "object", "properties": {"owner": schema}}
    of = service(document)
    place = ["0", "owner", *key, "avatar"]
    declared = next(op for op in of.document.operations if op.path == "/projects").responses["200"]
    assert part(of.document, declared, place, "GET /projects") == "#/components/schemas/Person /avatar"


def test_an_object_that_is_written_out_twice_is_one_cause() -> None:
    document = with_people()
    for path in ("/me", "/projects"):
        document["paths"][path]["get"]["responses"]["200"] |= told(PERSON)
    tape = Tape().add("operations", "call", "GET /me", 200, {"avatar": None})
    tape.add("operations", "call", "GET /projects", 200, {"avatar": None})
    found = broken("API002", tape, service(document))
    assert [label for label, _ in found] == ["GET /me", "GET /projects"]
    assert len({cause for _, cause in found}) == 1


def test_one_mistake_of_a_generator_is_one_cause() -> None:
    document = with_people()
    for operation in ("/me", "/projects"):
        body = told({"type": "object", "properties": {}, "required": []})
        document["paths"][operation]["post"] = {
            "requestBody": body,
            "responses": {"200": {"description": "ok"}},
        }
    of = service(document)
    assert isinstance(of.document, Document)
    found = broken("API001", Tape(), of)
    assert len(found) == 2
    assert {cause for _, cause in found} == {"required: minItems"}


def test_a_number_of_a_page_that_is_not_there_may_answer_404() -> None:
    pages = {
        "get": {
            **item({}, "n")["get"],
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
        }
    }
    pages["get"]["responses"] = {"200": {"description": "ok", **told({"type": "array", "items": PERSON})}}
    story = Story("queries", "queries /things").then("past the end", "GET /things", 404, {}, key="id")
    of = library(things=pages, **{"things/{thing_id}": item({"avatar": {"type": "string"}}, "thing_id")})
    assert verdict("API025", story, of).outcome == "not_applicable"


def test_what_keeps_no_plain_value_says_nothing_of_odd_ones() -> None:
    facts: dict[str, Any] = {"resource": "/notes", "key": "id"}
    usual = Story("roundtrip", "roundtrip /notes")
    usual.then("usual", "POST /notes", 201, {"id": 7, "title": "mine"}, **facts, sent={"title": "plain"})
    odd = Story("roundtrip", "roundtrip /notes markup")
    facts |= {"kind": "markup", "values": {"title": "<b>"}}
    odd.then("create", "POST /notes", 201, {"id": 8}, **facts)
    odd.then("read", "GET /notes/{note_id}", 200, {"id": 8, "title": "mine"}, **facts)
    assert broken("API029", odd, library()) == [("POST /notes", "markup")]
    assert verdict("API029", usual.and_then(odd), library()).outcome == "not_applicable"


DECIMAL = {"type": "string", "format": "decimal", "pattern": r"^-?\d{0,2}(?:\.\d{0,2})?$"}


def shelf(**fields: Any) -> tuple[Sampler, dict[str, Any]]:
    """Bodies of books, and their schema; each reference is answered with its own name's length."""
    body = {"type": "object", "required": list(fields), "properties": fields}
    sampler = Sampler(service(enveloped(OPEN)).document, 0)
    sampler.reference = {"author_id": 7, "cover_id": "a", "pages_id": 9}.get
    return sampler, body


def test_a_decimal_in_a_text_is_a_half_that_its_pattern_finds() -> None:
    sampler, body = shelf(price=DECIMAL)
    assert re.fullmatch(r"\d\d\.5", sampler.value(body)["price"])
    unread = {**DECIMAL, "pattern": "("}
    assert re.fullmatch(r"\d+\.5", sampler.value({**body, "properties": {"price": unread}})["price"])


def test_a_number_called_like_one_object_of_another_kind_is_its_key() -> None:
    integer = {"type": "integer"}
    sampler, body = shelf(author=integer, cover=integer, pages=integer)
    made = sampler.value(body)
    assert made["author"] == 7
    # Keys of another type are none, and a plural counts.
    assert made["cover"] != "a"
    assert made["pages"] != 9
