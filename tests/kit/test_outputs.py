"""The files that an audit leaves, and the statuses with which the kit itself fails."""

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from conformance.judge.runner import judge
from conformance.model import archive
from conformance.rules import catalogue
from tests.kit.conftest import Cli, outcomes, read_json
from tests.kit.serving import Server
from tests.kit.shop import Shop
from tests.kit.test_options import unlocked


@pytest.fixture
def audited(cli: Cli, work: Path) -> Path:
    """The files of an audit that found something."""
    with Server(unlocked(Shop())) as server:
        assert cli("audit", "--url", server.url, "--json", "out.json", "--record", "out.rec.gz").code == 1
    return work


def test_the_result_and_the_record(audited: Path) -> None:
    """The result is as its schema says; the record gives the same outcomes and fingerprints again."""
    result = read_json(audited / "out.json")
    schema = (files("conformance.report") / "result.schema.json").read_text()
    jsonschema.validate(result, json.loads(schema), jsonschema.Draft202012Validator)
    kept = archive.load(audited / "out.rec.gz")
    selected = set(kept.service.selected)
    again = judge(catalogue, kept.record, kept.service, read_only=kept.read_only, selected=selected)
    assert {v.rule.id: v.outcome for v in again} == outcomes(result)
    assert {g.fingerprint for v in again for g in v.findings} == {
        found["fingerprint"] for rule in result["rules"] for found in rule["findings"]
    }
    assert result["summary"]["requests"] == len(kept.record)


BROKEN_RULE = """
from dataclasses import replace
from conformance.rules import catalogue
def check(record, service):
    raise RuntimeError("out of order")
    yield
catalogue.rules["ERR007"] = replace(catalogue.rules["ERR007"], check=check)
"""
BROKEN_KIT = """
import conformance.cli
def carry_out(order, listener):
    raise RuntimeError("out of order")
conformance.cli.carry_out = carry_out
"""


def test_a_rule_that_breaks_is_an_error_of_the_kit(cli: Cli, work: Path) -> None:
    with Server(Shop()) as server:
        ended = cli("audit", "--url", server.url, "--rule", "ERR007", "--json", "o", before=BROKEN_RULE)
    assert ended.code == 4
    assert "the rule broke: RuntimeError: out of order" in ended.sentence
    assert outcomes(read_json(work / "o")) == {"ERR007": "error"}


def test_a_kit_that_breaks_says_so(cli: Cli) -> None:
    ended = cli("audit", "--url", "http://127.0.0.1:1", before=BROKEN_KIT)
    assert ended.code == 4
    assert ended.sentence == "the kit itself failed: RuntimeError: out of order (please report it)."
