"""Faults that the gate misses by design and the deep lane finds, on the services as they are."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.audit import Audit, Order, carry_out
from conformance.config import Config
from conformance.rules import catalogue
from conformance.scenarios import deep
from tests.faults.harness import LONG, Silent, end_with_first_find, flask, orders
from tests.reference.flask_library.faults import RARE as IN_LIBRARY
from tests.reference.flask_library.faults import Fault
from tests.reference.orders.faults import RARE as IN_ORDERS
from tests.reference.orders.loader import seed

RULES = tuple(rule for rule in catalogue if rule.id in deep.ONE_BY_ONE)
RULE_OF = {"invalid_refused": "ERR002", "no_server_error": "ERR001", "responses_match": "API002"}
ENOUGH = 600.0
"""Seconds; it ends sooner, with what it finds, or as nothing new was found for long."""
BOOKS, NOTES = ("* /books", "* /books/{book_id}"), ("* /notes*",)
BULK, PRODUCTS = ("* /products", "* /products/bulk"), ("* /products", "* /products/{product_id}")
ORDERS = ("* /orders", "* /orders/{order_id}")
WHERE: dict[str, tuple[str, ...]] = {
    "history_of_any_length": BOOKS,
    "private_names_dropped": BOOKS,
    "early_date_unwritable": BOOKS,
    "cheap_science_fails": BOOKS,
    "ten_thousand_as_text": BOOKS,
    "long_pinned_note_without_body": NOTES,
    "pinned_empty_note_stays": NOTES,
    "bulk_price_unbounded": BULK,
    "last_day_overflows": PRODUCTS,
    "shelf_unknown": ORDERS,
    "gift_with_long_note_is_null": ORDERS,
    "dozens_in_words": ORDERS,
    "third_change_of_long_notes_fails": ORDERS,
}
"""The operations around a fault: the lane is tested, not what it costs to be unlucky elsewhere."""


def audited(config: Config, only: tuple[str, ...], *, lane: float | None) -> Audit:
    """The service audited by the rules of the deep lane, in a part of it."""
    config = config.model_copy(update={"target": config.target.model_copy(update={"include": only})})
    return carry_out(Order(config, RULES, deep=lane), Silent())


def found(done: Audit) -> dict[str, list[str]]:
    """The findings by rule: the operations of each."""
    return {
        verdict.rule.id: [op for group in verdict.findings for op in group.operations]
        for verdict in done.verdicts
        if verdict.findings
    }


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane ends with what it finds first: the test asks for no more."""
    end_with_first_find(monkeypatch)


DAILY = {"early_date_unwritable", "bulk_price_unbounded", "gift_with_long_note_is_null"}
"""One a rule; the others take minutes each."""
CASES = [
    pytest.param(service, fault, id=fault.name, marks=[] if fault.name in DAILY else [LONG])
    for service, faults in ((flask, IN_LIBRARY), (orders, IN_ORDERS))
    for fault in faults
]


@pytest.mark.parametrize("fault", IN_ORDERS, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = seed(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_rule_has_a_daily_fault() -> None:
    daily = {RULE_OF[fault.law] for fault in (*IN_LIBRARY, *IN_ORDERS) if fault.name in DAILY}
    assert daily == set(RULE_OF.values())


def test_every_rule_has_two_faults_and_is_broken_on_two_stacks() -> None:
    assert min(Counter(fault.law for fault in (*IN_LIBRARY, *IN_ORDERS)).values()) >= 2
    for faults in (IN_LIBRARY, IN_ORDERS):
        assert {fault.law for fault in faults} == set(RULE_OF)


@pytest.mark.slow
@pytest.mark.parametrize(("service", "fault"), CASES)
@pytest.mark.usefixtures("content")
def test_gate_misses_and_deep_lane_finds(service: Callable[[str], Config], fault: Fault) -> None:
    only = WHERE[fault.name]
    assert found(audited(service(fault.name), only, lane=None)) == {}
    after = found(audited(service(fault.name), only, lane=ENOUGH))
    assert set(after) == {RULE_OF[fault.law]}, after


@pytest.mark.slow
@pytest.mark.parametrize(
    ("service", "only"),
    [
        pytest.param(flask, BOOKS, marks=LONG),
        pytest.param(flask, NOTES, marks=LONG),
        pytest.param(orders, ("* /products*",), marks=LONG),
        (orders, ("* /orders*",)),
    ],
)
def test_services_as_they_are_have_nothing(
    service: Callable[[], Config], only: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deep, "LONG", 500)
    assert found(audited(service(), only, lane=ENOUGH)) == {}
