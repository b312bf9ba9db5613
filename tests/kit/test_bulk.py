"""Bulk operations have one finder: the document, and what the configuration says in its place."""

import json
from itertools import count
from typing import Any

import pytest

from conformance.audit import Order, carry_out
from conformance.config import Config
from conformance.judge.runner import Verdict
from conformance.model.bulk import find_bulk
from conformance.model.overrides import understand
from conformance.rules import catalogue
from conformance.target.openapi import parse
from tests.faults.harness import Silent
from tests.kit.serving import Answer, Seen, Server

BULK = "POST /deliveries"
NEW: dict[str, Any] = {
    "type": "object",
    "required": ["name", "size"],
    "properties": {"name": {"type": "string", "maxLength": 40}, "size": {"type": "integer", "minimum": 1}},
}
THING = {**NEW, "properties": {"id": {"type": "integer"}, **NEW["properties"]}}
DELIVERY = {
    "type": "object",
    "required": ["supplier", "crates"],
    "properties": {
        "supplier": {"type": "string", "minLength": 1},
        "crates": {"type": "array", "items": NEW, "maxItems": 9},
    },
}


def _says(schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": "-", **({"content": {"application/json": {"schema": schema}}} if schema else {})}


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Warehouse", "version": "1"},
    "paths": {
        "/things": {
            "get": {"responses": {"200": _says({"type": "array", "items": THING})}},
            "post": {"requestBody": _takes(NEW), "responses": {"201": _says(THING), "422": _says()}},
        },
        "/things/{thing_id}": {
            "parameters": [
                {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "integer"}}
            ],
            "get": {"responses": {"200": _says(THING), "404": _says()}},
        },
        "/deliveries": {
            "post": {"requestBody": _takes(DELIVERY), "responses": {"201": _says(), "422": _says()}}
        },
    },
}


class Warehouse:
    """Takes things one by one, and several in a delivery; `fault` is `partly`, `skipped` or nothing."""

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._things: list[dict[str, Any]] = []
        self._numbers = count(1)

    def __call__(self, seen: Seen) -> Answer:
        kind, _, named = seen.path.strip("/").partition("/")
        if seen.path == "/openapi.json":
            return Answer(200, DOCUMENT)
        if seen.method == "GET" and kind == "things":
            found = [t for t in self._things if str(t["id"]) == named]
            return (
                Answer(200, self._things)
                if not named
                else Answer(200, found[0])
                if found
                else Answer(404, {})
            )
        data = json.loads(seen.body or b"null")
        if seen.method == "POST" and kind == "things" and not named:
            return Answer(201, self._kept(data)) if _good(data) else Answer(422, {})
        if (seen.method, seen.path) == ("POST", "/deliveries"):
            return self._delivered(data)
        return Answer(405, {}, {"Allow": "GET, POST"})

    def _kept(self, data: dict[str, Any]) -> dict[str, Any]:
        thing = {"id": next(self._numbers), **data}
        self._things.append(thing)
        return thing

    def _delivered(self, data: Any) -> Answer:
        crates = data.get("crates") if isinstance(data, dict) and data.get("supplier") else None
        if not isinstance(crates, list):
            return Answer(422, {})
        if self._fault == "skipped":
            crates = [crate for crate in crates if _good(crate)]
        for crate in crates if self._fault == "partly" else ():
            if not _good(crate):
                return Answer(422, {})
            self._kept(crate)
        if not all(map(_good, crates)):
            return Answer(422, {})
        for crate in crates if self._fault != "partly" else ():
            self._kept(crate)
        return Answer(201, {})


def _good(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and isinstance(data.get("name"), str)
        and len(data["name"]) <= 40
        and type(data.get("size")) is int
        and data["size"] >= 1
    )


def judged(fault: str = "", *bulk: str) -> Verdict:
    """What becomes of the rule of bulk, with these bulk operations configured."""
    rules = tuple(rule for rule in catalogue if rule.id == "API045")
    with Server(Warehouse(fault)) as server:
        said: dict[str, Any] = {"target": {"url": server.url, "openapi": "/openapi.json"}}
        if bulk:
            said["resources"] = {"things": {"bulk": bulk}}
        (verdict,) = carry_out(Order(Config.model_validate(said), rules), Silent()).verdicts
    return verdict


def test_what_the_document_does_not_tell_is_no_bulk_operation() -> None:
    assert judged().outcome == "not_applicable"


def test_a_configured_one_is_audited_with_what_else_its_body_demands() -> None:
    verdict = judged("", BULK)
    assert (verdict.outcome, verdict.exercised) == ("passed", 1)


@pytest.mark.parametrize(
    ("fault", "cause"), [("partly", "refused and stored in part"), ("skipped", "stored in part")]
)
def test_faults_of_a_configured_one_are_caught(fault: str, cause: str) -> None:
    verdict = judged(fault, BULK)
    assert [(group.cause, group.operations) for group in verdict.findings] == [(cause, (BULK,))]


def test_configuration_takes_a_found_one_away() -> None:
    paths = DOCUMENT["paths"] | {
        "/things/bulk": {"post": {"requestBody": _takes({"type": "array", "items": NEW})}}
    }  # type: ignore[operator]
    document = parse(json.dumps({**DOCUMENT, "paths": paths}), "-")
    _, resources = understand(document, {})
    assert [b.operation.label for b in find_bulk(document, resources)] == ["POST /things/bulk"]
    tables = Config.model_validate({"resources": {"things": {"bulk": []}}}).resources
    _, resources = understand(document, tables)
    assert find_bulk(document, resources) == ()
