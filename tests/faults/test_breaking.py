"""Faults that show where something breaks, each caught by its rule; none of them in the service as it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config import Config, load
from conformance.model.record import BREAKING
from conformance.rules import catalogue
from conformance.target.dependencies import provided
from tests.faults.harness import LONG, on_kafka, verdicts, with_env
from tests.faults.laws import rule_of
from tests.faults.template import EVENT_FAULTS, seeded
from tests.kit.test_dependencies import engine
from tests.reference.flask_library.faults import Fault

RULES = tuple(rule.id for rule in catalogue if BREAKING & set(rule.scenarios))
FAULTS = {f: rule for f in EVENT_FAULTS if (rule := rule_of(f.name, f.law)) in RULES}
DAILY = {rule: fault for fault, rule in reversed(FAULTS.items())}
"""One of the shop stands for each rule beside it, in test_events: audits that break something take long."""


def quick(folder: Path, migrated: Path) -> Config:
    """The service's own configuration, with a database that is there."""
    config = load(folder / "conformance.toml", folder)
    database = shutil.copy(migrated, folder / "app.db")
    target = config.target.model_copy(update={"setup": ()})
    return with_env(config.model_copy(update={"target": target}), DATABASE_URL=f"sqlite:///{database}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        pytest.param(rule, fault, id=f"{rule}-{fault.name}", marks=[] if fault == DAILY[rule] else [LONG])
        for fault, rule in FAULTS.items()
    ],
)
def test_rule_catches_fault(
    rule: str, fault: Fault, tmp_path: Path, migrated: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("rule", rule)
    record_property("fault", f"template: {fault.name}")
    assert verdicts(quick(seeded(fault, tmp_path), migrated), [rule])[rule].outcome == "failed"


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
