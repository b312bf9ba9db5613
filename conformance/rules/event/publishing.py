"""Requests and the events that they publish: exactly the declared ones, for what was accepted only."""

from collections.abc import Callable, Iterator

from conformance.events.envelope import Event
from conformance.events.likeness import facts, folded, keys, shared
from conformance.events.match import Extra
from conformance.events.pairing import Pair
from conformance.events.writes import Act
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, publishing, quoted, seen, where


def _safe(service: Service) -> list[str]:
    """Safe operations of resources that publish."""
    declared = service.events
    return [
        op.label
        for resource in service.resources
        if declared and any(declared.of(o.label) for o in resource.operations)
        for op in (resource.read, resource.list)
        if op is not None
    ]


def _replays(service: Service, *, keyed: bool) -> list[str]:
    declared = service.events
    found = []
    for resource in service.resources:
        operation = resource.create if keyed else resource.replace
        names = {p.name.lower() for p in operation.parameters} if operation else set()
        if keyed and "idempotency-key" not in names:
            continue
        if operation and declared and declared.of(operation.label):
            found.append(operation.label)
    return found


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
    write that changed nothing need not publish.
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
    for extra in matched.extras:
        name = extra.event.name or ""
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


def _missing(pair: Pair, record: Record, topic: str) -> bool:
    """Whether an event that did not come had to: the write did something, and all of the topic was read."""
    known = record.waits.get(topic, "none") != "none"
    return known and pair.act.sure and pair.act.changed is True


def _known_by(record: Record, topic: str) -> str:
    if record.waits.get(topic) == "marker":
        return "though the event of a later write has come"
    return "within the time that an event may take"


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


@rule(
    "EVT006",
    contract="event",
    level="MUST",
    title="A refused request publishes nothing",
    section=SECTION,
    mend="Publish only what was committed: from an outbox, after the transaction, never before it.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def refused_silent(record: Record, service: Service) -> Iterator[Observation]:
    """A request that is refused with a 4xx publishes no event: of what did not happen nobody may hear.

    Refused are invalid bodies, requests without credentials and of strangers, duplicates (one after the
    other and at once) and what names a deleted object. An event is of a refused request if it is about the
    object that the request named and came before the event of a later write, or if it repeats its body.
    """
    found = seen(record, service)
    if found is None:
        return
    matched = found[1]
    for extra in matched.extras:
        act = extra.suspect
        if act is not None and act.exchange.refused and extra.twin is None:
            yield broken(
                act.label,
                act.exchange,
                cause=f"{extra.event.name} after {act.exchange.status}",
                message=f"a refused request published {extra.event.name}",
                expected="no event",
                actual=f"{where(extra.event)}, though the answer was {act.exchange.status}",
            )
    yield from _silent(matched.acts, matched.extras, record, lambda act: act.exchange.refused)


@rule(
    "EVT007",
    contract="event",
    level="MUST",
    title="A safe request publishes nothing",
    section=SECTION,
    mend="Publish nothing in a handler of GET or HEAD: who reads has changed nothing.",
    applies=_safe,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def safe_silent(record: Record, service: Service) -> Iterator[Observation]:
    """GET and HEAD publish no event that tells of a change (RFC 9110 §9.2.1).

    Known by the event of a later write on the same object, which is behind all that came before it.
    """
    found = seen(record, service)
    if found is None:
        return
    matched = found[1]
    for extra in matched.extras:
        act = extra.suspect
        if act is not None and act.operation.safe and extra.twin is None:
            yield broken(
                act.label,
                act.exchange,
                cause=f"{extra.event.name} published",
                message=f"a {act.operation.method} published {extra.event.name}",
                expected="no event",
                actual=where(extra.event),
            )
    yield from _silent(matched.acts, matched.extras, record, lambda act: act.operation.safe and act.accepted)


def _silent(
    acts: list[Act], extras: list[Extra], record: Record, chosen: Callable[[Act], bool]
) -> Iterator[Observation]:
    """The chosen requests of the scenario of events that published nothing, where that is known."""
    if not any(wait != "none" for wait in record.waits.values()):
        return
    blamed = {id(x.suspect) for x in extras}
    for act in acts:
        if act.exchange.scenario in SCENARIOS and chosen(act) and id(act) not in blamed:
            yield held(act.label, act.exchange)


@rule(
    "EVT008",
    contract="event",
    level="SHOULD",
    title="A repeated PUT publishes once",
    section=SECTION,
    mend="Compare before you write: what changes nothing publishes nothing.",
    applies=lambda service: _replays(service, keyed=False),
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def repeated_put(record: Record, service: Service) -> Iterator[Observation]:
    """The same PUT sent twice publishes one event: the second changed nothing (RFC 9110 §9.2.2).

    A client repeats what got no answer, and consumers would count it twice.
    """
    yield from _replayed(record, service, "replay PUT")


@rule(
    "EVT018",
    contract="event",
    level="MUST",
    title="A create repeated under its Idempotency-Key publishes once",
    section=SECTION,
    mend="Answer a known Idempotency-Key with what the first request made, and publish nothing.",
    applies=lambda service: _replays(service, keyed=True),
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def repeated_create(record: Record, service: Service) -> Iterator[Observation]:
    """Where an operation declares the header field Idempotency-Key, the same request under the same key
    publishes one event, however often it is sent.
    """
    yield from _replayed(record, service, "replay under key")


def _replayed(record: Record, service: Service, step: str) -> Iterator[Observation]:
    found = seen(record, service)
    if found is None:
        return
    declared, matched = found
    for pair in matched.pairs:
        message = declared.message(pair.name)
        if pair.act.exchange.step != step or not pair.act.accepted or message is None:
            continue
        if pair.event is not None:
            yield broken(
                pair.act.label,
                pair.act.exchange,
                cause=f"{pair.name} again",
                message=f"a repeated request published {pair.name} again",
                expected=f"no second {pair.name}",
                actual=where(pair.event),
            )
        elif record.waits.get(message.topic, "none") != "none":
            yield held(pair.act.label, pair.act.exchange)


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
