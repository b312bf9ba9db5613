"""The rules of outages, of two processes and of consumers, on records made by hand."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.model.record import Exchange
from conformance.rules import catalogue
from tests.kit.breaking_records import (
    CONSUMES,
    CREATE,
    READ,
    UPDATE,
    added,
    book,
    change,
    changed,
    close,
    message,
    shelf,
)
from tests.kit.rule_records import Tape, broken, verdict

SHELF = shelf()
LABEL = CONSUMES.label


# While the broker is away


@pytest.mark.parametrize("status", [201, 202, 204, 409])
def test_answers_as_ever_while_the_broker_is_away(status: int) -> None:
    assert verdict("EVT020", book(Tape(), "outage", "away", "1", "a", status), SHELF).outcome == "passed"


def test_busy_with_a_time_to_come_again_is_an_answer() -> None:
    tape = Tape().add("outage", "away", CREATE, 503, answered={"retry-after": "5"})
    assert verdict("EVT020", tape, SHELF).outcome == "passed"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_while_the_broker_is_away(status: int) -> None:
    tape = book(Tape(), "outage", "away, then killed", "1", "a", status)
    assert broken("EVT020", tape, SHELF) == [(CREATE, "server error")]


def test_no_answer_while_the_broker_is_away() -> None:
    tape = book(Tape(), "outage", "away", "1", "a", 500)
    tape.record.exchanges[0] = unanswered(tape.record.exchanges[0])
    assert broken("EVT020", tape, SHELF) == [(CREATE, "no answer")]


def unanswered(exchange: Exchange) -> Exchange:
    return replace(exchange, response=None, failure="no answer in time")


def test_what_fails_while_the_broker_is_there_is_not_the_outages() -> None:
    assert verdict("EVT020", book(Tape(), "outage", "back", "1", "a", 500), SHELF).outcome == "not_applicable"


# What is lost


def test_an_event_of_each_accepted_write_arrives_at_least_once() -> None:
    tape = change(book(Tape(), "outage", "away", "7", "a"), "outage", "away", "7", "b")
    for _ in range(2):
        added(tape, "7", "a", id_="same")
    changed(tape, "7", "b")
    assert verdict("EVT021", close(tape, "outage", "back"), SHELF).outcome == "passed"


@pytest.mark.parametrize(
    ("step", "cause"), [("back", "lost with the broker"), ("back after a kill", "lost with the process")]
)
def test_an_event_that_never_comes(step: str, cause: str) -> None:
    tape = change(book(Tape(), "outage", "away", "7", "a"), "outage", "away", "7", "b")
    added(tape, "7", "a")
    assert broken("EVT021", together(close(tape, "outage", step)), SHELF) == [(UPDATE, cause)]


def together(tape: Tape) -> Tape:
    """All exchanges in one trace."""
    tape.record.exchanges = [replace(e, trace="one") for e in tape.record.exchanges]
    return tape


def test_an_event_of_another_object_is_not_its_own() -> None:
    tape = book(Tape(), "outage", "away", "7", "a")
    added(tape, "8", "a")
    assert broken("EVT021", close(tape, "outage", "back"), SHELF) == [(CREATE, "lost with the broker")]


def test_what_the_kit_wrote_is_no_event_of_the_service() -> None:
    tape = book(Tape(), "outage", "away", "7", "a")
    added(tape, "7", "a", ours=True)
    assert broken("EVT021", close(tape, "outage", "back"), SHELF) == [(CREATE, "lost with the broker")]


def test_a_refused_write_owes_no_event() -> None:
    tape = book(Tape(), "outage", "away", "7", "a", 503)
    assert verdict("EVT021", close(tape, "outage", "back"), SHELF).outcome == "not_applicable"


def test_topics_that_were_not_read_to_their_end_show_nothing_missing() -> None:
    tape = close(book(Tape(), "outage", "away", "7", "a"), "outage", "back", complete=False)
    for rule in ("EVT021", "EVT022"):
        assert verdict(rule, tape, SHELF).outcome == "not_applicable"


@pytest.mark.parametrize("scenario", ["consuming", "outage", "relays"])
def test_a_service_that_does_not_start_again(scenario: str) -> None:
    tape = Tape().add(scenario, "restarted", None, 500, problem="it ended with status 1")
    tape.record.exchanges[0] = unanswered(tape.record.exchanges[0])
    tape.record.interrupted = "died"
    assert broken("EVT021", tape, SHELF) == [(CREATE, "does not start again")]
    # What had been asked before is judged as ever.
    tape.record.calm_until = 0, 0
    assert verdict("ERR001", tape, SHELF).outcome != "error"


# What is invented


def test_an_event_of_an_object_that_is_not_there() -> None:
    tape = book(Tape(), "outage", "away", "7", "a", 503)
    added(tape, "7", "a")
    tape.add("outage", "look up back", READ, 404, id="7", create=CREATE)
    assert broken("EVT022", together(close(tape, "outage", "back")), SHELF) == [(CREATE, "invented")]


def test_an_object_that_is_there_though_nobody_was_told() -> None:
    tape = book(Tape(), "outage", "away", "7", "a", 503)
    added(tape, "7", "a")
    tape.add("outage", "look up back", READ, 200, {"id": "7"}, id="7", create=CREATE)
    assert verdict("EVT022", together(close(tape, "outage", "back")), SHELF).outcome == "passed"


def test_the_number_of_a_row_that_was_rolled_back_is_given_again() -> None:
    tape = book(book(Tape(), "outage", "away", "7", "lost", 503), "outage", "after", "7", "kept")
    added(tape, "7", "lost")
    added(tape, "7", "kept")
    assert broken("EVT022", close(tape, "outage", "back"), SHELF) == [(CREATE, "invented")]


def test_an_event_sent_again_is_not_invented() -> None:
    tape = book(Tape(), "outage", "away", "7", "kept")
    for _ in range(2):
        added(tape, "7", "kept", id_="same")
    assert verdict("EVT022", close(tape, "outage", "back"), SHELF).outcome == "passed"


def test_events_that_say_it_in_other_words_are_not_invented() -> None:
    tape = book(Tape(), "outage", "away", "7", "Kept")
    added(tape, "7", "KEPT")
    assert verdict("EVT022", close(tape, "outage", "back"), SHELF).outcome == "passed"


# What waits for the broker


def waiting(*titles: str, step: str = "away") -> Tape:
    """A book whose title is changed to each of these while the broker is away."""
    tape = book(Tape(), "outage", "before", "7", "a")
    for title in titles:
        change(tape, "outage", step, "7", title)
    return tape


def told(tape: Tape, *titles: str) -> Tape:
    """And its events, but that of the book itself."""
    for title in titles:
        changed(tape, "7", title, id_=f"event-{title}")
    return tape


@pytest.mark.parametrize(
    "titles", [("b", "c", "d"), ("b", "c", "b", "c", "d"), ("b", "c", "d", "b"), ("b", "d")]
)
def test_what_waited_comes_in_order_and_perhaps_again(titles: tuple[str, ...]) -> None:
    tape = close(told(waiting("b", "c", "d"), *titles), "outage", "back")
    assert verdict("EVT031", tape, SHELF).outcome == "passed"


def test_a_change_is_told_after_the_creation() -> None:
    tape = waiting("b")
    changed(tape, "7", "b")
    added(tape, "7", "a")
    assert broken("EVT031", close(tape, "outage", "back"), SHELF) == [(UPDATE, "out of order")]


@pytest.mark.parametrize("titles", [("c", "b", "d"), ("d", "c", "b"), ("b", "d", "b", "c", "d"), ("d", "b")])
@pytest.mark.parametrize("step", ["back", "back after a kill"])
def test_what_waited_comes_out_of_order(titles: tuple[str, ...], step: str) -> None:
    tape = close(told(waiting("b", "c", "d"), *titles), "outage", step)
    assert set(broken("EVT031", tape, SHELF)) == {(UPDATE, "out of order")}


@pytest.mark.parametrize("titles", [(), ("b",), ("c",), ("x", "y")])
def test_fewer_than_two_have_no_order(titles: tuple[str, ...]) -> None:
    tape = close(told(waiting("b", "c"), *titles), "outage", "back")
    assert verdict("EVT031", tape, SHELF).outcome == "not_applicable"


def test_an_event_that_fits_two_changes_is_of_neither() -> None:
    tape = close(told(waiting("b", "c", "b"), "c", "b"), "outage", "back")
    assert verdict("EVT031", tape, SHELF).outcome == "not_applicable"


def test_partitions_have_no_order_among_them() -> None:
    tape = told(waiting("b", "c"), "c", "b")
    tape.record.messages[-1] = replace(tape.record.messages[-1], partition=1)
    assert verdict("EVT031", close(tape, "outage", "back"), SHELF).outcome == "not_applicable"


def test_objects_have_no_order_among_them() -> None:
    tape = waiting("b")
    change(book(tape, "outage", "before", "8", "a"), "outage", "away", "8", "c")
    changed(tape, "8", "c")
    changed(tape, "7", "b")
    assert verdict("EVT031", close(tape, "outage", "back"), SHELF).outcome == "not_applicable"


def test_what_is_done_later_may_be_done_in_any_order() -> None:
    tape = waiting("b", "c")
    later = [replace(e, response=replace(e.response, status=202)) for e in tape.record if e.response]
    tape.record.exchanges = later
    assert verdict("EVT031", close(told(tape, "c", "b"), "outage", "back"), SHELF).outcome == "not_applicable"


# Two processes


def two(*titles: str) -> Tape:
    """A book whose title is changed to each of these, and its events so far."""
    tape = book(Tape(), "relays", "two", "7", "a")
    for title in titles:
        change(tape, "relays", "two", "7", title)
    return tape


def test_each_event_once_and_in_order() -> None:
    tape = two("b", "c")
    added(tape, "7", "a")
    changed(tape, "7", "b")
    changed(tape, "7", "c")
    assert verdict("EVT023", close(tape, "relays", "two settled"), SHELF).outcome == "passed"


def test_an_event_that_two_processes_send() -> None:
    tape = two("b")
    added(tape, "7", "a")
    changed(tape, "7", "b", id_="same")
    changed(tape, "7", "b", id_="same")
    assert broken("EVT023", close(tape, "relays", "two settled"), SHELF) == [(UPDATE, "sent twice")]


@pytest.mark.parametrize(("rule", "step"), [("EVT023", "two settled"), ("EVT024", "taken over")])
def test_events_out_of_order(rule: str, step: str) -> None:
    tape = two("b", "c")
    added(tape, "7", "a")
    changed(tape, "7", "c")
    changed(tape, "7", "b")
    assert broken(rule, close(tape, "relays", step), SHELF) == [(UPDATE, "out of order")]


@pytest.mark.parametrize(("rule", "step"), [("EVT023", "two settled"), ("EVT024", "taken over")])
def test_a_gap(rule: str, step: str) -> None:
    assert broken(rule, close(two(), "relays", step), SHELF) == [(CREATE, "a gap")]


def test_who_takes_over_may_send_again() -> None:
    tape = two("b", "c")
    added(tape, "7", "a")
    for title in ("b", "c", "b", "c"):
        changed(tape, "7", title, id_=f"event-{title}")
    assert verdict("EVT024", close(tape, "relays", "taken over"), SHELF).outcome == "passed"


def test_events_of_other_objects_have_no_order() -> None:
    tape = book(two(), "relays", "two", "8", "b")
    added(tape, "8", "b")
    added(tape, "7", "a")
    assert verdict("EVT023", close(tape, "relays", "two settled"), SHELF).outcome == "passed"


def test_where_no_second_process_started_nothing_is_judged() -> None:
    assert verdict("EVT023", close(two(), "relays", "taken over"), SHELF).outcome == "not_applicable"


# Consumers


def case(name: str, before: Any, after: Any, tape: Tape | None = None, **facts: Any) -> Tape:
    """One case of the scenario: the effect before and after it, and what is known of it."""
    tape = tape or Tape()
    tape.add("consuming", f"{name} before", "GET /accounts", 200, before)
    tape.record.exchanges[-1] = replace(tape.record.exchanges[-1], trace=LABEL)
    known = {
        "case": name,
        "handled": True,
        "apart": True,
        "complete": True,
        "ignored": [],
        "sent": ["counts", 0, 1],
        "messages": [0, len(tape.record.messages)],
        "before": len(tape.record),
        "waited": 0.0,
    }
    tape.add("consuming", f"{name} after", "GET /accounts", 200, after, **{**known, **facts})
    tape.record.exchanges[-1] = replace(tape.record.exchanges[-1], trace=LABEL)
    return tape


def letter(**more: Any) -> Tape:
    """A tape on which the kit has sent a message: at counts[0]@1."""
    tape = Tape()
    message(tape, "counts", "BookCounted", {"account_id": 1}, ours=True, **more)
    return tape


def dead(tape: Tape, **headers: bytes) -> Tape:
    """And a dead letter of it."""
    message(tape, "counts.dead", "BookCounted", {"account_id": 1}, more=tuple(headers.items()))
    return tape


def test_a_message_that_comes_twice() -> None:
    assert verdict("EVT025", case("duplicate", {"books": 1}, {"books": 1}), SHELF).outcome == "passed"
    assert broken("EVT025", case("duplicate", {"books": 1}, {"books": 2}), SHELF) == [(LABEL, "twice")]


def test_what_changes_by_itself_is_no_effect() -> None:
    tape = case("duplicate", {"n": 1, "now": 1}, {"n": 1, "now": 2}, ignored=["/now"])
    assert verdict("EVT025", tape, SHELF).outcome == "passed"


@pytest.mark.parametrize("facts", [{"handled": False}, {"apart": False}])
def test_twice_is_not_judged_where_nobody_can_tell(facts: dict[str, Any]) -> None:
    tape = case("duplicate", {"books": 1}, {"books": 2}, **facts)
    assert verdict("EVT025", tape, SHELF).outcome == "not_applicable"


def test_poison_that_stops_the_consumer() -> None:
    assert broken("EVT026", case("not JSON", {}, {}, handled=False), SHELF) == [(LABEL, "stopped")]
    assert verdict("EVT026", case("not JSON", {}, {}), SHELF).outcome == "passed"


def test_poison_that_is_put_aside_with_its_reason() -> None:
    tape = case("not JSON", {}, {}, dead(letter(), dlq_reason=b"not JSON"))
    assert verdict("EVT027", tape, SHELF).outcome == "passed"
    assert verdict("EVT028", tape, SHELF).outcome == "passed"


def test_poison_that_is_lost() -> None:
    assert broken("EVT027", case("not JSON", {}, {}, letter()), SHELF) == [(LABEL, "lost")]


def test_poison_of_which_something_could_be_made_is_not_lost() -> None:
    assert (
        verdict("EVT027", case("wrong schema", {"n": 1}, {"n": 2}, letter()), SHELF).outcome
        == "not_applicable"
    )


@pytest.mark.parametrize("headers", [{}, {"dlq_reason": b""}, {"dlq_topic": b"counts"}])
def test_a_dead_letter_without_a_reason(headers: dict[str, bytes]) -> None:
    tape = case("not JSON", {}, {}, dead(letter(), **headers))
    assert broken("EVT028", tape, SHELF) == [(LABEL, "no reason")]


def test_a_reason_that_the_message_had_itself_is_none() -> None:
    own = (("error", b"ours"),)
    tape = case("not JSON", {}, {}, dead(letter(more=own), error=b"ours"))
    assert broken("EVT028", tape, SHELF) == [(LABEL, "no reason")]


@pytest.mark.parametrize(
    "name", ["kafka_dlt-exception-message", "__connect.errors.exception.message", "x-error"]
)
def test_reasons_by_other_names(name: str) -> None:
    assert verdict(
        "EVT028", case("null payload", {}, {}, dead(letter(), **{name: b"why"})), SHELF
    ).outcome == ("passed")


def test_an_unknown_type() -> None:
    assert verdict("EVT029", case("unknown type", {}, {}, letter()), SHELF).outcome == "passed"
    for facts, cause in (({"handled": False}, "stopped"), ({}, "handled")):
        tape = case("unknown type", {"n": 1}, {"n": 2}, letter(), **facts)
        assert broken("EVT029", tape, SHELF) == [(LABEL, cause)]
    assert broken("EVT029", case("unknown type", {}, {}, dead(letter())), SHELF) == [(LABEL, "put aside")]


def test_what_a_kill_has_lost_shows_when_it_comes_again() -> None:
    kept = case("duplicate", {"n": 1}, {"n": 1})
    tape = case("killed", {"n": 5}, {"n": 9}, kept, amid=False)
    assert broken("EVT030", tape, SHELF) == [(LABEL, "lost with the process")]


@pytest.mark.parametrize(("amid", "outcome"), [(True, "passed"), (False, "not_applicable")])
def test_a_kill_after_which_nothing_was_to_be_done_tells_nothing(amid: bool, outcome: str) -> None:
    kept = case("duplicate", {"n": 1}, {"n": 1})
    tape = case("killed", {"n": 9}, {"n": 9}, kept, amid=amid)
    assert verdict("EVT030", tape, SHELF).outcome == outcome


def test_one_kill_that_tells_is_enough() -> None:
    kept = case("duplicate", {"n": 1}, {"n": 1})
    tape = case("killed", {"n": 9}, {"n": 9}, kept, amid=False)
    lost = case("killed", {"n": 9}, {"n": 12}, tape, amid=False)
    assert broken("EVT030", lost, SHELF) == [(LABEL, "lost with the process")]


def test_a_loss_cannot_be_told_where_messages_count_twice() -> None:
    twice = case("duplicate", {"n": 1}, {"n": 2})
    assert verdict("EVT030", case("killed", {"n": 5}, {"n": 9}, twice), SHELF).outcome == "not_applicable"


# What is needed

RULES = [f"EVT{number:03}" for number in range(20, 32)]


@pytest.mark.parametrize("rule", RULES)
def test_a_broker_of_somebody_elses_is_left_alone(rule: str) -> None:
    found = verdict(rule, Tape(), shelf(means=frozenset({"kill"})))
    assert found.outcome == "not_run"
    assert "{bootstrap_servers}" in str(found.requirement)


@pytest.mark.parametrize("rule", ["EVT020", "EVT021", "EVT022", "EVT023", "EVT024", "EVT030", "EVT031"])
def test_a_process_of_somebody_elses_is_not_killed(rule: str) -> None:
    found = verdict(rule, Tape(), shelf(means=frozenset({"broker"})))
    assert found.outcome == "not_run"
    assert "command" in str(found.requirement)


@pytest.mark.parametrize("rule", ["EVT025", "EVT026", "EVT029", "EVT030"])
def test_an_effect_has_to_be_named(rule: str) -> None:
    found = verdict(rule, Tape(), shelf(consumes=(replace(CONSUMES, effect=None),)))
    assert found.outcome == "not_run"
    assert "effect" in str(found.requirement)


@pytest.mark.parametrize("rule", RULES)
def test_a_service_without_events_owes_nothing(rule: str) -> None:
    assert verdict(rule, Tape(), shelf(events=None, consumes=())).outcome == "not_applicable"


def test_rules_of_calm_waters_see_nothing_of_it() -> None:
    """A crash while the broker is away is the outage's, and no second finding."""
    tape = Tape().add("lifecycle", "read", READ, 200, {"id": "1"})
    tape.record.calm_until = 1, 0
    tape.add("outage", "away", CREATE, 500, {"detail": "x"})
    assert "outage" not in catalogue.rules["ERR001"].scenarios
    assert verdict("ERR001", tape, SHELF).findings == []
    assert verdict("EVT020", tape, SHELF).outcome == "failed"
