"""Faults that the gate misses by design and the deep lane finds, on the services as they are."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.audit import Audit, Order, carry_out
from conformance.config import Config
from conformance.rules import catalogue
from conformance.scenarios import deep
from tests.faults.harness import Silent, flask, orders
from tests.reference.flask_library.faults import RARE as IN_LIBRARY
from tests.reference.flask_library.faults import Fault
from tests.reference.orders.faults import RARE as IN_ORDERS
from tests.reference.orders.loader import seed

RULES = tuple(rule for rule in catalogue if rule.id in deep.ONE_BY_ONE)
RULE_OF = {"invalid_refused": "ERR002", "no_server_error": "ERR001", "responses_match": "API002"}
ENOUGH = 400.0
"""Seconds; mostly it ends sooner, as nothing new was found for long."""
WHERE = {
    **dict.fromkeys((fault.name for fault in IN_LIBRARY if "note" in fault.name), "/notes"),
    **dict.fromkeys((fault.name for fault in IN_LIBRARY if "note" not in fault.name), "/books"),
    **dict.fromkeys((fault.name for fault in IN_ORDERS if fault.edits[0].file == "orders.py"), "/orders"),
    "shelf_unknown": "/orders",
}
"""The collection that a fault is in: the lane is tested, not what it costs to be unlucky elsewhere."""


def audited(config: Config, *, lane: float | None, collection: str = "/products") -> Audit:
    """The service audited by the rules of the deep lane, on one collection alone."""
    only = (f"* {collection}*",)
    config = config.model_copy(update={"target": config.target.model_copy(update={"include": only})})
    return carry_out(Order(config, RULES, deep=lane), Silent())


def found(done: Audit) -> dict[str, list[str]]:
    """The findings by rule: the operations of each."""
    return {
        verdict.rule.id: [op for group in verdict.findings for op in group.operations]
        for verdict in done.verdicts
        if verdict.findings
    }


CASES = [
    *(pytest.param(flask, fault, id=fault.name) for fault in IN_LIBRARY),
    *(pytest.param(orders, fault, id=fault.name) for fault in IN_ORDERS),
]


@pytest.mark.parametrize("fault", IN_ORDERS, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = seed(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_rule_has_two_faults_on_each_of_two_stacks() -> None:
    for faults in (IN_LIBRARY, IN_ORDERS):
        assert min(Counter(fault.law for fault in faults).values()) >= 2
        assert {fault.law for fault in faults} == set(RULE_OF)


@pytest.mark.slow
@pytest.mark.parametrize(("service", "fault"), CASES)
def test_gate_misses_and_deep_lane_finds(
    service: Callable[[str], Config], fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep, "LONG", 500)
    collection = WHERE.get(fault.name, "/products")
    assert found(audited(service(fault.name), lane=None, collection=collection)) == {}
    after = found(audited(service(fault.name), lane=ENOUGH, collection=collection))
    assert set(after) == {RULE_OF[fault.law]}, after


@pytest.mark.slow
@pytest.mark.parametrize("collection", ["/books", "/notes"])
def test_library_as_it_is_has_nothing(collection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "LONG", 500)
    assert found(audited(flask(), lane=ENOUGH, collection=collection)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("collection", ["/products", "/orders"])
def test_orders_as_they_are_have_nothing(collection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "LONG", 500)
    assert found(audited(orders(), lane=ENOUGH, collection=collection)) == {}
