"""Requests that are sent again: the second publishes nothing more."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, seen, where


def _replays(service: Service, *, keyed: bool) -> list[str]:
    declared = service.events
    found = []
    for resource in service.resources:
        operation = resource.create if keyed else resource.replace
        names = {p.name.lower() for p in operation.parameters} if operation else set()
        if keyed and "idempotency-key" not in names:
            continue
        if operation and declared and declared.of(operation.label):
            found.append(operation.label)
    return found


@rule(
    "EVT008",
    contract="event",
    level="SHOULD",
    title="A repeated PUT publishes once",
    section=SECTION,
    mend="Compare before you write: what changes nothing publishes nothing.",
    applies=lambda service: _replays(service, keyed=False),
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def repeated_put(record: Record, service: Service) -> Iterator[Observation]:
    """The same PUT sent twice publishes one event: the second changed nothing (RFC 9110 §9.2.2).

    A client repeats what got no answer, and consumers would count it twice.
    """
    yield from _replayed(record, service, "replay PUT")


@rule(
    "EVT018",
    contract="event",
    level="MUST",
    title="A create repeated under its Idempotency-Key publishes once",
    section=SECTION,
    mend="Answer a known Idempotency-Key with what the first request made, and publish nothing.",
    applies=lambda service: _replays(service, keyed=True),
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def repeated_create(record: Record, service: Service) -> Iterator[Observation]:
    """Where an operation declares the header field Idempotency-Key, the same request under the same key
    publishes one event, however often it is sent.
    """
    yield from _replayed(record, service, "replay under key")


def _replayed(record: Record, service: Service, step: str) -> Iterator[Observation]:
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    for pair in matched.pairs:
        message = declared.message(pair.name)
        if pair.act.exchange.step != step or not pair.act.accepted or message is None:
            continue
        if pair.event is not None:
            yield broken(
                pair.act.label,
                pair.act.exchange,
                cause=f"{pair.name} again",
                message=f"a repeated request published {pair.name} again",
                expected=f"no second {pair.name}",
                actual=where(pair.event),
            )
        elif record.waits.get(message.topic, "none") != "none":
            yield held(pair.act.label, pair.act.exchange)
