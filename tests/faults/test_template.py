"""The faults of the template's service, each caught by the rule that stands for the law it breaks."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config import Config, load
from tests.faults.harness import verdicts, with_env
from tests.faults.laws import rule_of
from tests.faults.template import FAULTS, seeded
from tests.reference.flask_library.faults import FAULTS as FLASK_FAULTS
from tests.reference.flask_library.faults import Fault

CAUGHT = [(rule, fault) for fault in FAULTS if (rule := rule_of(fault.name, fault.law))]


def quick(folder: Path, migrated: Path, fault: Fault) -> Config:
    """The service's own configuration, but with a database that is there, and without its broker.

    A fault of the migrations runs its own.
    """
    config = with_env(load(folder / "conformance.toml", folder), KAFKA_RUN_IN_SERVICE="false")
    if any(edit.file.startswith("alembic/") for edit in fault.edits):
        return config
    database = shutil.copy(migrated, folder / "app.db")
    target = config.target.model_copy(update={"setup": ()})
    return with_env(
        config.model_copy(update={"target": target}), DATABASE_URL=f"sqlite+aiosqlite:///{database}"
    )


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = seeded(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_law_has_two_faults() -> None:
    assert min(Counter(fault.law for fault in FAULTS).values()) >= 2


def test_names_and_titles_are_unique() -> None:
    assert not {fault.name for fault in FAULTS} & {fault.name for fault in FLASK_FAULTS}
    assert len({fault.name for fault in FAULTS}) == len({fault.title for fault in FAULTS}) == len(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "fault"), [pytest.param(*c, id=f"{c[0]}-{c[1].name}") for c in CAUGHT])
def test_rule_catches_fault(
    rule: str,
    fault: Fault,
    tmp_path: Path,
    migrated: Path,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("rule", rule)
    record_property("fault", f"template: {fault.name}")
    config = quick(seeded(fault, tmp_path), migrated, fault)
    assert verdicts(config, [rule])[rule].outcome == "failed"


@pytest.mark.slow
def test_unfaulted_service_conforms(tmp_path: Path) -> None:
    folder = seeded(None, tmp_path)
    found = verdicts(load(folder / "conformance.toml", folder))
    outcomes = {rule: verdict.outcome for rule, verdict in found.items()}
    assert set(outcomes.values()) <= {"passed", "not_applicable"}, outcomes
