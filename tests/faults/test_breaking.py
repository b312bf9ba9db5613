"""Faults that show where something breaks, each caught by its rule; none of them in the service as it is."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config import Config, load
from conformance.target.dependencies import provided
from tests.faults.harness import LONG, on_kafka, verdicts, with_env
from tests.faults.template import seeded
from tests.faults.template.breaking import FAULTS
from tests.kit.test_dependencies import engine
from tests.reference.flask_library.faults import Fault

LAWS = {
    "broker_away_answers": "EVT020",
    "nothing_lost": "EVT021",
    "nothing_invented": "EVT022",
    "relay_exclusive": "EVT023",
    "takeover": "EVT024",
    "handled_once": "EVT025",
    "poison_passed": "EVT026",
    "poison_kept": "EVT027",
    "reason_told": "EVT028",
    "unknown_skipped": "EVT029",
    "handling_survives_kill": "EVT030",
}
RULES = tuple(LAWS.values())
ONE_A_LAW = {fault.law: fault for fault in reversed(FAULTS)}.values()
"""One of the shop stands for each rule beside it, in test_events: audits that break something take long."""


def quick(folder: Path, migrated: Path) -> Config:
    """The service's own configuration, with a database that is there."""
    config = load(folder / "conformance.toml", folder)
    database = shutil.copy(migrated, folder / "app.db")
    target = config.target.model_copy(update={"setup": ()})
    return with_env(config.model_copy(update={"target": target}), DATABASE_URL=f"sqlite:///{database}")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = seeded(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_rule_has_two_faults() -> None:
    count = Counter(LAWS[fault.law] for fault in FAULTS)
    assert set(count) == set(RULES)
    assert min(count.values()) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [pytest.param(f, id=f"{LAWS[f.law]}-{f.name}", marks=[] if f in ONE_A_LAW else [LONG]) for f in FAULTS],
)
def test_rule_catches_fault(
    fault: Fault, tmp_path: Path, migrated: Path, record_property: Callable[[str, object], None]
) -> None:
    rule = LAWS[fault.law]
    record_property("rule", rule)
    record_property("fault", f"template: {fault.name}")
    wanted = [rule, "EVT025"] if rule == "EVT030" else [rule]
    assert verdicts(quick(seeded(fault, tmp_path), migrated), wanted)[rule].outcome == "failed"


@pytest.mark.slow
def test_unfaulted_service_keeps_them_all(tmp_path: Path, migrated: Path) -> None:
    found = verdicts(quick(seeded(None, tmp_path), migrated), RULES)
    assert {rule: verdict.outcome for rule, verdict in found.items()} == dict.fromkeys(RULES, "passed")


@pytest.mark.slow
@pytest.mark.docker
def test_unfaulted_service_keeps_them_all_on_kafka(tmp_path: Path, migrated: Path) -> None:
    if engine() is None:
        pytest.skip("no Docker engine answers")
    found = verdicts(on_kafka(quick(seeded(None, tmp_path), migrated)), RULES)
    assert {rule: verdict.outcome for rule, verdict in found.items()} == dict.fromkeys(RULES, "passed")


@pytest.mark.slow
def test_what_cannot_be_broken_is_not_judged(tmp_path: Path, migrated: Path) -> None:
    """A broker of somebody else's is neither taken away nor written to."""
    with provided({"bootstrap_servers"}, "embedded", print) as values:
        config = quick(seeded(None, tmp_path), migrated)
        events = config.events.model_copy(update={"broker": values["bootstrap_servers"]})
        found = verdicts(config.model_copy(update={"events": events}), RULES)
    assert {verdict.outcome for verdict in found.values()} == {"not_run"}
    assert all("{bootstrap_servers}" in (verdict.requirement or "") for verdict in found.values())
