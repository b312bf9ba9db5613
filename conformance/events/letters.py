"""Messages that a consumer has to take: made like one that was seen, else from the declared schemas."""

import copy
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from conformance.events.consumed import Consumed, look
from conformance.events.declared import EventMessage
from conformance.events.envelope import IDS, STRUCTURED, TYPES, Event
from conformance.model.bodies import NOWHERE, Sampler
from conformance.model.message import MessageHeaders
from conformance.target.openapi import Document

JSON = b"application/json"
SOURCE = "/service-conformance"
EMPTY = "service-conformance"
UNKNOWN = "ServiceConformanceUnknown"
"""A type that no service knows."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to be sent: `data` is what it is about, whatever its value says of it."""

    topic: str
    key: bytes | None
    headers: MessageHeaders
    value: bytes | None
    data: Any

    def with_header(self, name: str, value: bytes | None) -> "Letter":
        """The same with another value in that header, which is added where it is absent."""
        others = tuple((n, v) for n, v in self.headers if n.lower() != name.lower())
        return replace(self, headers=(*others, (name, value)))


class Letters:
    """Writes letters of one type: each is a new event about an aggregate of its own.

    `sample` is a message of that type that the service has been seen to publish: its envelope is copied.
    """

    def __init__(self, consumed: Consumed, declared: EventMessage, sample: Event | None, seed: int) -> None:
        self._consumed, self._declared, self._sample = consumed, declared, sample
        document = Document(declared.payload or {}, "the event's schema", ())
        self._sampler = Sampler(document, seed, f"letters {consumed.name}")
        self._number = 0

    def write(self, subject: Mapping[tuple[str, ...], Any]) -> Letter:
        """A valid one, with the values of `subject` at their places in the data."""
        self._number += 1
        data = self._data(subject)
        for steps, value in subject.items():
            _put(data, steps, value)
        key = self._key(data)
        if self._sample is not None:
            return self._like(self._sample, data, key)
        return self._new(data, key)

    def poison(self, letter: Letter) -> dict[str, Letter]:
        """Letters that nobody can handle, or hardly, by what is wrong with them."""
        found = {
            "not JSON": replace(letter, value=b'{"id": 1, "broken'),
            "null payload": replace(letter, value=None),
        }
        wrong = self._wrong(letter)
        if wrong is not None:
            found["wrong schema"] = wrong
        # Without an id an event is none; elsewhere a header without a value means nothing, and stops nothing.
        name = next((n for n, _ in letter.headers if n.lower() == "ce_id"), EMPTY)
        found["null header"] = letter.with_header(name, None)
        return found

    def unknown(self, letter: Letter) -> Letter | None:
        """The letter with a type that nobody knows; None where letters do not tell their type."""
        header = next((n for n, _ in letter.headers if n.lower() == "ce_type" or n in TYPES), None)
        if header is not None:
            return letter.with_header(header, UNKNOWN.encode())
        body = json.loads(letter.value or b"null")
        name = next((n for n in TYPES if isinstance(body, dict) and n in body), None)
        return replace(letter, value=_dump({**body, name: UNKNOWN})) if name else None

    def _data(self, subject: Mapping[tuple[str, ...], Any]) -> Any:
        if self._sample is None:
            return self._sampler.value(self._declared.payload)
        data = copy.deepcopy(self._sample.data)
        at = self._own_id(data)
        if at is not None and at not in subject:
            _put(data, at, self._another(look(data, at)))
        return data

    def _own_id(self, data: Any) -> tuple[str, ...] | None:
        """Where the data tells which aggregate it is about."""
        if self._declared.key is not None:
            return tuple(self._declared.key.split(".")[1:])
        key = self._sample.key if self._sample else None
        fields = data if isinstance(data, dict) else {}
        if "id" in fields:
            return ("id",)
        return next(((n,) for n, v in fields.items() if key is not None and str(v) == key), None)

    def _another(self, value: Any) -> Any:
        """An identifier of the same kind that nothing has."""
        if isinstance(value, int) and not isinstance(value, bool):
            return NOWHERE - self._number
        return str(uuid.uuid4())

    def _key(self, data: Any) -> bytes | None:
        at = self._own_id(data)
        found = look(data, at) if at else None
        return None if found is None else str(found).encode()

    def _like(self, sample: Event, data: Any, key: bytes | None) -> Letter:
        message = sample.message
        names = {"ce_id", *IDS}
        headers = tuple(
            (n, str(uuid.uuid4()).encode() if n in names or n.lower() == "ce_id" else v)
            for n, v in message.headers
        )
        body = json.loads(message.value or b"null")
        if sample.data != body:  # a structured CloudEvent
            body = {**body, "id": str(uuid.uuid4()), "data": data}
        else:
            body = data
            for name in IDS:
                if isinstance(body, dict) and name in body:
                    body[name] = str(uuid.uuid4())
        return Letter(self._consumed.topic, key, headers, _dump(body), data)

    def _new(self, data: Any, key: bytes | None) -> Letter:
        declared = self._declared
        if declared.envelope == "cloudevents":
            headers = self._headers(
                ce_specversion="1.0",
                ce_id=str(uuid.uuid4()),
                ce_source=SOURCE,
                ce_type=declared.type or declared.name,
                ce_time=datetime.now(UTC).isoformat(),
            )
            if STRUCTURED not in declared.content_type:
                return Letter(self._consumed.topic, key, headers, _dump(data), data)
            attributes = {n.removeprefix("ce_"): (v or b"").decode() for n, v in headers if n[:3] == "ce_"}
            body = {**attributes, "datacontenttype": "application/json", "data": data}
            media = (("content-type", f"{STRUCTURED}+json".encode()),)
            return Letter(self._consumed.topic, key, media, _dump(body), data)
        return Letter(self._consumed.topic, key, self._headers(), _dump(data), data)

    def _headers(self, **given: str) -> MessageHeaders:
        """What the envelope asks for, with the declared values of declared headers."""
        schema = self._declared.headers or {}
        sampler = Sampler(Document(schema, "the headers' schema", ()), self._number, self._consumed.name)
        shape = sampler.value(schema) if schema else {}
        said = dict(shape) if isinstance(shape, dict) else {}
        declared = schema.get("properties", {}) if isinstance(schema, dict) else {}
        for name, value in given.items():
            if "const" not in declared.get(name, {}):
                said[name] = value
        said.setdefault("content-type", JSON.decode())
        return tuple((name, str(value).encode()) for name, value in said.items())

    def _wrong(self, letter: Letter) -> Letter | None:
        """The letter without the fields that it must have; None where it must have none."""
        schema = Document(self._declared.payload or {}, "the event's schema", ()).shape(
            self._declared.payload
        )
        required = schema.get("required", ())
        if not isinstance(letter.data, dict) or not set(required) & letter.data.keys():
            return None
        data = {n: v for n, v in letter.data.items() if n not in required}
        body = json.loads(letter.value or b"null")
        if isinstance(body, dict) and body.get("data") == letter.data:
            return replace(letter, value=_dump({**body, "data": data}))
        return replace(letter, value=_dump(data))


def _put(data: Any, steps: tuple[str, ...], value: Any) -> None:
    for step in steps[:-1]:
        data = data.setdefault(step, {})
    data[steps[-1]] = value


def _dump(data: Any) -> bytes:
    return json.dumps(data).encode()
