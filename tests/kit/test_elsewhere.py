"""Requests go to the target alone: no redirect, `servers` entry or reference leads elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit.conftest import Cli, Ended, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop

SETTINGS = """
[target]
headers = { X-Tenant = "tenant-7f3a" }
[principals.alice]
headers = { Authorization = "Bearer alice-7f3a" }
"""


@pytest.fixture
def other() -> Iterator[Server]:
    """Another host, as far as the target is concerned: nothing may arrive there."""
    with Server(lambda _: Answer(200, {})) as server:
        yield server


def lead_away(raw: dict[str, Any], url: str) -> None:
    """Name another host wherever a document can name one."""
    raw["servers"] = [{"url": url}, {"url": f"{url}/{{x}}", "variables": {"x": {"default": "v1"}}}]
    raw["externalDocs"] = {"url": f"{url}/docs"}
    raw["jsonSchemaDialect"] = f"{url}/dialect"
    items, item = raw["paths"]["/items"], raw["paths"]["/items/{item_id}"]
    items["get"]["servers"] = items["servers"] = [{"url": url}]
    items["post"]["responses"]["201"]["links"] = {
        "next": {"operationRef": f"{url}/openapi.json#/paths/~1a/get"}
    }
    items["post"]["requestBody"]["content"]["application/json"]["examples"] = {
        "far": {"externalValue": f"{url}/example.json"}
    }
    item["put"]["requestBody"] = {"$ref": f"{url}/bodies.json#/Item"}
    item["put"]["parameters"] = [{"$ref": f"{url}/parameters.json#/Trace"}]
    raw["paths"]["/far"] = {"$ref": f"{url}/paths.json#/far"}
    schemas = raw["components"]["schemas"]
    schemas["Item"]["properties"] |= {
        "a": {"$ref": f"{url}/schemas.json#/A"},
        "b": {"$dynamicRef": f"{url}/schemas.json#b"},
        "c": {"$schema": f"{url}/dialect", "$id": f"{url}/c", "type": "string"},
        "d": {"discriminator": {"propertyName": "x", "mapping": {"y": f"{url}/y"}}, "type": "object"},
    }
    raw["components"]["securitySchemes"] = {
        "oauth": {
            "type": "oauth2",
            "flows": {"password": {"tokenUrl": f"{url}/token", "refreshUrl": f"{url}/r", "scopes": {}}},
        },
        "oidc": {"type": "openIdConnect", "openIdConnectUrl": f"{url}/.well-known"},
    }
    items["post"]["security"] = [{"oauth": []}, {"oidc": []}]


def test_a_document_that_names_another_host(cli: Cli, work: Path, other: Server) -> None:
    shop = Shop()
    lead_away(shop.document, other.url)
    (work / "conformance.toml").write_text(SETTINGS)
    with Server(shop) as server:
        cli("audit", "--url", server.url, "--json", "out.json", "--record", "out.rec")
    assert other.seen == []
    assert read_json(work / "out.json")["summary"]["operations_accepted"] >= 4
    assert any(each.headers.get("authorization") == "Bearer alice-7f3a" for each in server.seen)


def test_a_service_that_redirects_to_another_host(cli: Cli, work: Path, other: Server) -> None:
    shop = Shop()

    def away(seen: Seen) -> Answer:
        if seen.path.startswith("/items/") or seen.method == "POST":
            return Answer(
                307, None, {"Location": f"{other.url}{seen.path}", "Refresh": f"0; url={other.url}"}
            )
        return shop(seen)

    (work / "conformance.toml").write_text(SETTINGS)
    with Server(away) as server:
        assert cli("audit", "--url", server.url).code == 1
    assert other.seen == []


def test_a_document_that_is_redirected(cli: Cli, other: Server) -> None:
    with Server(lambda _: Answer(302, None, {"Location": f"{other.url}/openapi.json"})) as server:
        ended = cli("audit", "--url", server.url)
    assert ended.code == 3
    assert ended.sentence.startswith(
        f"{server.url}/openapi.json redirects to {other.url}/openapi.json, which is not followed"
    )
    assert other.seen == []


def test_a_document_named_on_another_host_is_asked_for_without_credentials(cli: Cli, work: Path) -> None:
    shop = Shop()
    (work / "conformance.toml").write_text(SETTINGS)
    with Server(lambda _: Answer(200, shop.document)) as other, Server(shop) as server:
        ended: Ended = cli(
            "audit", "--url", server.url, "--openapi", f"{other.url}/x.json", "--rule", "API001"
        )
    assert ended.code == 0
    assert other.lines == ["GET /x.json"]
    assert "7f3a" not in repr(other.seen)


def test_the_environments_proxy_is_not_used(cli: Cli, other: Server) -> None:
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), other.url)
    with Server(Shop()) as server:
        ended = cli("audit", "--url", server.url, "--rule", "API001", env={**proxies, "no_proxy": ""})
    assert ended.code == 0
    assert other.seen == []


def test_a_cookie_of_the_service_is_sent_by_nobody_else(cli: Cli) -> None:
    """A jar would lend one principal's session to all who ask after it, and to nobody at all."""
    shop = Shop()

    def sets(seen: Seen) -> Answer:
        answer = shop(seen)
        return Answer(answer.status, answer.data, {**answer.headers, "Set-Cookie": "session=1; Path=/"})

    with Server(sets) as server:
        cli("audit", "--url", server.url, "--rule", "API", "--rule", "ERR")
    assert len(server.seen) > 20
    # A malformed one of the kit's own is among what it tries.
    assert [each for each in server.seen if "session=1" in each.headers.get("cookie", "")] == []
