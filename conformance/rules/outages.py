"""Broker and process go away, and no event is lost or invented."""

from collections.abc import Iterator
from typing import Any

from conformance.events.written import Written, arrived, contradicting, written
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.message import Message
from conformance.model.record import BREAKING, Exchange, Record, Trace
from conformance.model.service import Service

SECTION = "Creating a New API Endpoint: Publish events to Kafka if applicable"
NEEDS = ("writes", "own process", "own broker")
AWAY = ("away", "away, then killed")
BACK = ("back", "back after a kill")
BUSY = 503


def publishing(service: Service) -> list[str]:
    """The creates and updates that publish, but for those of accounts."""
    events = service.events
    return [
        op.label
        for resource in service.resources
        if resource is not service.account_resource and resource.create and resource.read
        for op in (resource.create, *resource.updates)
        if events is not None and events.of(op.label) and events.of(resource.create.label)
    ]


def window(record: Record, closing: Exchange, service: Service) -> tuple[list[Written], list[Message]] | None:
    """The accepted writes of a phase and the messages that came by its end; None where not all were read."""
    facts: Any = closing.facts
    if not facts.get("complete"):
        return None
    first, last = facts["exchanges"]
    writes = [
        w
        for e in record.exchanges[first:last]
        if e.scenario == closing.scenario and (w := written(e, service))
    ]
    start, end = facts["messages"]
    return writes, record.messages[start:end]


def closings(record: Record, scenario: str, *steps: str) -> Iterator[tuple[Trace, Exchange]]:
    """The exchanges that end phases of a scenario."""
    for trace in record.traces(scenario):
        yield from ((trace, e) for e in trace.exchanges if e.step in steps and "messages" in e.facts)


@rule(
    "EVT020",
    contract="event",
    level="MUST",
    title="A broker that is away holds up no request",
    section=SECTION,
    mend="Write events to an outbox in the request's transaction, and send them from there.",
    applies=publishing,
    needs=NEEDS,
    scenarios=("outage",),
    silent="no write published while the broker was there",
)
def answered_without_broker(record: Record, service: Service) -> Iterator[Observation]:
    """While the broker is away, requests are answered within the timeout, and not with a server error.

    They are accepted, or refused with 503 and Retry-After (RFC 9110 §15.6.4): who waits for the broker
    within a request fails with it.
    """
    applies = set(publishing(service))
    for trace in record.traces("outage"):
        for exchange in trace.exchanges:
            if exchange.step not in AWAY or exchange.operation is None:
                continue
            label = exchange.operation
            later = exchange.response.header("retry-after") if exchange.response else None
            if exchange.response is None:
                cause, actual = "no answer", exchange.failure or "no answer"
            elif exchange.status >= 500 and not (exchange.status == BUSY and later):
                cause, actual = "server error", f"a {exchange.status}"
                actual += " without Retry-After" if exchange.status == BUSY else ""
            else:
                if label in applies:
                    yield held(label, exchange)
                continue
            yield broken(
                label,
                exchange,
                cause=cause,
                message="a request fails while the broker is away",
                expected="an answer as ever, or 503 with Retry-After",
                actual=actual,
            )


@rule(
    "EVT021",
    contract="event",
    level="MUST",
    title="Events outlive an outage of the broker and a crash",
    section=SECTION,
    mend="Store the event in its change's transaction, and send it until the broker has acknowledged it.",
    applies=publishing,
    needs=NEEDS,
    scenarios=("outage",),
    silent="no write was accepted while the broker was away",
)
def nothing_lost(record: Record, service: Service) -> Iterator[Observation]:
    """What was accepted while the broker was away is published once it is back, at least once.

    So it is where the service is killed meanwhile (SIGKILL) and started again. Events are matched by
    the aggregate's id; they have 60 s from the moment when all is well again.
    """
    yield from _not_started(record, service)
    for _, closing in closings(record, "outage", *BACK):
        found = window(record, closing, service)
        for write in found[0] if found else ():
            yield _lost_or_held(write, found[1] if found else [], closing, service)


def _not_started(record: Record, service: Service) -> Iterator[Observation]:
    """A service that does not start again after it was killed, by whichever scenario."""
    for exchange in record:
        if exchange.step == "restarted" and exchange.scenario in BREAKING:
            yield broken(
                publishing(service)[0],
                exchange,
                cause="does not start again",
                message="the service does not start again after it was killed",
                expected="an answer, as after the first start",
                actual=str(exchange.facts.get("problem")),
            )


def _lost_or_held(
    write: Written, messages: list[Message], closing: Exchange, service: Service
) -> Observation:
    label = write.exchange.operation or ""
    if arrived(write, messages, service):
        return held(label, write.exchange)
    killed = "kill" in closing.step
    return broken(
        label,
        write.exchange,
        cause="lost with the process" if killed else "lost with the broker",
        message="the event of an accepted write is lost"
        + (" when the service is killed" if killed else " when the broker is away"),
        expected=f"{' and '.join(write.names)} of {write.id} once the broker is back",
        actual=f"none within {closing.facts.get('waited', 0):g} s",
    )


@rule(
    "EVT022",
    contract="event",
    level="MUST",
    title="No event tells what has not happened",
    section=SECTION,
    mend="Send only what is committed: from an outbox, never before the commit.",
    applies=publishing,
    needs=NEEDS,
    scenarios=("outage", "relays"),
    silent="no write was accepted while the broker was away",
)
def nothing_invented(record: Record, service: Service) -> Iterator[Observation]:
    """No event tells of an object that is not there, whatever broke while it was made.

    Judged are requests that failed while the broker was away or the service was killed: where the event
    of a creation comes all the same, the object can be read.
    """
    for scenario in ("outage", "relays"):
        for trace, closing in closings(record, scenario, *BACK, "taken over"):
            found = window(record, closing, service)
            writes, messages = found or ([], [])
            for write in writes:
                label = write.exchange.operation or ""
                if label not in _creates(service):
                    continue
                other = contradicting(write, messages, service)
                if other is not None and _made_once(write, record, service):
                    yield broken(
                        label,
                        write.exchange,
                        cause="invented",
                        message="an event tells of an object that was never made",
                        expected=f"one event of {write.id}, with the values that were sent",
                        actual=f"{other.message.place} tells of it with other values",
                    )
                else:
                    yield held(label, write.exchange)
            for exchange in trace.exchanges:
                if exchange.step != f"look up {closing.step}" or exchange.response is None:
                    continue
                label = str(exchange.facts.get("create"))
                if exchange.status in (404, 410):
                    yield broken(
                        label,
                        exchange,
                        cause="invented",
                        message="an event tells of an object that was never made",
                        expected="an event only where the change is committed",
                        actual=f"an event of {exchange.facts.get('id')}, and a {exchange.status} for it",
                    )
                elif exchange.ok:
                    yield held(label, exchange)


def _made_once(write: Written, record: Record, service: Service) -> bool:
    """Whether no other accepted create has made an object of that id."""
    label = write.exchange.operation
    made = [w for e in record if e.operation == label and (w := written(e, service))]
    return sum(w.id == write.id for w in made) == 1


def _creates(service: Service) -> set[str]:
    return {r.create.label for r in service.resources if r.create}
