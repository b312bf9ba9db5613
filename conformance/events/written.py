"""Which messages are about which write, by the aggregate's id: never by time alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.events.envelope import Event, understood
from conformance.events.likeness import differing, keys, shared
from conformance.model.message import Message
from conformance.model.record import Exchange
from conformance.model.resources import Resource, identifier
from conformance.model.service import Service


@dataclass(frozen=True, slots=True)
class Written:
    """An accepted write: `names` are those of the messages that its operation publishes."""

    exchange: Exchange
    id: str
    names: tuple[str, ...]

    @property
    def sent(self) -> Any:
        """The body."""
        return self.exchange.facts.get("sent")


def written(exchange: Exchange, service: Service) -> Written | None:
    """The write that an exchange is; None where it was not accepted, or publishes nothing."""
    names = service.events.of(exchange.operation) if service.events else ()
    if not names or not exchange.ok or exchange.response is None:
        return None
    named = exchange.facts.get("id")
    if named is None and "key" in exchange.facts:
        named = identifier(exchange.response, str(exchange.facts["key"]))
    return Written(exchange, str(named), names) if named is not None else None


def identifiers(event: Event) -> set[str]:
    """What an event may be about: its key, its subject, and the identifiers in its data."""
    found: set[str] = set(keys(event))
    if event.attributes.get("subject") is not None:
        found.add(str(event.attributes["subject"]))
    if isinstance(event.data, dict):
        found |= {str(v) for n, v in event.data.items() if isinstance(v, str | int) and _names(n)}
    return found


def _names(field: str) -> bool:
    return field.lower() in ("id", "uuid") or field.lower().endswith("id")


def about(message: Message, write: Written, service: Service) -> bool:
    """Whether a message is one that this write owes."""
    if message.ours or service.events is None:
        return False
    event = understood(message, service.events)
    return event.name in write.names and write.id in identifiers(event)


def arrived(write: Written, messages: Iterable[Message], service: Service) -> bool:
    """Whether there is a message of each name that the write owes."""
    there = set()
    for message in messages:
        if about(message, write, service) and service.events is not None:
            there.add(understood(message, service.events).name)
    return set(write.names) <= there


def events_of(write: Written, messages: Iterable[Message], service: Service) -> list[Event]:
    """The messages about the object of a write, of the names that it owes, as events and in order."""
    declared = service.events
    return [understood(m, declared) for m in messages if declared and about(m, write, service)]


def tells(event: Event, write: Written) -> bool:
    """Whether the event has the values of this write, and so is its own and no other's."""
    return bool(shared(event, None, write.sent)) and not differing(event, None, write.sent)


def contradicting(write: Written, messages: Iterable[Message], service: Service) -> Event | None:
    """An event of the write's object that says something else than the write, which has one of its own.

    Databases give the number of a row that was rolled back to the next one.
    """
    events = events_of(write, messages, service)
    own = next((event for event in events if tells(event, write)), None)
    if own is None or own.id is None:
        return None
    return next(
        (e for e in events if e.id not in (None, own.id) and e.name == own.name and not tells(e, write)), None
    )


def invented(resource: Resource, messages: Iterable[Message], known: set[str], service: Service) -> list[str]:
    """The ids of objects whose creation is told, and which no accepted request has made."""
    if service.events is None or resource.create is None:
        return []
    names, found = service.events.of(resource.create.label), []
    for message in messages:
        event = None if message.ours else understood(message, service.events)
        if event is not None and event.name in names and not identifiers(event) & known and event.key:
            found.append(event.key)
    return list(dict.fromkeys(found))
