"""What consumers do with messages that come twice, that nobody can handle, or that nobody knows."""

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.events.effects import differing, shown
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.message import Message
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.scenarios.consuming import DUPLICATE, KILLED, UNKNOWN

SECTION = "Creating a New API Endpoint: Publish events to Kafka if applicable"
NEEDS = ("own broker", "effect")
REASON = re.compile(r"reason|error|exception|cause|fail|message|problem", re.IGNORECASE)
"""Names of headers that tell why: Spring's, Kafka Connect's and the usual ones."""


def _consumed(service: Service) -> list[str]:
    with_effect = [c.label for c in service.consumes if c.effect]
    return with_effect or [c.label for c in service.consumes]


def _with_dead_letters(service: Service) -> list[str]:
    return [c.label for c in service.consumes if c.dead_letter and c.effect]


def _cases(record: Record) -> Iterator[tuple[str, str, Exchange, Any]]:
    """The label, the case, the exchange that ends it, and what is known of it."""
    for trace in record.traces("consuming"):
        for exchange in trace.exchanges:
            if "handled" in exchange.facts:
                yield trace.name, str(exchange.facts["case"]), exchange, exchange.facts


@rule(
    "EVT025",
    contract="event",
    level="MUST",
    title="A message that comes twice has one effect",
    section=SECTION,
    mend="Note the event's id in the handler's transaction, and skip what is noted (an inbox).",
    applies=_consumed,
    needs=NEEDS,
    scenarios=("consuming",),
    silent="no message had an effect, or none of its own",
)
def one_effect(record: Record, service: Service) -> Iterator[Observation]:
    """The same message once more changes nothing: brokers deliver at least once.

    The effect is read before, and after a later message of the same partition has had its own.
    """
    for label, case, after, facts in _cases(record):
        before = _before(record, facts)
        if case != DUPLICATE or not facts["handled"] or not facts["apart"] or before is None:
            continue
        changed = differing(before.response, after.response, facts["ignored"])
        if changed:
            yield broken(
                label,
                before,
                after,
                cause="twice",
                message="a message that comes twice has its effect twice",
                expected=f"as before: {shown(before.response, changed)}",
                actual=shown(after.response, changed),
            )
        else:
            yield held(label, after)


@rule(
    "EVT026",
    contract="event",
    level="MUST",
    title="A message that cannot be handled stops nothing",
    section=SECTION,
    mend="Give up after a bounded number of tries, put the message aside, and commit its offset.",
    applies=_consumed,
    needs=NEEDS,
    scenarios=("consuming",),
    silent="no message had an effect",
)
def poison_stops_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """After what is no JSON, breaks its schema, has no payload or a null header, the next message is handled.

    That is on the same partition and valid, and must have its effect within 30 s.
    """
    for label, case, exchange, facts in _cases(record):
        if case in (DUPLICATE, UNKNOWN, KILLED):
            continue
        if facts["handled"]:
            yield held(label, exchange)
        elif exchange.response is not None:
            yield _stopped(label, case, exchange, facts)


@rule(
    "EVT027",
    contract="event",
    level="MUST",
    title="A message that cannot be handled goes to the dead letters",
    section=SECTION,
    mend="Send the message as it came to the dead-letter topic before its offset is committed.",
    applies=_with_dead_letters,
    needs=NEEDS,
    scenarios=("consuming",),
    silent="no message had an effect",
)
def poison_is_kept(record: Record, service: Service) -> Iterator[Observation]:
    """What is no JSON, breaks its schema, has no payload or a null header is in the dead-letter topic.

    It is looked for once a later message of the same partition has had its effect. Where the consumer
    could make something of it all the same, and its effect shows, nothing is asked.
    """
    for label, case, exchange, facts in _poisoned(record, service):
        if _dead_letters(record, service, label, facts):
            yield held(label, exchange)
        elif not _had_effect(record, exchange, facts):
            yield broken(
                label,
                exchange,
                cause="lost",
                message=f"a message that cannot be handled is lost ({case})",
                expected=f"it is in {_topic(service, label)}",
                actual=f"{_place(facts)} was passed over",
            )


@rule(
    "EVT028",
    contract="event",
    level="MUST",
    title="A dead letter tells the reason",
    section=SECTION,
    mend="Add a header with the reason, `dlq_reason` say, to the message that is put aside.",
    applies=_with_dead_letters,
    needs=NEEDS,
    scenarios=("consuming",),
    silent="no dead letter was seen",
)
def dead_letter_tells_why(record: Record, service: Service) -> Iterator[Observation]:
    """A dead letter says what was wrong with the message, in a header that the message did not have.

    Or in its payload, where that is not the message's own but an account of it.
    """
    for label, case, exchange, facts in _poisoned(record, service):
        letters = _dead_letters(record, service, label, facts)
        if not letters:
            continue
        added = [_added(letter, record, facts) for letter in letters]
        if all(any(REASON.search(name) and value for name, value in said.items()) for said in added):
            yield held(label, exchange)
        else:
            yield broken(
                label,
                exchange,
                cause="no reason",
                message=f"a dead letter does not say why it is one ({case})",
                expected="a header with the reason, or a field of the payload",
                actual=f"{letters[0].place} adds {', '.join(added[0]) or 'nothing'}",
            )


