"""The deep lane finds what the gate misses by design, and shrinks it."""

import json

import pytest

from conformance.audit import Audit, Order, carry_out
from conformance.config import Config, Target
from conformance.rules import catalogue
from conformance.scenarios import deep
from tests.faults.harness import Silent, end_with_first_find
from tests.kit.rare import COLOURS, FALLS_FROM, LONG, NARROW, Rare
from tests.kit.serving import Server

RULES = tuple(rule for rule in catalogue if rule.id in ("API002", "API003", "ERR001", "ERR002"))
ENOUGH = 240.0
"""Seconds that no test needs: each ends when nothing new was found for long."""


class Notes(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def audit(*faults: str, seconds: float | None = ENOUGH, seed: int = 0) -> tuple[Audit, list[str]]:
    """The rare service audited; by the gate alone where `seconds` is None."""
    listener = Notes()
    with Server(Rare(*faults)) as server:
        config = Config(target=Target(url=server.url, openapi="/openapi.json"))
        done = carry_out(Order(config, RULES, deep=seconds, seed=seed), listener)
    return done, listener.notes


def found(done: Audit) -> dict[str, list[str]]:
    """The findings by rule: the operations of each."""
    groups = {verdict.rule.id: verdict.findings for verdict in done.verdicts}
    return {rule: [op for g in these for op in g.operations] for rule, these in groups.items() if these}


def sent(done: Audit, rule: str) -> dict[str, object]:
    """The body of the request that the finding of a rule shows."""
    (finding,) = next(verdict.findings for verdict in done.verdicts if verdict.rule.id == rule)
    data = json.loads(finding.shown.exchanges[-1].request.body)
    assert isinstance(data, dict)
    return data


@pytest.fixture(autouse=True)
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found here is found soon; to look on for long would find nothing more."""
    monkeypatch.setattr(deep, "LONG", 300)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is rarer is looked for as long as a user's run does, and the first find ends it."""
    monkeypatch.setattr(deep, "LONG", 1500)
    end_with_first_find(monkeypatch)


@pytest.mark.parametrize("fault", ["long", "narrow", "falling", "colourless"])
def test_gate_misses_what_is_rare(fault: str) -> None:
    assert found(audit(fault, seconds=None)[0]) == {}


@pytest.mark.usefixtures("patient")
def test_a_text_too_long_is_shrunk_to_the_shortest_that_fails() -> None:
    done, _ = audit("long")
    assert found(done) == {"ERR001": ["POST /things"]}
    assert len(str(sent(done, "ERR001")["name"])) == LONG + 1


@pytest.mark.usefixtures("patient")
def test_a_number_of_a_narrow_range_is_found() -> None:
    done, _ = audit("narrow")
    assert found(done) == {"ERR001": ["POST /things"]}
    assert sent(done, "ERR001")["size"] in NARROW


@pytest.mark.usefixtures("patient")
def test_what_depends_on_an_earlier_request_is_found() -> None:
    done, _ = audit("falling")
    assert found(done) == {"ERR001": ["PATCH /things/{thing_id}"]}
    (finding,) = next(verdict.findings for verdict in done.verdicts if verdict.rule.id == "ERR001")
    last = finding.shown.exchanges[-1]
    assert json.loads(last.request.body) == {"level": 0}
    before = [e for e in done.record if e.request.url == last.request.url and e.number < last.number]
    changes = [json.loads(e.request.body) for e in before if e.request.method == "PATCH" and e.ok]
    assert any(change.get("level", 0) >= FALLS_FROM for change in changes)


@pytest.mark.usefixtures("patient")
def test_bad_data_that_is_accepted_is_found() -> None:
    done, _ = audit("colourless")
    assert found(done) == {"ERR002": ["POST /things"]}
    assert sent(done, "ERR002")["colour"] not in COLOURS


def test_nothing_is_found_where_nothing_is_wrong_and_it_ends_early() -> None:
    done, notes = audit()
    assert found(done) == {}
    assert {verdict.outcome for verdict in done.verdicts} == {"passed"}
    assert done.run
    assert done.run.lane == "deep"
    assert notes[-1].endswith("0 new causes; nothing new was found for long")


def test_the_time_ends_it() -> None:
    done, notes = audit(seconds=0.5)
    assert done.record.complete
    assert notes[-1].endswith("the time was up")
    assert "more requests" in notes[-1]


def test_the_same_seed_finds_the_same() -> None:
    records = [audit("narrow", seed=7)[0].record for _ in range(2)]
    first, second = ([e.request.body for e in r if e.step in ("positive", "negative")] for r in records)
    assert first == second
