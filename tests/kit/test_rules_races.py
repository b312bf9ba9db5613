"""Identical creates at once: judged from their answers, and really sent at once."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from conformance.judge.runner import Verdict, judge
from conformance.model.record import Record
from conformance.rules import catalogue
from conformance.target.transport import Door, Stopped, Transport
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import Story, service
from tests.kit.serving import Answer, Seen, Server

CREATE = "POST /notes"


def race(*statuses: int, **headers: str) -> Story:
    story = Story("races", f"races {CREATE}").then("first", CREATE, 201, {"id": 1})
    story.then("second", CREATE, 409, {})
    for status in statuses:
        story.then("together", CREATE, status, {}, answered=headers)
    return story


def test_one_wins_and_the_others_are_refused() -> None:
    assert verdict("API030", race(409, 201, 409, 422, 409), service()).outcome == "passed"


@pytest.mark.parametrize(
    ("statuses", "cause"),
    [((201, 201, 409), "several accepted"), ((201, 500, 409), "crashes"), ((201, 503, 503), "crashes")],
)
def test_two_win_or_one_crashes(statuses: tuple[int, ...], cause: str) -> None:
    assert broken("API030", race(*statuses), service()) == [(CREATE, cause)]


def judged(tape: Story, *rules: str) -> dict[str, Verdict]:
    of = service()
    chosen = [catalogue.rules[rule] for rule in rules]
    found = judge(chosen, tape.record, of, read_only=False, selected=set(of.selected))
    return {verdict.rule.id: verdict for verdict in found}


TELLING = {"error": "sqlite3.IntegrityError: UNIQUE constraint failed: note.title"}


def crash(step: str = "together") -> Story:
    return race(201, 409).then(step, CREATE, 500, TELLING)


def test_a_crash_in_a_race_is_one_finding_that_names_the_others() -> None:
    found = judged(crash(), "API030", "ERR001", "ERR009")
    assert {rule: v.outcome for rule, v in found.items()} == {
        "API030": "failed",
        "ERR001": "not_applicable",
        "ERR009": "not_applicable",
    }
    (finding,) = found["API030"].findings
    assert finding.shown.message.endswith("(ERR001 and ERR009 would tell the same)")
    alone = judged(crash(), "ERR001", "ERR009")
    assert {v.outcome for v in alone.values()} == {"failed"}


def test_what_fails_elsewhere_as_well_is_told_for_that() -> None:
    tape = crash()
    tape.then("plain", CREATE, 500, TELLING)
    found = judged(tape, "API030", "ERR001", "ERR009")
    assert {v.outcome for v in found.values()} == {"failed"}
    for rule in ("ERR001", "ERR009"):
        (finding,) = found[rule].findings
        assert [o.exchanges[-1].step for o in finding.observations] == ["plain"]


def test_one_fault_in_the_input_is_no_less_told_where_the_race_crashes() -> None:
    tape = crash()
    tape.then("hostile", CREATE, 500, {}, fault="null character")
    found = judged(tape, "API030", "ERR001")
    assert [group.cause for group in found["ERR001"].findings] == ["null character"]


def test_nothing_is_said_where_nothing_raced_or_nobody_won() -> None:
    assert verdict("API030", race(), service()).outcome == "not_applicable"
    assert verdict("API030", race(429, 429, 429), service()).outcome == "not_applicable"
    busy = race(201, 503, **{"retry-after": "1"})
    assert verdict("API030", busy, service()).outcome == "not_applicable"


def test_an_unanswered_racer_is_no_refusal() -> None:
    story = race(201, 409, 409)
    last = story.record.exchanges[-1]
    story.record.exchanges[-1] = replace(last, response=None, failure="no answer in time")
    assert verdict("API030", story, service()).outcome == "passed"


def test_requests_are_under_way_at_once_and_recorded_in_order() -> None:
    """Each is answered only when all of them have arrived."""
    arrived = threading.Barrier(5)

    def answer(_seen: Seen) -> Answer:
        return Answer(200, {"place": arrived.wait(10)})

    with Server(answer) as server:
        transport = Transport(server.url, Record(), Door(read_only=False, timeout=20))
        said: dict[str, Any] = {
            "scenario": "races",
            "trace": "races",
            "step": "together",
            "principal": "alice",
        }
        exchanges = transport.together(5, lambda: transport.send("POST", "/items", body=b"{}", **said))
        transport.close()
    assert [e.status for e in exchanges] == [200] * 5
    assert [e.number for e in transport.record] == [1, 2, 3, 4, 5]
    assert {e.number for e in exchanges} == {1, 2, 3, 4, 5}


def test_what_may_not_leave_does_not_leave_together_either() -> None:
    with Server(lambda _seen: Answer(200)) as server:
        transport = Transport(server.url, Record(), Door(read_only=True))
        said: dict[str, Any] = {
            "scenario": "races",
            "trace": "races",
            "step": "together",
            "principal": "alice",
        }
        assert transport.together(3, lambda: transport.send("POST", "/items", **said)) == []
        transport.close()
    assert server.seen == []


def test_the_end_of_the_budget_ends_a_race() -> None:
    with Server(lambda _seen: Answer(200)) as server:
        transport = Transport(server.url, Record(), Door(read_only=False))
        transport.deadline = 0.0
        said: dict[str, Any] = {
            "scenario": "races",
            "trace": "races",
            "step": "together",
            "principal": "alice",
        }
        with pytest.raises(Stopped) as stopped:
            transport.together(3, lambda: transport.send("POST", "/items", **said))
        transport.close()
    assert stopped.value.reason == "budget"