@rule(
    "EVT029",
    contract="event",
    level="MUST",
    title="An unknown type of message is skipped",
    section=SECTION,
    mend="Pass over types without a handler: others publish new ones on the same topic.",
    applies=_consumed,
    needs=NEEDS,
    scenarios=("consuming",),
    silent="messages do not tell their type, or none had an effect",
)
def unknown_is_skipped(record: Record, service: Service) -> Iterator[Observation]:
    """A message of a type that nobody knows has no effect, is no dead letter and stops nothing."""
    for label, case, exchange, facts in _cases(record):
        if case != UNKNOWN:
            continue
        if not facts["handled"]:
            if exchange.response is not None:
                yield _stopped(label, case, exchange, facts)
            continue
        if not facts["complete"]:
            continue
        if facts["apart"] and _had_effect(record, exchange, facts):
            cause, actual = "handled", "it had an effect"
        elif letters := _dead_letters(record, service, label, facts):
            cause, actual = "put aside", f"it is a dead letter: {letters[0].place}"
        else:
            yield held(label, exchange)
            continue
        yield broken(
            label,
            exchange,
            cause=cause,
            message="a message of an unknown type is not skipped",
            expected="no effect, and no dead letter",
            actual=actual,
        )


@rule(
    "EVT030",
    contract="event",
    level="MUST",
    title="A message outlives the process that handles it",
    section=SECTION,
    mend="Commit the offset of a message once it is handled, and no sooner.",
    applies=_consumed,
    needs=(*NEEDS, "own process"),
    scenarios=("consuming",),
    silent="no kill came amid the handling of messages that have one effect each, and can be told apart",
)
def handled_after_all(record: Record, service: Service) -> Iterator[Observation]:
    """What was read when the service was killed (SIGKILL) is handled once it runs again.

    Many messages are sent (40; where all were handled before the kill came, 160, then 640), and the service
    is killed when the first has its effect. When it runs again and has handled a later one, all are sent
    once more: where that changes anything, one had been lost. Nothing is said of a kill that left nothing
    to be done.
    """
    cases = list(_cases(record))
    once = {
        label
        for label, case, after, facts in cases
        if case == DUPLICATE and not _changed(record, after, facts)
    }
    for label, case, after, facts in cases:
        before = _before(record, facts)
        if case != KILLED or label not in once or not facts["handled"] or before is None:
            continue
        changed = _changed(record, after, facts)
        if changed:
            yield broken(
                label,
                before,
                after,
                cause="lost with the process",
                message="a message is lost when the service is killed while it handles it",
                expected=f"all were handled: {shown(before.response, changed)}",
                actual=f"sent once more, they change it: {shown(after.response, changed)}",
            )
        elif facts["amid"]:
            yield held(label, after)


def _changed(record: Record, after: Exchange, facts: Any) -> list[str]:
    before = _before(record, facts)
    return differing(before.response, after.response, facts["ignored"]) if before else []


def _poisoned(record: Record, service: Service) -> Iterator[tuple[str, str, Exchange, Any]]:
    """The cases of poison after which the next message was handled, and the dead letters were read."""
    wanted = set(_with_dead_letters(service))
    for label, case, exchange, facts in _cases(record):
        if (
            label in wanted
            and case not in (DUPLICATE, UNKNOWN, KILLED)
            and facts["handled"]
            and facts["complete"]
        ):
            yield label, case, exchange, facts


def _stopped(label: str, case: str, exchange: Exchange, facts: Any) -> Observation:
    return broken(
        label,
        exchange,
        cause="stopped",
        message=f"a consumer handles nothing after a message that it cannot handle ({case})",
        expected="the next message of the partition is handled",
        actual=f"no effect of it within {facts['waited']:g} s, after {_place(facts)}",
    )


def _before(record: Record, facts: Any) -> Exchange | None:
    return next((e for e in record if e.number == facts["before"]), None)


def _had_effect(record: Record, after: Exchange, facts: Any) -> bool:
    """Whether it may have had one; where the marker's effect is the same one, nobody can tell."""
    before = _before(record, facts)
    if before is None or not facts["apart"]:
        return True
    return bool(differing(before.response, after.response, facts["ignored"]))


def _topic(service: Service, label: str) -> str | None:
    return next((c.dead_letter for c in service.consumes if c.label == label), None)


def _dead_letters(record: Record, service: Service, label: str, facts: Any) -> list[Message]:
    """What came to the dead letters meanwhile: nobody else has given a reason for one."""
    first, last = facts["messages"]
    topic = _topic(service, label)
    return [m for m in record.messages[first:last] if m.topic == topic and not m.ours]


def _added(letter: Message, record: Record, facts: Any) -> dict[str, str]:
    """The headers and the fields of the payload that the message had not."""
    topic, partition, offset = facts["sent"]
    sent = [m for m in record.messages if (m.topic, m.partition, m.offset) == (topic, partition, offset)]
    own = {name for message in sent for name, _ in message.headers}
    said = {n: (v or b"").decode(errors="replace") for n, v in letter.headers if n not in own}
    if letter.value not in [message.value for message in sent]:
        said.update(_fields(letter))
    return said


def _fields(letter: Message) -> dict[str, str]:
    """The texts of a payload that is a JSON object."""
    try:
        payload = json.loads(letter.value or b"")
    except (ValueError, RecursionError):
        return {}
    return {n: v for n, v in payload.items() if isinstance(v, str)} if isinstance(payload, dict) else {}


def _place(facts: Any) -> str:
    topic, partition, offset = facts["sent"]
    return f"{topic}[{partition}]@{offset}"
