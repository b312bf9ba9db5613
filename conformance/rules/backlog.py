"""The order of what waits while the broker is away."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from conformance.events.envelope import Event
from conformance.events.written import Written, events_of, tells, written
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.message import Message
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.outages import BACK, NEEDS, SECTION, closings, publishing, window

LATER = 202
"""Accepted, and done at some time (RFC 9110 §15.3.3): nothing tells when."""


def _updates(service: Service) -> list[str]:
    creates = {r.create.label for r in service.resources if r.create}
    return [label for label in publishing(service) if label not in creates]


@rule(
    "EVT031",
    contract="event",
    level="MUST",
    title="Events that waited for the broker keep their order",
    section=SECTION,
    mend="Send the events of a key one by one, the oldest first; let one that fails hold back the others.",
    applies=_updates,
    needs=NEEDS,
    scenarios=("outage",),
    silent="no object was changed twice while the broker was away, or events do not tell which change it was",
)
def waited_in_order(record: Record, service: Service) -> Iterator[Observation]:
    """The events of changes that one object saw while the broker was away come in the order of the changes.

    The changes were made one after the other, each with a value of its own, by which its event is known:
    an event that fits several is left out. So it is after a kill. What comes again after it came first
    is lawful, as of a batch that is sent anew, and only events of one partition have an order.
    """
    for _, closing in closings(record, "outage", *BACK):
        found = window(record, closing, service)
        objects: dict[tuple[str, str], list[Written]] = defaultdict(list)
        for write in found[0] if found else ():
            objects[str(write.exchange.facts.get("resource")), write.id].append(write)
        for (_, identifier), writes in objects.items():
            every = [w for e in record if (w := written(e, service)) and w.id == identifier]
            yield from _in_order(writes, every, found[1] if found else [], service)


def _in_order(
    writes: list[Written], every: list[Written], messages: list[Message], service: Service
) -> Iterator[Observation]:
    told = [
        (write, event)
        for write in writes
        if write.exchange.status != LATER and (event := _first(write, every, messages, service))
    ]
    for (earlier, one), (later, two) in pairwise(told):
        if (one.message.topic, one.message.partition) != (two.message.topic, two.message.partition):
            continue
        label = later.exchange.operation or ""
        if one.message.offset < two.message.offset:
            yield held(label, earlier.exchange, later.exchange)
        else:
            yield broken(
                label,
                earlier.exchange,
                later.exchange,
                cause="out of order",
                message="events that waited for the broker are not in the order of the changes",
                expected=f"the earlier change's event first, which is at {one.message.place}",
                actual=f"the later one's at {two.message.place}",
            )


def _first(write: Written, every: list[Written], messages: list[Message], service: Service) -> Event | None:
    """The first event that tells this write and no other of its object."""
    own = [
        event
        for event in events_of(write, messages, service)
        if tells(event, write) and sum(tells(event, other) for other in every) == 1
    ]
    return min(own, key=lambda event: event.message.offset, default=None)
