"""What the event rules share: whom they speak of, and how they show a message."""

import json
from collections.abc import Iterator

from conformance.events.declared import Declared, EventMessage
from conformance.events.envelope import Event
from conformance.events.match import Matched, match
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.report.text import elide

SECTION = "Creating a New API Endpoint: Publish events to Kafka if applicable"
SCENARIOS = ("events",)
NEEDS = ("writes", "broker")
SHOWN = 160
"""Characters of a value that a finding quotes."""


def publishing(service: Service) -> list[str]:
    """The labels of the operations that publish something."""
    declared = service.events
    return [op.label for op in service.operations if declared and declared.of(op.label)]


def named(service: Service) -> list[str]:
    """The declared messages that are sent, as the rules call them."""
    return [title(m) for m in service.events.messages if m.sent] if service.events else []


def title(message: EventMessage) -> str:
    """A message as the findings call it: `PostCreated on posts`."""
    return f"{message.name} on {message.topic}"


def seen(record: Record, service: Service) -> tuple[Declared, Matched] | None:
    """What is declared and what was matched; None where no event is declared."""
    return (service.events, match(record, service)) if service.events else None


def declared_for(event: Event, declared: Declared) -> EventMessage | None:
    """The declared message that an event is."""
    same = [m for m in declared.messages if m.topic == event.message.topic and m.name == event.name]
    return same[0] if same else None


def each(record: Record, service: Service) -> Iterator[tuple[Event, EventMessage]]:
    """The events that are declared messages and that can be read."""
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    for event in matched.events:
        message = declared_for(event, declared)
        if message is not None and not event.unsupported:
            yield event, message


def quoted(value: object) -> str:
    """A value as JSON, of bounded length."""
    return elide(json.dumps(value, default=str, ensure_ascii=False), SHOWN)


def where(event: Event) -> str:
    """Which message: its place, its key and what it says it is."""
    return f"{event.name or event.type or 'a message'} at {event.message.place} with the key {event.key!r}"
