"""What an event says of the object that it is about: its key, and its data."""

from collections.abc import Iterator

from conformance.events.envelope import Event
from conformance.events.likeness import facts, folded, keys, shared
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, publishing, quoted, seen, where


@rule(
    "EVT004",
    contract="event",
    level="MUST",
    title="The key is the aggregate's identifier",
    section=SECTION,
    mend="Send each message with the identifier of its object as key, so that its events keep their order.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def keyed(record: Record, service: Service) -> Iterator[Observation]:
    """The key of an event is the identifier of the object that was written, or what the configuration says.

    Kafka keeps the order of messages of one key only. `key` in [events.messages.NAME] names another place
    (`data.author_id`). Binary keys are read as a number of 4 or 8 bytes, or as a UUID.
    """
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    for pair in matched.pairs:
        event, message = pair.event, declared.message(pair.name)
        if event is None:
            continue
        place = message.key if message else None
        wanted = _at(event, place) if place else pair.aggregate
        if wanted is not None and wanted in keys(event):
            yield held(pair.act.label, pair.act.exchange)
            continue
        yield broken(
            pair.act.label,
            pair.act.exchange,
            cause=f"{pair.name} {'without a key' if event.key is None else 'with another key'}",
            message=f"{pair.name} has {'no key' if event.key is None else 'another key'}",
            expected=f"{wanted!r}, {f'its `{place}`' if place else 'the identifier of the object'}",
            actual=where(event),
        )


def _at(event: Event, place: str) -> str | None:
    """The value at a dotted place of an event: `data.id`, `subject`, `source`."""
    first, *rest = place.split(".")
    node = event.data if first == "data" else event.attributes.get(first)
    for part in rest:
        node = node.get(part) if isinstance(node, dict) else None
    return None if node is None or isinstance(node, dict | list) else str(node)


@rule(
    "EVT005",
    contract="event",
    level="MUST",
    title="An event's data agree with a read-back",
    section=SECTION,
    mend="Make the event from the row as it is stored, after the flush, and not from the request.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def data_agree(record: Record, service: Service) -> Iterator[Observation]:
    """The fields that an event's data and the object's representation both have are the same in both.

    The object is as the write's answer or the next read shows it; for a delete, as it was last seen. Field
    names are compared without case and underscores, times but for a second. Writes that were sent at once
    are not judged here.
    """
    found = seen(record, service)
    if found is None:
        return
    for pair in found[1].pairs:
        event, act = pair.event, pair.act
        shown = act.shown if act.shown is not None else act.before
        if event is None or act.exchange.step == "together" or not shared(event, act.resource, shown):
            continue
        if not pair.differing:
            yield held(act.label, act.exchange)
            continue
        name = pair.differing[0]
        told = facts(event, act.resource).get(name)
        has = next((v for k, v in shown.items() if folded(k) == folded(name)), None)
        yield broken(
            act.label,
            act.exchange,
            cause=f"{pair.name} {name}",
            message=f"`{name}` of {pair.name} is not what the service shows",
            expected=quoted(has),
            actual=f"{quoted(told)} in {where(event)}",
        )
