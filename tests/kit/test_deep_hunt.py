"""What the deep lane has seen is confirmed or told: where it does not come back, and where it is ended."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import strategies as st

from conformance.judge.rule import Observation, broken
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules import catalogue
from conformance.scenarios import deep
from conformance.scenarios.quarries import Quarry

if TYPE_CHECKING:
    from conformance.scenarios.session import Session

LABEL = "POST /things"


def hunt(breaks: Callable[[], bool]) -> tuple[deep.Hunt, list[str]]:
    """A hunt whose one rule finds an operation failing whenever `breaks` says so, and its notes."""

    def check(_record: Record, _service: Service) -> Iterator[Observation]:
        if breaks():
            yield broken(LABEL, cause=LABEL, message="it fails", expected="a 2xx", actual="500")

    notes: list[str] = []
    door = SimpleNamespace(record=Record())
    session = cast("Session", SimpleNamespace(transport=door, service=None, seed=0))
    rule = replace(catalogue.rules["ERR001"], check=check)
    made = deep.Hunt(session, (rule,), 1.0, notes.append, notes.append)
    return made, notes


def quarry(sent: Callable[[], None] = lambda: None) -> Quarry:
    def play(_example: Any, /, trace: str, *, alone: bool = False) -> None:
        if trace == deep.NAME and not alone:
            sent()

    return Quarry("things", st.integers(), play)


def test_what_does_not_come_back_is_a_note_with_its_count() -> None:
    answers = iter([True])
    made, notes = hunt(lambda: next(answers, False))
    looked_at = quarry()
    made.round(looked_at)
    assert (made.new, looked_at.found) == (0, False)
    assert made.unconfirmed() == [f"ERR001 on {LABEL}: seen once, not again when repeated"]
    answers = iter([True])
    made.round(quarry())
    made.sum_up("the time was up")
    assert notes[-1] == f"deep: ERR001 on {LABEL}: seen 2 times, not again when repeated"
    assert looked_at.dry < deep.LONG


def test_what_comes_back_is_kept() -> None:
    made, _ = hunt(lambda: True)
    looked_at = quarry()
    made.round(looked_at)
    assert (made.new, looked_at.found, made.unconfirmed()) == (1, True, [])


def test_what_was_found_is_sent_for_the_record_where_the_user_ends_it() -> None:
    rounds = iter(range(1))

    def sent() -> None:
        if next(rounds, None) is None:
            raise KeyboardInterrupt

    made, _ = hunt(lambda: True)
    with pytest.raises(KeyboardInterrupt):
        made.round(quarry(sent))
    assert (made.new, made.known) == (1, {("ERR001", LABEL, LABEL)})


def test_what_cannot_be_fuzzed_is_told() -> None:
    def sent() -> None:
        raise LookupError("no object of /things could be made")

    made, notes = hunt(lambda: False)
    looked_at = quarry(sent)
    made.round(looked_at)
    made.sum_up("nothing new was found for long")
    assert looked_at.dry >= deep.LONG
    assert notes[-1] == "deep: things could not be fuzzed (LookupError: no object of /things could be made)"
