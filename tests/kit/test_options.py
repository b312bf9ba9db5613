"""What the options of an audit do, seen from the service and from the result."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit.conftest import ELSEWHERE, REDIRECTED, ROOT, Cli, outcomes, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop


def test_what_is_excluded_is_never_sent(cli: Cli, work: Path) -> None:
    (work / "conformance.toml").write_text('[target]\nexclude = ["delete /items/*"]\n')
    with Server(Shop(taken=3)) as server:
        ended = cli("audit", "--url", server.url, "--exclude", "GET /items", "--json", "out.json")
    sent = {f"{each.method} {each.path}" for each in server.seen}
    assert "GET /items" not in sent
    assert not [line for line in sent if line.startswith("DELETE ")]
    assert {"POST /items"} <= sent
    assert ended.code in (0, 1)
    reasons = {u["operation"]: u["reason"] for u in read_json(work / "out.json")["summary"]["unreached"]}
    assert reasons == dict.fromkeys(
        ("GET /items", "DELETE /items/{item_id}"), "not sent: left out by --include or --exclude"
    )


def test_only_what_is_included_is_judged(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        cli("audit", "--url", server.url, "--include", "GET /items*", "--json", "out.json")
    result = read_json(work / "out.json")
    assert result["summary"]["operations_accepted"] >= 2
    judged = {op for rule in result["rules"] for found in rule["findings"] for op in found["operations"]}
    assert {op for op in judged if " /" in op} <= {"GET /items", "GET /items/{item_id}"}


def test_rules_by_id_and_prefix(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        cli("audit", "--url", server.url, "--rule", "err", "--rule", "API001", "--json", "out.json")
    ids = set(outcomes(read_json(work / "out.json")))
    assert {"ERR001", "API001"} <= ids
    assert {name[:3] for name in ids - {"API001"}} == {"ERR"}


def test_an_audit_ends_with_its_budget(cli: Cli, work: Path) -> None:
    (work / "conformance.toml").write_text("[target]\nrate = 10\n")
    with Server(Shop()) as server:
        ended = cli("audit", "--url", server.url, "--budget", "2.5", "--json", "out.json")
    result = read_json(work / "out.json")
    assert ended.code in (0, 1)
    assert result["complete"] is False
    assert result["summary"]["interrupted"] == "budget"
    cut = [rule for rule in result["rules"] if rule["requirement"] == "more time (--budget)"]
    assert cut
    assert {rule["outcome"] for rule in cut} == {"not_run"}
    assert len(server.seen) <= 30
    if ended.code == 0:
        assert ended.out.startswith("conforms as far as checked")


def unlocked(shop: Shop) -> Any:
    """The shop with three faults: a 200 for what is missing, a 500, no `Allow`."""

    def answer(seen: Seen) -> Answer:
        right = shop(seen)
        if right.status == 405:
            return Answer(405, right.data)
        if right.status == 404 and seen.method == "PUT":
            return Answer(200, {"id": 1, "name": "a", "amount": 1, "price": 1})
        if right.status == 201 and seen.body.count(b'"amount": 1000'):
            return Answer(500, {"code": 500, "message": "too much"})
        return right

    return answer


def found(result: dict[str, Any]) -> set[tuple[str, str]]:
    return {(rule["id"], finding["fingerprint"]) for rule in result["rules"] for finding in rule["findings"]}


def test_another_seed_and_port_give_other_data_and_the_same_fingerprints(cli: Cli, work: Path) -> None:
    bodies, seen = [], []
    for seed in ("1", "2"):
        with Server(unlocked(Shop())) as server:
            ended = cli("audit", "--url", server.url, "--seed", seed, "--json", "out.json")
        assert ended.code == 1
        result = read_json(work / "out.json")
        assert result["seed"] == int(seed)
        seen.append(found(result))
        bodies.append({each.body for each in server.seen if each.method == "POST"})
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 2
    assert not bodies[0] <= bodies[1]


def test_the_same_seed_on_fresh_state_sends_the_same(cli: Cli, work: Path) -> None:
    command = json.dumps(f"{sys.executable} -m tests.kit.shop {{port}}")
    (work / "conformance.toml").write_text(f"[target]\ncommand = {command}\ncwd = {json.dumps(str(ROOT))}\n")
    sent = []
    for name in ("one", "two"):
        assert cli("audit", "--seed", "7", "--record", f"{name}.rec").code == 0
        kept = read_json(work / f"{name}.rec")
        sent.append([(e["request"]["method"], e["request"].get("body")) for e in kept["exchanges"]])
    assert sent[0] == sent[1]


def test_strict_asks_for_every_rule(cli: Cli, work: Path) -> None:
    """Nothing is written on another host, so some rules are not run: no fault, but not all that was asked."""
    with Server(Shop(taken=3)) as server:
        url = f"http://{ELSEWHERE}:{server.port}"
        some = ("--rule", "API001", "--rule", "ERR008")
        plain = cli("audit", "--url", url, *some, "--json", "out.json", before=REDIRECTED)
        strict = cli("audit", "--url", url, *some, "--strict", before=REDIRECTED)
    assert outcomes(read_json(work / "out.json")) == {"API001": "passed", "ERR008": "not_run"}
    assert plain.code == 0, plain
    assert plain.out.startswith("conforms as far as checked")
    assert strict.code == 1
    assert "could not be checked, and --strict asks for all" in strict.sentence


SOFTER = """
from dataclasses import replace
from conformance.rules import catalogue
catalogue.rules["ERR007"] = replace(catalogue.rules["ERR007"], level="SHOULD")
"""


@pytest.mark.parametrize(("fail_on", "code"), [("must", 0), ("should", 1)])
def test_what_counts_as_failed(cli: Cli, work: Path, fail_on: str, code: int) -> None:
    shop = Shop()

    def no_allow(seen: Seen) -> Answer:
        answer = shop(seen)
        return Answer(answer.status, answer.data)

    with Server(no_allow) as server:
        ended = cli(
            "audit",
            "--url",
            server.url,
            "--rule",
            "ERR007",
            "--fail-on",
            fail_on,
            "--json",
            "o",
            before=SOFTER,
        )
    assert outcomes(read_json(work / "o")) == {"ERR007": "failed"}
    assert ended.code == code
    assert ("ERR007" in ended.sentence) == bool(code)


def test_how_much_is_said(cli: Cli) -> None:
    said = {}
    with Server(unlocked(Shop())) as server:
        for option in ("--quiet", "--verbose"):
            said[option] = cli("audit", "--url", server.url, "--rule", "ERR", option)
    quiet, verbose = said["--quiet"], said["--verbose"]
    assert quiet.out.startswith("does not conform")
    assert len(quiet.out) < len(verbose.out)
    assert "errors" not in quiet.err
    assert "errors" in verbose.err
    assert quiet.err.splitlines()[0].startswith(f"auditing {server.url}")


def test_the_projects_own_configuration(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        text = (
            f'[project]\nname = "a"\n[tool.conformance.target]\nurl = "{server.url}"\nopenapi = "api.json"\n'
        )
        (work / "pyproject.toml").write_text(text)
        (work / "api.json").write_text(json.dumps(Shop().document))
        (work / "below").mkdir()
        assert cli("audit", "--rule", "API001").code == 0
        ended = cli("audit", "--rule", "API001", "--config", "../pyproject.toml", cwd=work / "below")
    assert ended.code == 0, ended
    assert "GET /openapi.json" not in server.lines
