"""The faults of the orders service, each caught by the rule that stands for the law it breaks."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.harness import orders, verdicts
from tests.faults.laws import rule_of
from tests.faults.template import FAULTS as TEMPLATE_FAULTS
from tests.reference.flask_library.faults import FAULTS as FLASK_FAULTS
from tests.reference.orders.faults import FAULTS, Fault
from tests.reference.orders.loader import seed

CAUGHT = [(rule, fault) for fault in FAULTS if (rule := rule_of(fault.name, fault.law))]
CLEAN = {"passed", "not_applicable"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = seed(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_law_has_two_faults() -> None:
    assert min(Counter(fault.law for fault in FAULTS).values()) >= 2


def test_names_and_titles_are_unique() -> None:
    others = {fault.name for fault in (*FLASK_FAULTS, *TEMPLATE_FAULTS)}
    assert not {fault.name for fault in FAULTS} & others
    assert len({fault.name for fault in FAULTS}) == len({fault.title for fault in FAULTS}) == len(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "fault"), [pytest.param(*c, id=f"{c[0]}-{c[1].name}") for c in CAUGHT])
def test_rule_catches_fault(rule: str, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    record_property("rule", rule)
    record_property("fault", f"orders: {fault.name}")
    assert verdicts(orders(fault.name), [rule])[rule].outcome == "failed"


@pytest.mark.slow
def test_unfaulted_service_conforms() -> None:
    outcomes = {rule: verdict.outcome for rule, verdict in verdicts(orders()).items()}
    assert set(outcomes.values()) <= CLEAN, outcomes
