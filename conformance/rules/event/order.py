"""When, and in which order: times with their zone, and the order of one object's events."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conformance.events.envelope import Event
from conformance.events.likeness import MOVING, differing, facts
from conformance.events.pairing import Pair
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import is_number
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, publishing, quoted, seen, where

ASTRAY = timedelta(minutes=10)
"""An event and its message are not further apart, however slow the relay and however wrong the clock."""


def _stories(record: Record, service: Service) -> Iterator[list[Pair]]:
    """The pairs with an event of each object, in the order in which they were asked for."""
    found = seen(record, service)
    groups: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair in found[1].pairs if found else ():
        resource = pair.act.resource
        if pair.event is not None and pair.act.changed is True:
            place = resource.name if resource else pair.act.operation.path
            groups[place, pair.aggregate, pair.event.message.topic].append(pair)
    for pairs in groups.values():
        yield sorted(pairs, key=lambda p: p.act.exchange.number)


def _is_own_count(event: Event) -> bool:
    """Seconds since 1970 have no zone to name; only a CloudEvent has to have a timestamp (§3.1)."""
    return "specversion" not in event.attributes and str(event.time).replace(".", "", 1).isdigit()


def _alone(pair: Pair) -> bool:
    """Whether a write was sent when nothing else was under way."""
    return "together" not in pair.act.exchange.step


@rule(
    "EVT012",
    contract="event",
    level="MUST",
    title="Times of events have a zone and are in order",
    section=SECTION,
    mend="Take the time once, in UTC, when the change is made, and write it as RFC 3339 says.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no event tells its time",
)
def times(record: Record, service: Service) -> Iterator[Observation]:
    """An event's time is written as RFC 3339 has it, zone included; it is that of the change, and of two
    changes of one object that came one after the other the later one has the later time.
    """
    for story in _stories(record, service):
        before: tuple[datetime, Pair] | None = None
        for pair in story:
            event = pair.event
            if event is None or event.time is None or _is_own_count(event):
                continue
            problem, actual = _wrong(event.time, event.message.timestamp), event.time
            moment = None if problem else datetime.fromisoformat(event.time)
            sure = _alone(pair) and not pair.differing
            if sure and moment and before and moment < before[0]:
                problem = "goes back"
                actual = f"{event.time} after {before[0].isoformat()}"
            if problem is None:
                yield held(pair.act.label, pair.act.exchange)
                before = (moment, pair) if moment and sure else before
                continue
            yield broken(
                pair.act.label,
                pair.act.exchange,
                cause=problem,
                message=f"the time of {pair.name} {problem}",
                expected="the moment of the change, with its zone (2030-01-31T12:00:00Z)",
                actual=f"{actual} in {where(event)}",
            )


def _wrong(text: str, timestamp: float | None) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "is none"
    if moment.tzinfo is None:
        return "has no zone"
    if timestamp is not None and abs(moment - datetime.fromtimestamp(timestamp, UTC)) > ASTRAY:
        return "is far from that of its message"
    return None


@rule(
    "EVT013",
    contract="event",
    level="MUST",
    title="Events of one object keep their order",
    section=SECTION,
    mend="Send with the object's key from one relay, in the order of the changes; take the row's lock first.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def order(record: Record, service: Service) -> Iterator[Observation]:
    """The events of one object are on one partition, in the order of its changes.

    So they are of changes in a row whose events are under way side by side, and of several at once.
    Of writes that were sent at once the last event tells what is read afterwards, and a version that the
    events carry never goes back.
    """
    for story in _stories(record, service):
        yield from _on_one_partition(story)
        yield from _sequence(story)
        yield from _versions(story)
    yield from _last(record, service)


def _on_one_partition(story: list[Pair]) -> Iterator[Observation]:
    partitions = {p.event.message.partition for p in story if p.event}
    if len(partitions) > 1:
        last = story[-1]
        yield broken(
            last.act.label,
            last.act.exchange,
            cause="several partitions",
            message="the events of one object are on several partitions",
            expected="one partition",
            actual=f"partitions {', '.join(map(str, sorted(partitions)))} for {last.aggregate}",
        )


def _sequence(story: list[Pair]) -> Iterator[Observation]:
    """Of changes one after the other, by offsets."""
    for first, second in pairwise(story):
        one, two = first.event, second.event
        if one is None or two is None or one.message.partition != two.message.partition:
            continue
        if not (_alone(first) and _alone(second)) or first.differing or second.differing:
            continue
        if one.message.offset < two.message.offset:
            yield held(second.act.label, first.act.exchange, second.act.exchange)
        else:
            yield broken(
                second.act.label,
                first.act.exchange,
                second.act.exchange,
                cause="swapped",
                message=f"{second.name} stands before {first.name}, which was caused earlier",
                expected=f"{where(one)} first",
                actual=f"{where(two)} before it",
            )


def _versions(story: list[Pair]) -> Iterator[Observation]:
    """Numbers that move with each change, and times of it where changes came one after the other."""
    by_offset = sorted((p for p in story if p.event), key=lambda p: p.event.message.offset if p.event else 0)
    for first, second in pairwise(by_offset):
        if first.event is None or second.event is None or first.name != second.name:
            continue
        old, new = (facts(p.event, p.act.resource) for p in (first, second) if p.event)
        for name in old.keys() & new.keys():
            numbers = is_number(old[name]) and is_number(new[name])
            if numbers and MOVING.search(name) and new[name] < old[name]:
                yield broken(
                    second.act.label,
                    first.act.exchange,
                    second.act.exchange,
                    cause=f"{name} goes back",
                    message=f"`{name}` of {second.name} goes back",
                    expected=f"more than {quoted(old[name])}",
                    actual=f"{quoted(new[name])} in {where(second.event)}",
                )


def _last(record: Record, service: Service) -> Iterator[Observation]:
    """Of writes at once the last event and the read that followed them."""
    found = seen(record, service)
    if found is None:
        return
    matched = found[1]
    reads = {a.exchange.trace: a for a in matched.acts if a.exchange.step == "read after together"}
    races: dict[str, list[Pair]] = defaultdict(list)
    for pair in matched.pairs:
        if pair.act.exchange.step == "together":
            races[pair.act.exchange.trace].append(pair)
    for trace, pairs in races.items():
        events = [p.event for p in pairs if p.event is not None]
        read = reads.get(trace)
        changed = [p for p in pairs if p.act.changed is True]
        if read is None or not read.accepted or len(events) < 2 or len(events) < len(changed):
            continue
        if any(p.differing for p in pairs):
            continue  # which event is of which write is not sure
        last = max(events, key=lambda e: e.message.offset)
        wrong = differing(last, read.resource, read.shown)
        label, exchanges = pairs[0].act.label, [p.act.exchange for p in pairs]
        if not wrong:
            yield held(label, *exchanges, read.exchange)
            continue
        name = wrong[0]
        yield broken(
            label,
            *exchanges,
            read.exchange,
            cause=f"last {pairs[0].name}",
            message=f"of updates at once the last {pairs[0].name} tells something else than is stored",
            expected=f"`{name}` {quoted(read.shown.get(name) if isinstance(read.shown, dict) else None)}",
            actual=f"{quoted(facts(last, read.resource).get(name))} in {where(last)}",
        )
