"""Whether an event is about an aggregate, and whether its data agree with what the service shows of it."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from conformance.events.envelope import IDS, TIMES, TYPES, Event
from conformance.model.compare import moment, same
from conformance.model.resources import Resource, representation

ROUNDED = timedelta(seconds=1)
"""Databases keep fewer digits of a time than programs."""
MOVING = re.compile(
    r"(updated|modified|changed|edited)_?(at|on|time)?$|^(version|revision|etag)$", re.IGNORECASE
)
"""Fields that a service changes by itself with each update."""

OF_ENVELOPES = frozenset({*TYPES, *IDS, *TIMES})


def folded(name: str) -> str:
    """A field's name whatever its spelling: `authorId` is `author_id`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def identities(event: Event, resource: Resource | None) -> frozenset[str]:
    """What the event's data name as their aggregate; else its subject, else its key."""
    found = {_text(value) for value in _named(event.data, resource)} - {""}
    if not found and event.attributes.get("subject"):
        subject = str(event.attributes["subject"])
        found = {subject, subject.rstrip("/").rpartition("/")[2]}
    return frozenset(found or keys(event))


def keys(event: Event) -> frozenset[str]:
    """What the message's key may stand for: text, JSON, or a number or UUID in binary."""
    raw = event.message.key
    if raw is None:
        return frozenset()
    found = {raw.decode(errors="replace"), raw.decode(errors="replace").strip('"')}
    if len(raw) in (4, 8):
        found.add(str(int.from_bytes(raw, "big", signed=True)))
    if len(raw) == 16:
        text = raw.hex()
        found.add("-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])))
    return frozenset(found)


def _named(data: Any, resource: Resource | None) -> Iterator[Any]:
    if not isinstance(data, dict):
        return
    key = resource.key if resource else "id"
    nouns = resource.nouns if resource else frozenset()
    own = {folded(f"{noun}_{end}") for noun in nouns for end in (key, "id", "uuid")}
    wanted = own | {folded(key), "id", "aggregateid", "entityid"}
    yield from (v for k, v in data.items() if folded(k) in wanted)
    shown = representation(data, key)
    if shown is not None and shown is not data:
        yield shown[key]


def facts(event: Event, resource: Resource | None) -> Mapping[str, Any]:
    """The fields of the event's data, those of the object in it where that stands one level down."""
    if not isinstance(event.data, dict):
        return {}
    inner = representation(event.data, resource.key if resource else "id")
    told = inner if inner is not None else event.data
    # In a payload without an envelope its type and time stand among the data.
    said = {str(v) for v in event.attributes.values()}
    return {k: v for k, v in told.items() if not (k in OF_ENVELOPES and str(v) in said)}


def differing(event: Event, resource: Resource | None, shown: Any) -> list[str]:
    """The fields that the event and the shown object both have, with values that are not the same."""
    if not isinstance(shown, dict):
        return []
    by_name = {folded(name): value for name, value in shown.items()}
    told = facts(event, resource)
    return [n for n, v in told.items() if folded(n) in by_name and not alike(v, by_name[folded(n)])]


def shared(event: Event, resource: Resource | None, shown: Any) -> list[str]:
    """The fields that both have."""
    if not isinstance(shown, dict):
        return []
    names = {folded(name) for name in shown}
    return [name for name in facts(event, resource) if folded(name) in names]


def alike(left: Any, right: Any) -> bool:
    """The same value, a time but for its last digits."""
    if same(left, right) or same(right, left):
        return True
    plain = not isinstance(left, dict | list | bool) and not isinstance(right, dict | list | bool)
    if plain and str(left) == str(right):
        return True
    first, second = moment(left), moment(right)
    return first is not None and second is not None and abs(first - second) < ROUNDED


def unchanged(before: Any, after: Any) -> bool:
    """Whether two representations differ in nothing but what a service moves by itself."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    names = {n for n in before.keys() | after.keys() if not MOVING.search(n)}
    return all(n in before and n in after and before[n] == after[n] for n in names)


def _text(value: Any) -> str:
    return "" if isinstance(value, dict | list | bool) or value is None else str(value)


def repeats(event: Event, resource: Resource | None, sent: dict[str, object]) -> bool:
    """Whether the event's data have the body's fields, and among them a text that no other body has."""
    names = shared(event, resource, sent)
    by_name = {folded(name): value for name, value in sent.items()}
    told = facts(event, resource)
    same = [n for n in names if alike(told[n], by_name[folded(n)])]
    telling = [n for n in same if isinstance(told[n], str) and len(told[n]) >= 8]
    return bool(telling) and len(same) == len(names)
