"""Which resources the kit finds in a document, against tables made by hand."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.model.lists import placed
from conformance.model.operation import Operation
from conformance.model.paging import is_whole, paging_of
from conformance.model.record import Exchange, Request, Response
from conformance.model.resources import Resource, find_resources, parent_of
from conformance.model.service import Service
from conformance.target.openapi import Document, parse

HERE = Path(__file__).parent
SINGLE = ("item", "parent", "identifier", "create", "list", "read", "replace", "update", "delete")
SEVERAL = ("lookups", "actions", "bulk")
NAMES = {"update": "patch"}


@pytest.fixture(scope="module")
def prefect() -> Document:
    return parse((HERE / "prefect_openapi.json").read_bytes(), "prefect_openapi.json")


def _told(resource: Resource, resources: tuple[Resource, ...]) -> dict[str, Any]:
    above = parent_of(resource, resources)
    told: dict[str, Any] = {
        "item": resource.item,
        "parent": above.name if above else None,
        "identifier": resource.key,
    }
    for name in SINGLE[3:]:
        operation = getattr(resource, NAMES.get(name, name))
        told[name] = operation.label if operation else None
    return told | {name: {op.label for op in getattr(resource, name)} for name in SEVERAL}


def test_prefect_against_the_table(prefect: Document, capsys: pytest.CaptureFixture[str]) -> None:
    table = tomllib.loads((HERE / "prefect_resources.toml").read_text())
    resources = find_resources(prefect)
    told = {resource.name: _told(resource, resources) for resource in resources}
    wrong = []
    for name in table.keys() | told.keys():
        if name not in table or name not in told:
            wrong.append(f"{name} is {'found' if name in told else 'not found'}")
            continue
        expected = {key: table[name].get(key) for key in SINGLE}
        expected |= {key: set(table[name].get(key, ())) for key in SEVERAL}
        differ = [f"{k}: {told[name][k]} for {v}" for k, v in expected.items() if told[name][k] != v]
        if differ:
            wrong.append(f"{name}: {'; '.join(differ)}")
    right = len(table) - sum(1 for text in wrong if " is found" not in text)
    with capsys.disabled():
        sys.stdout.write(
            f"\nPrefect: {right} of {len(table)} resources right in every respect {sorted(wrong)}\n"
        )
    assert len(told) == len(resources), "each resource once"
    assert right / max(len(table), len(told)) >= 0.9


def document(*operations: str, key: str = "id") -> Document:
    """A document of operations: with `[]` one answers with a list, with `takes[]` it takes one."""
    thing = {"type": "object", "properties": {key: {"type": "string"}, "name": {"type": "string"}}}
    many = {"type": "array", "items": thing}
    paths: dict[str, Any] = {}
    for text in operations:
        method, path, *marks = text.split()
        answer = many if "[]" in marks else thing
        found: dict[str, Any] = {
            "responses": {
                "201" if "201" in marks else "200": {"description": "ok", "content": json_of(answer)}
            }
        }
        if method in ("POST", "PUT", "PATCH"):
            found["requestBody"] = {"content": json_of(many if "takes[]" in marks else thing)}
        if "upsert" in marks:
            found["operationId"] = "upsert_thing"
        paths.setdefault(path, {})[method.lower()] = found
    raw = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    return parse(json.dumps(raw), "t.json")


def json_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def only(*operations: str) -> Resource:
    (found,) = find_resources(document(*operations))
    return found


def label(operation: Operation | None) -> str | None:
    return operation.label if operation else None


@pytest.mark.parametrize(
    "path",
    ["/x/search", "/x/_search", "/x:search", "/x/filter", "/x/query", "/x:query", "/x/list", "/x/find/"],
)
def test_a_list_by_post(path: str) -> None:
    assert label(only("POST /x 201", "GET /x/{id}", f"POST {path} []").list) == f"POST {path}"


@pytest.mark.parametrize(
    "other",
    [
        "POST /x/search",
        "POST /x/search [] 201",
        "POST /x/increment []",
        "POST /y/search []",
        "POST /x/a/search []",
    ],
)
def test_no_list_by_post(other: str) -> None:
    assert only("POST /x 201", "GET /x/{id}", other).list is None


def test_the_get_of_the_collection_is_its_list_before_any_post() -> None:
    found = only("GET /x []", "POST /x/search []", "GET /x/{id}")
    assert label(found.list) == "GET /x"
    assert label(only("POST /x/query []", "POST /x/filter []", "GET /x/{id}").list) == "POST /x/filter"


def test_creates_by_put() -> None:
    on_item = only("GET /x []", "GET /x/{id}", "PUT /x/{id} 201")
    assert (label(on_item.create), on_item.named_by_client) == ("PUT /x/{id}", True)
    assert label(only("GET /x []", "PUT /x/{id} upsert").create) == "PUT /x/{id}"
    assert only("GET /x []", "GET /x/{id}", "PUT /x/{id}").create is None
    on_collection = only("PUT /x/", "GET /x/{id}")
    assert (label(on_collection.create), on_collection.named_by_client) == ("PUT /x/", False)
    assert only("PUT /x takes[]", "GET /x []", "GET /x/{id}").create is None


def test_lookups_actions_and_bulk() -> None:
    found = only(
        "GET /x []",
        "POST /x 201",
        "GET /x/{id}",
        "GET /x/name/{name}",
        "GET /x/recent/{name} []",
        "POST /x/{id}/set_state",
        "POST /x/{id}:cancel",
        "POST /x/{id}/parts 201",
        "GET /x/{id}/parts []",
        "POST /x/bulk takes[] []",
        "POST /x:batchDelete",
        "POST /x/embulk",
    )
    assert [op.label for op in found.lookups] == ["GET /x/name/{name}"]
    assert [op.label for op in found.actions] == ["POST /x/{id}/set_state", "POST /x/{id}:cancel"]
    assert [op.label for op in found.bulk] == ["POST /x/bulk", "POST /x:batchDelete"]


def test_a_list_that_must_be_told_what_to_list_is_never_the_whole() -> None:
    raw = json.loads(json.dumps(document("POST /x 201", "GET /x/{id}", "POST /x/search []").raw))
    schema = raw["paths"]["/x/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["properties"]["limit"] = {"type": "integer"}
    schema["required"] = ["limit"]
    (free,) = find_resources(parse(json.dumps(raw), "t.json"))
    schema["required"] = ["limit", "name"]
    (bound,) = find_resources(parse(json.dumps(raw), "t.json"))
    answer = Exchange(
        1, "s", "t", "list", "POST /x/search", "a", Request("POST", "/"), Response(200, body=b"[]")
    )
    assert free.list
    assert bound.list
    assert is_whole(answer, paging_of(free.list), 100)
    assert not is_whole(answer, paging_of(bound.list), 100)


def test_what_a_list_by_post_is_asked_with_goes_into_its_body() -> None:
    found = document("POST /x/search [] takes")
    (operation,) = found.operations
    body = {"where": {"a": 1}}
    query, sent = placed(found, operation, {"limit": 5, "where.b": 2}, body)
    assert (query, sent) == ({}, {"where": {"a": 1, "b": 2}, "limit": 5})
    assert body == {"where": {"a": 1}}, "the configured body stays as it is"


def test_accounts_are_a_resource_though_their_sign_up_stands_elsewhere() -> None:
    found = document(
        "POST /auth/register 201", "GET /users []", "GET /users/{id}", "GET /x []", "GET /x/{id} []"
    )
    sign_up = found.operations[0]
    service = Service(found, find_resources(found), accounts=sign_up)
    assert service.account_resource is not None
    assert service.account_resource.name == "/users"
    assert Service(found, find_resources(found)).account_resource is None
