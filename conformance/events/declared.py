"""What a service declares of its events: messages, topics, and which operation publishes what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from conformance.model.operation import Schema

Envelope = Literal["cloudevents", "plain", "unsupported"]
"""CloudEvents in either mode, a payload of its own, or one that the kit cannot read (Avro, Protobuf)."""

SaidBy = Literal["x-publishes", "configuration", "convention"]


@dataclass(frozen=True, slots=True)
class EventMessage:
    """A message of one type on one topic.

    `payload` and `headers` are JSON Schemas that hold all that they refer to; None where none is declared.
    `key_schema` is the declared schema of the key, `key` the configured place that it comes from (`data.id`).
    `type` is what the message says of itself (a CloudEvents type). `sent` tells that it is published here.
    """

    name: str
    topic: str
    payload: Schema | None = None
    headers: Schema | None = None
    key_schema: Schema | None = None
    key: str | None = None
    content_type: str = ""
    envelope: Envelope = "plain"
    type: str = ""
    aliases: tuple[str, ...] = ()
    sent: bool = True

    @property
    def names(self) -> frozenset[str]:
        """All that the message may be called by an operation, or by itself."""
        return frozenset({self.name, self.type, *self.aliases} - {""})


@dataclass(frozen=True, slots=True)
class Declared:
    """The declared events: `publishes` maps operations' labels to names of messages.

    `source` says where that was read; `raw` is the AsyncAPI document, empty for a folder of schemas. `alone`
    tells that nobody but the service writes to the broker; `unseen` why no message could be read, where so.
    `released` maps names to the last released schemas. `timeout` in seconds.
    """

    messages: tuple[EventMessage, ...]
    publishes: Mapping[str, tuple[str, ...]]
    said_by: SaidBy
    source: str
    raw: dict[str, Any] = field(default_factory=dict)
    released: Mapping[str, Schema] = field(default_factory=dict)
    compatibility: Literal["backward", "forward", "full"] = "backward"
    alone: bool = False
    unseen: str = ""
    timeout: float = 10.0

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of all declared messages, sent or received."""
        return tuple(dict.fromkeys(message.topic for message in self.messages))

    @property
    def published(self) -> frozenset[str]:
        """The names of the messages that some operation publishes."""
        return frozenset(name for names in self.publishes.values() for name in names)

    def message(self, name: str) -> EventMessage | None:
        """The message that an operation calls `name`: one that is sent, else one that is declared at all."""
        found = [m for m in self.messages if m.name == name] or [m for m in self.messages if name in m.names]
        return next((m for m in found if m.sent), found[0] if found else None)

    def of(self, label: str | None) -> tuple[str, ...]:
        """The names of what an operation publishes."""
        return self.publishes.get(label or "", ())


def as_data(declared: Declared) -> dict[str, Any]:
    """As JSON data, for a saved record."""
    return {**asdict(declared), "publishes": {k: list(v) for k, v in declared.publishes.items()}}


def from_data(data: dict[str, Any]) -> Declared:
    """What `as_data` gave. Raises TypeError or KeyError where it is something else."""
    messages = tuple(EventMessage(**{**m, "aliases": tuple(m["aliases"])}) for m in data["messages"])
    publishes = {label: tuple(names) for label, names in data["publishes"].items()}
    return Declared(**{**data, "messages": messages, "publishes": publishes})
