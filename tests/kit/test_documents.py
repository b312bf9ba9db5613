"""Documents as they come: what is no OpenAPI document is said to be none, what is odd is read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.errors import TargetProblem
from conformance.target.openapi import parse
from tests.kit.conftest import Cli, Ended, outcomes, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop
from tests.kit.shop_documents import document

HTML = b"<!doctype html>\n<html><head><title>Hello</title></head><body>It works: a page</body></html>"
YAML_CIRCLE = b"openapi: 3.1.0\ninfo: &a\n  title: x\n  again: *a\npaths: {}\n"
YAML_BOMB = b"openapi: 3.1.0\na: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in range(ord("b"), ord("k"))
)


def serving(text: bytes) -> Callable[[Seen], Answer]:
    return lambda seen: Answer(200, text) if seen.path == "/openapi.json" else Answer(404, {"code": 404})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HTML, "is not an OpenAPI document: name the right one with --openapi."),
        (b"", "is empty: name the OpenAPI document with --openapi."),
        (b" \n", "is empty: name the OpenAPI document with --openapi."),
        (b'{"openapi": "3.1.0", ', "is not an OpenAPI document"),
        (b"\xff\xfe\x00\xd8", "is not an OpenAPI document"),
        (b"[" * 200_000, "is not an OpenAPI document"),
        (YAML_CIRCLE, "is not an OpenAPI document"),
        (YAML_BOMB, "is not an OpenAPI document"),
        (b'["openapi"]', "is not an OpenAPI document"),
        (b'{"openapi": "3.1.0", "info": {}, "paths": {}}', "declares no operation"),
        (b'{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": [1]}}}}', "is not a well-formed"),
        (b'{"swagger": "1.2"}', "is OpenAPI 1.2; 2.0 and 3.x can be read."),
        (b'{"openapi": "4.0.0"}', "is OpenAPI 4.0.0; 2.0 and 3.x can be read."),
    ],
)
def test_what_is_no_document(usage: Callable[..., Ended], text: bytes, expected: str) -> None:
    with Server(serving(text)) as server:
        ended = usage("audit", "--url", server.url)
    assert ended.code == 3
    assert ended.sentence.startswith(f"{server.url}/openapi.json ")
    assert expected in ended.sentence


def test_a_document_that_is_not_there(usage: Callable[..., Ended]) -> None:
    with Server(lambda _: Answer(404)) as server:
        ended = usage("audit", "--url", server.url)
    assert ended.code == 3
    assert ended.sentence == f"{server.url}/openapi.json answers 404, not an OpenAPI document."


def _dangling(raw: dict[str, Any]) -> None:
    raw["paths"]["/items"]["post"]["responses"]["422"] = {"$ref": "#/components/responses/Missing"}
    raw["components"]["schemas"]["Item"]["properties"]["maker"] = {"$ref": "#/components/schemas/Missing"}


def _circular(raw: dict[str, Any]) -> None:
    """A tree, which is well; references that only name each other, which is not."""
    schemas = raw["components"]["schemas"]
    schemas["Item"]["properties"]["parts"] = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    schemas["NewItem"]["properties"]["kind"] = {"$ref": "#/components/schemas/A"}
    schemas["A"] = {"$ref": "#/components/schemas/B"}
    schemas["B"] = {"allOf": [{"$ref": "#/components/schemas/A"}]}


def _enormous(raw: dict[str, Any]) -> None:
    for number in range(100):
        fields = {f"field_{n}": {"type": "string", "description": "word " * 520} for n in range(20)}
        raw["components"]["schemas"][f"Unused{number}"] = {"type": "object", "properties": fields}


@pytest.mark.parametrize("change", [_dangling, _circular, _enormous])
def test_an_odd_document_is_audited(cli: Cli, work: Path, change: Callable[[dict[str, Any]], None]) -> None:
    shop = Shop()
    shop.document = json.loads(json.dumps(shop.document))
    change(shop.document)
    if change is _enormous:
        assert len(json.dumps(shop.document)) > 5_000_000
    with Server(shop) as server:
        ended = cli("audit", "--url", server.url, "--json", "out.json")
    result = read_json(work / "out.json")
    assert ended.code == (0 if change is _enormous else 1), ended
    assert "error" not in outcomes(result).values(), result
    assert result["summary"]["operations_accepted"] == 5
    assert outcomes(result)["API001"] == ("passed" if change is _enormous else "failed")


def test_yaml_is_read_as_json_would_be() -> None:
    text = (
        "openapi: 3.0.3\ninfo: {title: t, version: 2024-01-01}\npaths:\n  /a:\n    get:\n      responses:\n"
    )
    read = parse(text + "        200: {description: on}\n", "a.yaml")
    assert read.raw["info"]["version"] == "2024-01-01"
    assert list(read.operations[0].responses) == ["200"]
    json.dumps(read.raw)


def test_a_long_document_in_yaml_is_read() -> None:
    raw = json.loads(json.dumps(document("3.1.0")))  # without aliases for what is shared
    raw["info"]["description"] = "a long line of words, and another: " * 30_000
    raw["components"]["schemas"] |= {f"Unused{n}": raw["components"]["schemas"]["Item"] for n in range(500)}
    text = yaml.safe_dump(raw).encode()
    assert len(text) > 1_000_000
    assert b"*id" in text
    assert parse(text, "a.yaml").operations == parse(json.dumps(raw), "a").operations


@pytest.mark.parametrize(
    "pointer", ["#/components/schemas/A", "#/nowhere", "#", "other.json#/A", "#/info/x/y"]
)
def test_a_reference_that_leads_nowhere_is_an_empty_schema(pointer: str) -> None:
    raw = document("3.1.0")
    raw["components"]["schemas"] = {**raw["components"]["schemas"], "A": {"$ref": "#/components/schemas/A"}}
    with_it = parse(json.dumps(raw), "a")
    assert with_it.deref({"$ref": pointer}) == {}
    assert with_it.shape({"$ref": pointer}) == {}


def test_what_cannot_be_read_is_one_error() -> None:
    with pytest.raises(TargetProblem, match="a is not an OpenAPI document"):
        parse("{{{", "a")
