"""OpenAPI 2.0 documents become 3.0 ones: what each part turns into, and laws over arbitrary input."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator

from conformance.target.openapi import parse
from conformance.target.swagger2 import upgrade

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
DOCUMENT: dict[str, Any] = yaml.safe_load(
    """
    swagger: "2.0"
    info: {title: Shop, version: "1"}
    host: shop.example
    basePath: /v2
    schemes: [https, http]
    consumes: [application/json]
    produces: [application/json, application/xml]
    security: [{key: []}]
    securityDefinitions:
      key: {type: apiKey, name: X-Key, in: header, description: a key}
      basic: {type: basic}
      implicit: {type: oauth2, flow: implicit, authorizationUrl: "https://a.example", scopes: {read: reads}}
      password: {type: oauth2, flow: password, tokenUrl: "https://t.example", scopes: {}}
      application: {type: oauth2, flow: application, tokenUrl: "https://t.example", scopes: {}}
      code:
        {type: oauth2, flow: accessCode, authorizationUrl: "https://a.example", tokenUrl: "https://t.example",
         scopes: {}}
    parameters:
      limit: {name: limit, in: query, type: integer, minimum: 1, default: 10}
      order: {name: order, in: body, required: true, schema: {$ref: "#/definitions/Order"}}
    responses:
      Missing: {description: not there, schema: {$ref: "#/definitions/Error"}}
    definitions:
      Error: {type: object, properties: {message: {type: string, x-nullable: true}}}
      Pet:
        type: object
        discriminator: kind
        required: [kind]
        properties: {kind: {type: string}, parent: {$ref: "#/definitions/Pet"}}
      Cat: {allOf: [{$ref: "#/definitions/Pet"}, {type: object, properties: {lives: {type: integer}}}]}
      Order: {type: object, additionalProperties: {$ref: "#/definitions/Pet"}}
    paths:
      /orders/{id}:
        parameters:
          - {name: id, in: path, required: true, type: string, format: uuid}
          - {name: X-Trace, in: header, type: array, items: {type: string}}
        get:
          operationId: readOrder
          tags: [orders]
          parameters: [{$ref: "#/parameters/limit"}]
          responses:
            "200":
              description: the order
              schema: {$ref: "#/definitions/Order"}
              headers: {X-Rate: {type: integer, description: left}}
              examples: {application/json: {a: 1}}
            "404": {$ref: "#/responses/Missing"}
        put:
          consumes: [application/merge-patch+json]
          produces: [text/plain]
          security: []
          deprecated: true
          parameters: [{$ref: "#/parameters/order"}]
          responses: {"204": {description: done}, "404": {$ref: "#/responses/Missing"}}
      /files:
        post:
          consumes: [multipart/form-data]
          parameters:
            - {name: file, in: formData, type: file, required: true, description: the bytes}
            - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
          responses: {"201": {description: made}}
      /search:
        post:
          consumes: [application/x-www-form-urlencoded]
          parameters:
            - {name: words, in: formData, type: array, items: {type: string}}
            - {name: csv, in: query, type: array, items: {type: string}}
            - {name: multi, in: query, type: array, items: {type: string}, collectionFormat: multi}
            - {name: pipes, in: query, type: array, items: {type: string}, collectionFormat: pipes}
            - {name: ssv, in: query, type: array, items: {type: string}, collectionFormat: ssv}
          responses: {"200": {description: found}}
    """
)
ORDER = DOCUMENT["paths"]["/orders/{id}"]


@pytest.fixture(scope="module")
def upgraded() -> dict[str, Any]:
    return upgrade(DOCUMENT)


def minimal(**changes: Any) -> dict[str, Any]:
    return {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}, **changes}


def test_a_valid_document_becomes_a_valid_one(upgraded: dict[str, Any]) -> None:
    assert not list(OpenAPIV2SpecValidator(DOCUMENT).iter_errors())
    assert not list(OpenAPIV30SpecValidator(upgraded).iter_errors())


def test_the_document_is_read_with_all_its_operations() -> None:
    document = parse(json.dumps(DOCUMENT), "shop.json")
    assert {operation.label for operation in document.operations} == {
        "GET /orders/{id}",
        "PUT /orders/{id}",
        "POST /files",
        "POST /search",
    }
    read = next(operation for operation in document.operations if operation.operation_id == "readOrder")
    assert {(p.location, p.name) for p in read.parameters} == {("path", "id"), ("header", "X-Trace")} | {
        ("query", "limit")
    }
    assert read.responses["404"].content["application/xml"] == {"$ref": "#/components/schemas/Error"}
    assert document.servers == ("https://shop.example/v2", "http://shop.example/v2")


@pytest.mark.parametrize(
    ("address", "servers"),
    [
        ({}, None),
        ({"basePath": "/v1"}, [{"url": "/v1"}]),
        ({"host": "a.example:81"}, [{"url": "//a.example:81"}]),
        ({"host": "a.example", "basePath": "/v1", "schemes": ["ws"]}, [{"url": "ws://a.example/v1"}]),
        ({"host": 7, "basePath": [], "schemes": "https"}, None),
    ],
)
def test_servers(address: dict[str, Any], servers: list[dict[str, str]] | None) -> None:
    assert upgrade(minimal(**address)).get("servers") == servers


def test_security_schemes(upgraded: dict[str, Any]) -> None:
    schemes = upgraded["components"]["securitySchemes"]
    assert schemes["key"] == {"type": "apiKey", "name": "X-Key", "in": "header", "description": "a key"}
    assert schemes["basic"] == {"type": "http", "scheme": "basic"}
    authorization, token = {"authorizationUrl": "https://a.example"}, {"tokenUrl": "https://t.example"}
    assert schemes["implicit"]["flows"] == {"implicit": {**authorization, "scopes": {"read": "reads"}}}
    assert schemes["password"]["flows"] == {"password": {**token, "scopes": {}}}
    assert schemes["application"]["flows"] == {"clientCredentials": {**token, "scopes": {}}}
    assert schemes["code"]["flows"] == {"authorizationCode": {**authorization, **token, "scopes": {}}}
    assert upgraded["security"] == [{"key": []}]
    assert upgraded["paths"]["/orders/{id}"]["put"]["security"] == []


def test_schemas(upgraded: dict[str, Any]) -> None:
    schemas = upgraded["components"]["schemas"]
    assert schemas["Pet"]["discriminator"] == {"propertyName": "kind"}
    assert schemas["Pet"]["properties"]["parent"] == {"$ref": "#/components/schemas/Pet"}
    assert schemas["Cat"]["allOf"][0] == {"$ref": "#/components/schemas/Pet"}
    assert schemas["Order"]["additionalProperties"] == {"$ref": "#/components/schemas/Pet"}
    assert schemas["Error"]["properties"]["message"] == {"type": "string", "nullable": True}


def test_a_type_that_is_a_list() -> None:
    types = {"A": ["string", "null"], "B": ["string", "integer"], "C": ["null"], "D": 7}
    schemas = upgrade(minimal(definitions={name: {"type": kind} for name, kind in types.items()}))[
        "components"
    ]
    assert schemas["schemas"] == {
        "A": {"type": "string", "nullable": True},
        "B": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "C": {"nullable": True},
        "D": {},
    }


def test_values_are_not_taken_for_references() -> None:
    data = {"$ref": "#/definitions/A"}
    schema = {"type": "object", "example": data, "default": data, "enum": [data]}
    assert upgrade(minimal(definitions={"A": schema}))["components"]["schemas"]["A"] == schema


def test_a_body_and_media_types_of_its_own(upgraded: dict[str, Any]) -> None:
    put = upgraded["paths"]["/orders/{id}"]["put"]
    assert put["requestBody"] == {
        "required": True,
        "content": {"application/merge-patch+json": {"schema": {"$ref": "#/components/schemas/Order"}}},
    }
    assert "parameters" not in put
    assert put["deprecated"] is True
    # The shared response would have the document's media types, not this operation's.
    assert put["responses"]["404"]["content"] == {
        "text/plain": {"schema": {"$ref": "#/components/schemas/Error"}}
    }
    assert "content" not in put["responses"]["204"]
    assert "order" not in upgraded["components"]["parameters"]


def test_a_response(upgraded: dict[str, Any]) -> None:
    responses = upgraded["paths"]["/orders/{id}"]["get"]["responses"]
    schema = {"$ref": "#/components/schemas/Order"}
    assert responses["200"] == {
        "description": "the order",
        "headers": {"X-Rate": {"description": "left", "schema": {"type": "integer"}}},
        "content": {
            "application/json": {"schema": schema, "example": {"a": 1}},
            "application/xml": {"schema": schema},
        },
    }
    assert responses["404"] == {"$ref": "#/components/responses/Missing"}


def test_forms_and_files(upgraded: dict[str, Any]) -> None:
    post = upgraded["paths"]["/files"]["post"]
    assert post["requestBody"]["required"] is True
    (media,) = post["requestBody"]["content"].items()
    assert media[0] == "multipart/form-data"
    assert media[1]["schema"]["properties"]["file"] == {
        "type": "string",
        "format": "binary",
        "description": "the bytes",
    }
    assert media[1]["schema"]["required"] == ["file"]
    search = upgraded["paths"]["/search"]["post"]["requestBody"]
    assert search["required"] is False
    encoding = search["content"]["application/x-www-form-urlencoded"]["encoding"]
    assert encoding == {"words": {"style": "form", "explode": False}}


def test_a_response_that_is_a_file() -> None:
    get = {"produces": ["image/png"], "responses": {200: {"description": "seen", "schema": {"type": "file"}}}}
    found = upgrade(minimal(paths={"/a": {"get": get}}))["paths"]["/a"]["get"]["responses"]
    assert found["200"]["content"] == {"image/png": {"schema": {"type": "string", "format": "binary"}}}


def test_forms_without_a_fitting_media_type() -> None:
    def content(kind: str) -> dict[str, Any]:
        field = {"name": "a", "in": "formData", "type": kind}
        post = {"parameters": [field], "responses": {}}
        found = upgrade(minimal(consumes=["application/json"], paths={"/a": {"post": post}}))
        return dict(found["paths"]["/a"]["post"]["requestBody"]["content"])

    assert list(content("string")) == ["application/x-www-form-urlencoded"]
    assert list(content("file")) == ["multipart/form-data"]


def test_array_styles(upgraded: dict[str, Any]) -> None:
    found = {p["name"]: p for p in upgraded["paths"]["/search"]["post"]["parameters"]}
    styles = {name: (p["style"], p["explode"]) for name, p in found.items()}
    assert styles == {
        "csv": ("form", False),
        "multi": ("form", True),
        "pipes": ("pipeDelimited", False),
        "ssv": ("spaceDelimited", False),
    }
    trace = upgraded["paths"]["/orders/{id}"]["parameters"][1]
    assert trace == {
        "name": "X-Trace",
        "in": "header",
        "style": "simple",
        "schema": {"type": "array", "items": {"type": "string"}},
    }


def test_a_body_that_a_path_shares_goes_to_its_operations() -> None:
    shared = {"name": "b", "in": "body", "schema": {"type": "string"}}
    own = {"name": "b", "in": "body", "schema": {"type": "integer"}}
    item = {"parameters": [shared], "put": {}, "post": {"parameters": [own]}}
    found = upgrade(minimal(paths={"/a": item}))["paths"]["/a"]
    assert "parameters" not in found
    assert found["put"]["requestBody"]["content"]["application/json"]["schema"] == {"type": "string"}
    assert found["post"]["requestBody"]["content"]["application/json"]["schema"] == {"type": "integer"}


def test_references_that_lead_nowhere_or_in_a_circle() -> None:
    parameters = {"a": {"$ref": "#/parameters/b"}, "b": {"$ref": "#/parameters/a"}}
    get = {"parameters": [{"$ref": "#/parameters/a"}, {"$ref": "#/parameters/none"}, {"$ref": "other.json"}]}
    found = upgrade(minimal(parameters=parameters, paths={"/a": {"get": get}}))
    references = [p["$ref"] for p in found["paths"]["/a"]["get"]["parameters"]]
    assert references == ["#/components/parameters/a", "#/components/parameters/none", "other.json"]


def test_yaml_anchors_that_lead_to_themselves_or_explode() -> None:
    circle = yaml.safe_load("swagger: '2.0'\ndefinitions: {A: &a {properties: {a: *a, b: *a}}}")
    assert "A" in upgrade(circle)["components"]["schemas"]
    lines = ["a0: &a0 {type: string}"]
    lines += [
        f"a{n}: &a{n} {{properties: {{l: *a{n - 1}, m: *a{n - 1}, r: *a{n - 1}}}}}" for n in range(1, 60)
    ]
    bomb = yaml.safe_load("swagger: '2.0'\ndefinitions:\n" + "\n".join(f"  {line}" for line in lines))
    assert len(upgrade(bomb)["components"]["schemas"]) == 60


SIMPLE_SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"type": "string"}, {"type": "integer", "minimum": 1}, {"type": "array", "items": {"type": "number"}}]
)
SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    SIMPLE_SCHEMAS | st.sampled_from([{"$ref": "#/definitions/A"}, {"type": "string", "x-nullable": True}]),
    lambda inner: (
        st.builds(lambda s: {"type": "array", "items": s}, inner)
        | st.builds(lambda a, b: {"allOf": [a, b]}, inner, inner)
        | st.builds(
            lambda p: {"type": "object", "properties": p}, st.dictionaries(st.text("ab/~", max_size=2), inner)
        )
    ),
    max_leaves=6,
)
MEDIA = st.lists(st.sampled_from(["application/json", "text/xml", "multipart/form-data"]), unique=True)


@st.composite
def valid_documents(draw: st.DrawFn) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for number in range(draw(st.integers(0, 3))):
        item: dict[str, Any] = {}
        for method in draw(st.sets(st.sampled_from(METHODS))):
            places = draw(
                st.sampled_from([["query", "header"], ["query", "body"], ["formData", "header"], []])
            )
            parameters = [
                {"name": f"p{place}", "in": place, "schema": draw(SCHEMAS)}
                if place == "body"
                else {"name": f"p{place}", "in": place, **draw(SIMPLE_SCHEMAS)}
                for place in places
            ]
            shared = {"$ref": "#/responses/R"}
            response = shared if draw(st.booleans()) else {"description": "d", "schema": draw(SCHEMAS)}
            item[method] = {"parameters": parameters, "responses": {"200": response}}
            if draw(st.booleans()):
                # A form needs a media type of forms; other bodies take any.
                form = ["multipart/form-data"]
                item[method]["consumes"] = form if "formData" in places else draw(MEDIA)
            if draw(st.booleans()):
                item[method]["produces"] = draw(MEDIA)
        paths[f"/p{number}"] = item
    return minimal(
        paths=paths,
        definitions={"A": draw(SIMPLE_SCHEMAS)},
        responses={"R": {"description": "r", "schema": draw(SCHEMAS)}},
        produces=draw(MEDIA),
    )


JUNK: tuple[Any, ...] = (None, 7, "x", True, [], [None], [[]], [{}], {}, {"x": None}, {"$ref": 7}, {7: {}})


def positions(node: Any) -> Iterator[tuple[Any, ...]]:
    """The path to every node below `node`."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (key,)
        if isinstance(value, dict | list):
            yield from ((key, *rest) for rest in positions(value))


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_junk_at_any_place_raises_nothing_and_the_input_stays_as_it_is(junk: Any) -> None:
    for position in positions(DOCUMENT):
        raw = copy.deepcopy(DOCUMENT)
        parent: Any = raw
        for key in position[:-1]:
            parent = parent[key]
        parent[position[-1]] = copy.deepcopy(junk)
        before = copy.deepcopy(raw)
        found = upgrade(raw)
        assert raw == before, position
        assert found["openapi"] == "3.0.3", position
        # The rest of the document is still there.
        assert len(found["paths"]) >= len(DOCUMENT["paths"]) - 1 or position == ("paths",), position


@settings(deadline=None)
@given(valid_documents())
def test_valid_documents_stay_valid_and_lose_no_operation(raw: dict[str, Any]) -> None:
    found = upgrade(raw)
    assert not list(OpenAPIV30SpecValidator(found).iter_errors())
    assert {(p, m) for p, item in found["paths"].items() for m in item} == {
        (p, m) for p, item in raw["paths"].items() for m in item
    }
    for path, item in raw["paths"].items():
        for method, operation in item.items():
            has_body = any(p["in"] in ("body", "formData") for p in operation["parameters"])
            assert ("requestBody" in found["paths"][path][method]) is has_body


@settings(deadline=None)
@given(valid_documents())
def test_no_reference_points_at_the_old_places(raw: dict[str, Any]) -> None:
    text = json.dumps(upgrade(raw))
    assert not any(f'"#/{old}/' in text for old in ("definitions", "parameters", "responses"))
