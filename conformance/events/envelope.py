"""Reads messages: CloudEvents 1.0 in binary and structured mode, and payloads with headers of their own.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import json
from dataclasses import dataclass
from typing import Any

from conformance.events.asyncapi import shape
from conformance.events.convention import same_words
from conformance.events.declared import Declared, EventMessage
from conformance.events.schemas import faults
from conformance.model.message import Message

STRUCTURED = "application/cloudevents"
ATTRIBUTES = ("specversion", "id", "source", "type")
"""Those that every event has (CloudEvents 1.0.2 §3.1)."""
TYPES = ("type", "event_type", "eventType", "event-type", "event", "event_name", "eventName", "message_type")
"""Where plain payloads and their headers tell what they are."""
IDS = ("event_id", "eventId", "event-id", "message_id", "messageId", "message-id")
TIMES = ("time", "occurred_at", "occurredAt", "timestamp", "event_time", "eventTime")


@dataclass(frozen=True, slots=True)
class Event:
    """What a message says: `name` is that of the declared message, None where it is none of them.

    Where a payload without a type fits several messages, `possible` names them all.
    `data` is the payload as JSON has it and `value` what its declared schema speaks of (in structured mode
    that may be the whole envelope), `attributes` all that the envelope says. `problems` name what is
    wrong with the envelope; `unsupported` says why the payload cannot be read, which is no fault.
    """

    message: Message
    name: str | None
    id: str | None
    type: str | None
    source: str | None
    time: str | None
    key: str | None
    data: Any
    value: Any
    attributes: dict[str, Any]
    problems: tuple[str, ...] = ()
    unsupported: str = ""
    possible: tuple[str, ...] = ()


def understood(message: Message, declared: Declared) -> Event:
    """A message as an event; never raises, whatever it holds."""
    on_topic = [m for m in declared.messages if m.topic == message.topic]
    if (message.value or b"").startswith(b"\0") or (
        on_topic and all(m.envelope == "unsupported" for m in on_topic)
    ):
        why = "a schema registry's Avro or Protobuf payload"
        return _event(message, None, {}, None, unsupported=why)
    if message.header("ce_specversion") is not None or message.header("ce_id") is not None:
        return _binary(message, on_topic)
    body, readable = _json(message.value)
    media = (message.header("content-type") or "").lower()
    if media.startswith(STRUCTURED) or (isinstance(body, dict) and {"specversion", "source"} <= body.keys()):
        return _structured(message, body, on_topic)
    return _plain(message, body, readable, on_topic)


def _binary(message: Message, on_topic: list[EventMessage]) -> Event:
    attributes = {
        name.lower().removeprefix("ce_"): _text(value)
        for name, value in message.headers
        if name.lower().startswith("ce_")
    }
    body, readable = _json(message.value)
    media = (message.header("content-type") or "application/json").lower()
    problems = _wrong(attributes)
    if not readable and "json" in media and message.value is not None:
        problems.append("the value is not JSON, as its content-type says")
    return _cloud_event(message, attributes, body, problems, on_topic)


def _structured(message: Message, body: Any, on_topic: list[EventMessage]) -> Event:
    if not isinstance(body, dict):
        return _event(message, None, {}, None, problems=("a structured CloudEvent is a JSON object",))
    attributes = {k: v for k, v in body.items() if k not in ("data", "data_base64")}
    problems = _wrong(attributes)
    if not (message.header("content-type") or "").lower().startswith(STRUCTURED):
        problems.append("its content-type is not application/cloudevents+json")
    return _cloud_event(message, attributes, body.get("data"), problems, on_topic, body)


def _cloud_event(
    message: Message,
    attributes: dict[str, Any],
    data: Any,
    problems: list[str],
    on_topic: list[EventMessage],
    whole: Any = None,
) -> Event:
    type_ = attributes.get("type")
    named = _named(type_, on_topic) if isinstance(type_, str) else None
    if named is None and len(on_topic) == 1 and not on_topic[0].type:
        named = on_topic[0]
    described = shape(named.payload).get("properties") if named else None
    value = whole if whole is not None and "specversion" in (described or {}) else data
    return _event(message, named, attributes, data, value=value, problems=tuple(problems))


def _plain(message: Message, body: Any, readable: bool, on_topic: list[EventMessage]) -> Event:
    said = {name: _text(value) for name, value in message.headers}
    fields = body if isinstance(body, dict) else {}
    attributes: dict[str, Any] = {
        attribute: found
        for attribute, names in (("type", TYPES), ("id", IDS), ("time", TIMES))
        if (found := next((s[n] for s in (said, fields) for n in names if s.get(n)), None)) is not None
    }
    type_ = attributes.get("type")
    named = _named(type_, on_topic) if isinstance(type_, str) else None
    possible: list[EventMessage] = []
    if named is None:
        # A null is what stands for a delete on a compacted topic: it may be any of them.
        possible = [
            m
            for m in on_topic
            if message.value is None or not (faults(m.payload, body) or faults(m.headers, said))
        ]
        undeclared = {m.name: len(fields.keys() - _properties(m).keys()) for m in possible}
        fewest = min(undeclared.values(), default=0)
        possible = [m for m in possible if undeclared[m.name] == fewest]
        named = possible[0] if possible else on_topic[0] if len(on_topic) == 1 else None
    problems = () if readable or message.value is None else ("the value is not JSON",)
    names = tuple(m.name for m in possible)
    return _event(message, named, attributes, body, value=body, problems=problems, possible=names)


def _properties(message: EventMessage) -> dict[str, Any]:
    found = shape(message.payload).get("properties")
    return found if isinstance(found, dict) else {}


def _named(type_: str, on_topic: list[EventMessage]) -> EventMessage | None:
    """The message of a type: as it is declared, or by the last part of it (`com.example.PostCreated`)."""
    exact = [m for m in on_topic if m.type == type_] or [m for m in on_topic if type_ in m.names]
    if not exact:
        last = type_.replace("/", ".").rpartition(".")[2]
        exact = [m for m in on_topic if last in m.names and not m.type]
    if not exact:
        exact = [m for m in on_topic if not m.type and same_words(type_, m.name)]
    return next((m for m in exact if m.sent), exact[0] if exact else None)


def _wrong(attributes: dict[str, Any]) -> list[str]:
    problems = [f"it has no `{name}`" for name in ATTRIBUTES if attributes.get(name) in (None, "")]
    version = attributes.get("specversion")
    if version not in (None, "", "1.0"):
        problems.append("its `specversion` is not 1.0")
    return problems


def _event(
    message: Message,
    named: EventMessage | None,
    attributes: dict[str, Any],
    data: Any,
    *,
    value: Any = None,
    problems: tuple[str, ...] = (),
    unsupported: str = "",
    possible: tuple[str, ...] = (),
) -> Event:
    def text(name: str) -> str | None:
        value = attributes.get(name)
        return None if value is None else str(value)

    return Event(
        message=message,
        name=named.name if named else None,
        id=text("id"),
        type=text("type"),
        source=text("source"),
        time=text("time"),
        key=None if message.key is None else message.key.decode(errors="replace"),
        data=data,
        value=value,
        attributes=attributes,
        problems=problems,
        unsupported=unsupported,
        possible=possible,
    )


def _json(value: bytes | None) -> tuple[Any, bool]:
    """The value as JSON, and whether it is that."""
    if value is None:
        return None, False
    try:
        return json.loads(value), True
    except (ValueError, RecursionError):
        return None, False


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")
