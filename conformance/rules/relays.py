"""Two processes publish, or one takes over from one that was killed: no gap, nothing twice, order kept."""

from collections.abc import Iterator

from conformance.events.written import Written, arrived, events_of, tells
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.message import Message
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.rules.outages import NEEDS, SECTION, closings, publishing, window


@rule(
    "EVT023",
    contract="event",
    level="MUST",
    title="A second process publishes nothing twice, and in order",
    section=SECTION,
    mend="Let one relay at a time send, by a lease in the database that it renews.",
    applies=publishing,
    needs=NEEDS,
    scenarios=("relays",),
    silent="no second process of the service could be started",
)
def two_relays(record: Record, service: Service) -> Iterator[Observation]:
    """With two processes of the service on one database and broker each write is published once, in order.

    Writes go to one object and to new ones, through both in turns. The events of one key come in the order
    of the writes. Nothing breaks meanwhile, so nothing need be sent twice.
    """
    for _, closing in closings(record, "relays", "two settled"):
        found = window(record, closing, service)
        if found:
            yield from _judged(*found, closing, service, once=True)


@rule(
    "EVT024",
    contract="event",
    level="MUST",
    title="Who takes over from a killed process leaves no gap",
    section=SECTION,
    mend="Let the lease of a relay that died run out, and let the next begin with the oldest that is unsent.",
    applies=publishing,
    needs=NEEDS,
    scenarios=("relays",),
    silent="no write was accepted before the process was killed",
)
def taken_over(record: Record, service: Service) -> Iterator[Observation]:
    """When the process that sends is killed (SIGKILL), what it owed is sent by another, or by itself anew.

    Each accepted write has its event within 60 s, and the first of each come in the order of the writes.
    To send again what was sent is lawful here.
    """
    for _, closing in closings(record, "relays", "taken over"):
        found = window(record, closing, service)
        if found:
            yield from _judged(*found, closing, service, once=False)


def _judged(
    writes: list[Written], messages: list[Message], closing: Exchange, service: Service, *, once: bool
) -> Iterator[Observation]:
    last: dict[str, tuple[int, Written]] = {}
    for write in writes:
        label = write.exchange.operation or ""
        if not arrived(write, messages, service):
            yield broken(
                label,
                write.exchange,
                cause="a gap",
                message="the event of an accepted write is missing",
                expected=f"{' and '.join(write.names)} of {write.id}",
                actual=f"none within {closing.facts.get('waited', 0):g} s",
            )
            continue
        own = [event for event in events_of(write, messages, service) if tells(event, write)]
        ids = [event.id or event.message.place for event in own]
        twice = next((i for i in ids if ids.count(i) > 1), None)
        if once and twice is not None:
            yield broken(
                label,
                write.exchange,
                cause="sent twice",
                message="with a second process an event is sent twice",
                expected="each event once",
                actual=f"{twice} {ids.count(twice)} times: {', '.join(e.message.place for e in own)}",
            )
            continue
        if own:
            place = messages.index(own[0].message)
            before, earlier = last.get(write.id, (-1, write))
            if place < before:
                yield broken(
                    label,
                    earlier.exchange,
                    write.exchange,
                    cause="out of order",
                    message="the events of one object are not in the order of its changes",
                    expected="the earlier change's event first",
                    actual=f"the later one's at {own[0].message.place}, before the earlier one's",
                )
                continue
            last[write.id] = (place, write)
        yield held(label, write.exchange)
