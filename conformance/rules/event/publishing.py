"""Writes and the events that they publish: exactly the declared ones, each once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from conformance.events.match import Extra, Matched
from conformance.events.pairing import Pair
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, publishing, seen, where


@rule(
    "EVT003",
    contract="event",
    level="MUST",
    title="A write publishes its events, once",
    section=SECTION,
    mend="Write the event into an outbox in the change's own transaction, and send each row once.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def published_once(record: Record, service: Service) -> Iterator[Observation]:
    """Every accepted write publishes each of the events that its operation declares, once, and no other.

    An event belongs to a write by the object that both are about (its identifier in the data, the subject
    or the key) and by what they say of it, never by time alone. That one is missing is known when the event
    of a later write has come, or the time that an event may take (`timeout` in [events]) has passed. A
    write that changed nothing need not publish. A message that comes again with the same identifier is
    judged where more than half of its kind do: a sender repeats what a slow broker acknowledged too late.
    """
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    for pair in matched.pairs:
        label, message = pair.act.label, declared.message(pair.name)
        if pair.event is not None:
            yield held(label, pair.act.exchange)
        elif _missing(pair, record, message.topic if message else ""):
            yield broken(
                label,
                pair.act.exchange,
                cause=f"{pair.name} missing",
                message=f"an accepted write published no {pair.name}",
                expected=f"one {pair.name} about {pair.aggregate}",
                actual=f"none, {_known_by(record, message.topic if message else '')}",
            )
    retried = _retried(matched)
    for extra in matched.extras:
        name = extra.event.name or ""
        if extra.twin is not None and _sent_again(extra) and name in retried:
            continue
        if extra.twin is not None:
            yield broken(
                extra.twin.act.label,
                extra.twin.act.exchange,
                cause=f"{name} twice",
                message=f"a write published {name} more than once",
                expected=f"one {name} about {extra.twin.aggregate}",
                actual=f"another one, {where(extra.event)}",
            )
        elif (act := extra.suspect) is not None and act.accepted and not act.operation.safe:
            yield broken(
                act.label,
                act.exchange,
                cause=f"{name} not declared",
                message=f"a write published {name} beyond what it declares",
                expected=", ".join(declared.of(act.label)) or "no event",
                actual=where(extra.event),
            )


def _sent_again(extra: Extra) -> bool:
    """Whether it is the same event once more, not another one that says the same."""
    first = extra.twin.event if extra.twin else None
    return first is not None and first.id is not None and first.id == extra.event.id


def _retried(matched: Matched) -> set[str]:
    """The kinds of which no more than half came again: so it is after a timeout, and not each time."""
    again: dict[str, set[str | None]] = defaultdict(set)
    for extra in matched.extras:
        if _sent_again(extra):
            again[extra.event.name or ""].add(extra.event.id)
    every = Counter(pair.name for pair in matched.pairs if pair.event is not None)
    return {name for name, ids in again.items() if len(ids) * 2 <= every[name]}


def _missing(pair: Pair, record: Record, topic: str) -> bool:
    """Whether an event that did not come had to: the write did something, and all of the topic was read."""
    known = record.waits.get(topic, "none") != "none"
    return known and pair.act.sure and pair.act.changed is True


def _known_by(record: Record, topic: str) -> str:
    if record.waits.get(topic) == "marker":
        return "though the event of a later write has come"
    return "within the time that an event may take"


@rule(
    "EVT017",
    contract="event",
    level="MUST",
    title="No event without a write",
    section=SECTION,
    mend="Publish only from the outbox of the change itself: no event for what was never stored.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no event was seen, or others may publish on the broker as well",
)
def none_invented(record: Record, service: Service) -> Iterator[Observation]:
    """Each event of a kind that operations publish is of an accepted write of this audit.

    Judged where the kit started the broker: on any other somebody else may publish as well. An event that
    may be of a request that ended in a 5xx, or without an answer, is not judged: nobody knows whether that
    was stored.
    """
    found = seen(record, service)
    if found is None or not found[0].alone:
        return
    declared, matched = found
    for pair in matched.pairs:
        if pair.event is not None:
            yield held(pair.act.label, pair.act.exchange)
    for extra in matched.extras:
        if extra.suspect is not None or extra.twin is not None:
            continue
        name = extra.event.name or ""
        for label in sorted(label for label, names in declared.publishes.items() if name in names):
            yield broken(
                label,
                cause=f"{name} invented",
                message=f"{name} tells of something that no accepted request did",
                expected="an event for each accepted write, and no other",
                actual=where(extra.event),
            )
