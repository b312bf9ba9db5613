"""What single messages say: their envelope, their payload, their identifiers, and that they are declared."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from conformance.events.asyncapi import shape
from conformance.events.declared import EventMessage
from conformance.events.envelope import Event
from conformance.events.schemas import faults
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, each, named, seen, title, where

BROKER = "the topics of the broker"


def _causes(record: Record, service: Service) -> dict[int, Exchange]:
    """The request of each message that has one, by the message's number."""
    found = seen(record, service)
    pairs = found[1].pairs if found else []
    return {p.event.message.number: p.act.exchange for p in pairs if p.event is not None}


def _cause(causes: dict[int, Exchange], event: Event) -> tuple[Exchange, ...]:
    exchange = causes.get(event.message.number)
    return (exchange,) if exchange else ()


@rule(
    "EVT009",
    contract="event",
    level="MUST",
    title="The envelope is as declared",
    section=SECTION,
    mend="Set every attribute of the envelope in one place, for all events.",
    applies=named,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def envelope(record: Record, service: Service) -> Iterator[Observation]:
    """The headers of a message are as its document declares them, and a CloudEvent has what makes it one.

    CloudEvents 1.0.2 §3.1 in Kafka's binary or structured mode: specversion, id, source and type; the
    content type of a structured one, and a value that is JSON where that is said. Header values are texts:
    one that a schema declares as number or boolean is read as JSON.
    """
    causes = _causes(record, service)
    for event, message in each(record, service):
        problems = [(p, p) for p in event.problems]
        if message.headers is not None and not problems:
            wrong = faults(message.headers, _headers(event, message))
            problems = [(f"{at} {word}", f"its header {at[1:] or 's'} breaks `{word}`") for at, word in wrong]
        if not problems:
            yield held(title(message), *_cause(causes, event))
        for cause, what in problems[:1]:
            yield broken(
                title(message),
                *_cause(causes, event),
                cause=cause,
                message=f"{message.name} has another envelope than is declared: {what}",
                expected="an envelope as it is declared",
                actual=where(event),
            )


def _headers(event: Event, message: EventMessage) -> dict[str, Any]:
    declared = shape(message.headers).get("properties") or {}
    found: dict[str, Any] = {}
    for name, value in event.message.headers:
        text = None if value is None else value.decode(errors="replace")
        found[name] = text
        kind = declared[name].get("type") if isinstance(declared.get(name), dict) else None
        if text is not None and kind in ("integer", "number", "boolean"):
            try:
                found[name] = json.loads(text)
            except ValueError:
                found[name] = text
    return found


@rule(
    "EVT010",
    contract="event",
    level="MUST",
    title="The payload is as declared",
    section=SECTION,
    mend="Make payloads from the models that the document is generated from.",
    applies=named,
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no message has a declared payload that could be read",
)
def payload(record: Record, service: Service) -> Iterator[Observation]:
    """The payload of each message fits the schema declared for it, formats included.

    Payloads of a schema registry (Avro, Protobuf) are not read, and so not judged.
    """
    causes = _causes(record, service)
    for event, message in each(record, service):
        if message.payload is None or event.message.value is None:
            continue
        wrong = faults(message.payload, event.value)
        if not wrong:
            yield held(title(message), *_cause(causes, event))
        for pointer, keyword in wrong[:1]:
            yield broken(
                title(message),
                *_cause(causes, event),
                cause=f"{pointer} {keyword}",
                message=f"the payload of {message.name} breaks `{keyword}` at {pointer}",
                expected="a payload as it is declared",
                actual=where(event),
            )


@rule(
    "EVT011",
    contract="event",
    level="MUST",
    title="Identifiers of events are unique",
    section=SECTION,
    mend="Give each event an identifier of its own (a UUID), made when it is written to the outbox.",
    applies=named,
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no event carries an identifier",
)
def unique_ids(record: Record, service: Service) -> Iterator[Observation]:
    """No two events of one source have the same identifier (CloudEvents 1.0.2 §3.1).

    Consumers tell redelivered events by it, and would drop one that is new. The same event twice is not
    meant here: that is EVT003.
    """
    causes = _causes(record, service)
    by_id: dict[tuple[str | None, str], list[tuple[Event, EventMessage]]] = defaultdict(list)
    for event, message in each(record, service):
        if event.id is not None:
            by_id[event.source, event.id].append((event, message))
    for (_, id_), found in by_id.items():
        first, message = found[0]
        others = [e for e, _ in found[1:] if (e.type, e.key, e.data) != (first.type, first.key, first.data)]
        if not others:
            yield held(title(message), *_cause(causes, first))
            continue
        yield broken(
            title(message),
            *_cause(causes, others[0]),
            cause="used again",
            message="two different events have the same identifier",
            expected="an identifier of its own for each event",
            actual=f"{id_} of {where(first)} and of {where(others[0])}",
        )


@rule(
    "EVT015",
    contract="event",
    level="MUST",
    title="Nothing is published that is not declared",
    section=SECTION,
    mend="Declare the message, or stop to publish it.",
    applies=lambda service: [BROKER] if service.events else [],
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no message was seen",
)
def undeclared(record: Record, service: Service) -> Iterator[Observation]:
    """Each message is one of those that are declared for its topic, and no other topic is written to.

    On a broker that the kit started everything is the service's; on another one only messages of a source
    that declared events of this audit came from are judged.
    """
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    sources = {p.event.source for p in matched.pairs if p.event is not None and p.event.source}
    for event in matched.events:
        topic = event.message.topic
        if event.name is not None or event.unsupported:
            yield held(BROKER)
        elif declared.alone or event.source in sources:
            kind = event.type or "a message without a type"
            known = topic in declared.topics
            yield broken(
                BROKER,
                cause=f"{topic} {event.type or ''}" if known else topic,
                message="a message is not declared for its topic" if known else "a topic is not declared",
                expected=", ".join(m.name for m in declared.messages if m.topic == topic)
                or f"one of the topics {', '.join(declared.topics)}",
                actual=f"{kind} at {event.message.place}",
            )
