"""`audit --plan`: what it understood, what it would call, and that it asks for nothing but the document."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from conformance.report.plan import SCHEMA, Plan
from tests.kit.conftest import Cli, read_json
from tests.kit.serving import Server
from tests.kit.shop import Shop
from tests.reference.depot import app as depot

ROOT = Path(__file__).parents[2]
NOWHERE = "http://shop.example:1"
"""Not this machine by its name, so that only reads would leave."""


def generated() -> str:
    """The schema as the package must hold it; run this file to write it anew."""
    schema = Plan.model_json_schema(mode="serialization")
    head: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:service-conformance:plan:1",
    }
    return json.dumps({**head, **schema}, indent=2) + "\n"


def test_the_packaged_schema_is_that_of_the_model() -> None:
    assert SCHEMA.read_text() == generated()


def test_nothing_is_asked_but_the_document(cli: Cli, work: Path) -> None:
    with Server(Shop(taken=3)) as server:
        ended = cli("audit", "--url", server.url, "--plan", "--json", "plan.json")
        assert ended.code == 0, ended.err
        assert set(server.lines) == {"GET /openapi.json"}
    plan = read_json(work / "plan.json")
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), plan)
    (items,) = plan["resources"]
    assert items["collection"] == "/items"
    assert items["paging"] == {"limit": "limit", "offset": "offset"}
    assert items["server_made"] == ["id"]
    assert {op["operation"]: op["called"] for op in plan["operations"]} == {
        "GET /items": "yes",
        "POST /items": "yes",
        "GET /items/{item_id}": "yes",
        "PUT /items/{item_id}": "yes",
        "DELETE /items/{item_id}": "yes",
    }
    assert plan["requests"] > 100
    assert plan["seconds"] > 0
    assert "pages        limit by limit, offset by offset" in ended.out
    assert "nothing has been asked of the service but its document" in ended.out


def test_what_was_planned_is_what_is_called(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        assert cli("audit", "--url", server.url, "--plan", "--json", "plan.json").code == 0
        cli("audit", "--url", server.url, "--exclude", "DELETE /items/*", "--json", "audit.json")
        cli("audit", "--url", server.url, "--exclude", "DELETE /items/*", "--plan", "--json", "less.json")
    done = read_json(work / "audit.json")["summary"]
    planned, less = read_json(work / "plan.json"), read_json(work / "less.json")
    assert [op for op in less["operations"] if op["called"] == "no"] == [
        {
            "operation": "DELETE /items/{item_id}",
            "called": "no",
            "why": "left out by --include or --exclude",
        }
    ]
    assert less["requests"] < planned["requests"]
    assert done["operations_accepted"] == len([op for op in less["operations"] if op["called"] == "yes"])
    assert done["requests"] / 3 < less["requests"] < done["requests"] * 3, "an estimate, not a guess"


def test_elsewhere_only_reads_are_planned(cli: Cli, work: Path) -> None:
    (work / "depot.json").write_text(json.dumps(depot.openapi()))
    ended = cli("audit", "--url", NOWHERE, "--openapi", "depot.json", "--plan", "--json", "plan.json")
    assert ended.code == 0, ended.err
    plan = read_json(work / "plan.json")
    assert plan["target"]["read_only"] is True
    assert plan["seconds"] is None
    assert {op["operation"].partition(" ")[0] for op in plan["operations"] if op["called"] != "no"} == {"GET"}
    # Nobody can sign up, so that the reads of what is protected would only be refused.
    assert {op["called"] for op in plan["operations"] if op["operation"].startswith("GET")} == {"nowhere"}
    assert plan["sign_in"]["why_not"] == "nothing may be written, so nobody was signed up"
    assert "only GET, HEAD and OPTIONS leave" in ended.out


def test_how_it_signs_in_and_what_is_no_plain_crud(cli: Cli, work: Path) -> None:
    (work / "depot.json").write_text(json.dumps(depot.openapi()))
    (work / "conformance.toml").write_text(
        "[resources.parts]\n"
        'list = { operation = "POST /parts/search", limit = "window.size", offset = "window.start" }\n'
    )
    assert (
        cli(
            "audit", "--url", NOWHERE, "--openapi", "depot.json", "--write", "--plan", "--json", "p.json"
        ).code
        == 0
    )
    plan = read_json(work / "p.json")
    assert plan["sign_in"]["sign_up"] == "POST /accounts"
    assert plan["sign_in"]["sign_in"] == "POST /sessions"
    assert plan["sign_in"]["principals"] == ["alice, signed up for the audit", "bob, signed up for the audit"]
    parts, labels = plan["resources"]
    assert parts["list"] == "POST /parts/search"
    assert parts["paging"] == {"limit": "window.size", "offset": "window.start"}
    assert (parts["filters"], parts["sorts"]) == (["amount"], ["name asc", "name desc", "id asc"])
    assert parts["lookups"] == ["GET /parts/name/{name}"]
    assert parts["actions"] == ["POST /parts/{number}/set_state"]
    assert parts["bulk"] == ["POST /parts/bulk_create"]
    assert (parts["unique"], parts["server_made"]) == (["name"], ["id", "state"])
    assert (labels["create"], labels["identifier"]) == ("PUT /labels/{name}", "name")


def test_principals_of_the_configuration_are_named(cli: Cli, work: Path) -> None:
    (work / "conformance.toml").write_text(
        '[principals.amy]\nheaders = { Authorization = "Bearer s3cret-amy" }\n'
        '[principals.carl]\nstate = "disabled"\nheaders = { Authorization = "Bearer s3cret-carl" }\n'
    )
    (work / "depot.json").write_text(json.dumps(depot.openapi()))
    ended = cli("audit", "--url", NOWHERE, "--openapi", "depot.json", "--write", "--plan", "--json", "p.json")
    plan = read_json(work / "p.json")
    assert (plan["sign_in"]["principals"], plan["sign_in"]["disabled"]) == (["amy"], ["carl"])
    assert {op["called"] for op in plan["operations"]} == {"yes"}
    assert "s3cret" not in ended.out + ended.err + (work / "p.json").read_text()


@pytest.mark.parametrize("arguments", [("--record", "r.json"), ("--plan", "--lane", "deep")])
def test_what_does_not_go_together(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli("audit", "--url", NOWHERE, "--plan", *arguments).code == 2


if __name__ == "__main__":
    sys.stdout.write(f"{Path(str(SCHEMA)).write_text(generated())} characters written\n")
