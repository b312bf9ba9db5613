"""The faults of the Flask library, each caught by the rule that stands for the law it breaks."""

from collections.abc import Callable

import pytest

from tests.faults.harness import flask, verdicts
from tests.faults.laws import rule_of
from tests.reference.flask_library.faults import FAULTS, Fault

CAUGHT = [(rule, fault) for fault in FAULTS if (rule := rule_of(fault.name, fault.law))]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("rule", "fault"), [pytest.param(*c, id=f"{c[0]}-{c[1].name}") for c in CAUGHT])
def test_rule_catches_fault(rule: str, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    record_property("rule", rule)
    record_property("fault", f"flask: {fault.name}")
    assert verdicts(flask(fault.name), [rule])[rule].outcome == "failed"


def test_unfaulted_service_conforms() -> None:
    outcomes = {rule: verdict.outcome for rule, verdict in verdicts(flask()).items()}
    assert set(outcomes.values()) <= {"passed", "not_applicable"}, outcomes
