"""Laws over what a request leaves alone: other objects, what is only read, the number of objects."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different, is_number
from conformance.model.paging import rows
from conformance.model.record import Exchange, Record, Trace
from conformance.model.service import Service
from conformance.rules.lifecycle import LAYERS, lives, shown, values
from conformance.rules.updates import UPDATED, taken, updates
from conformance.scenarios.lifecycle import IN_A_ROW, LONGER


@rule(
    "API011",
    contract="api",
    level="MUST",
    title="An update changes that one object only",
    section=LAYERS,
    mend="Give the UPDATE statement its WHERE on the identifier.",
    applies=lambda service: [
        op.label
        for r in service.resources
        if r.create and r.read and r is not service.account_resource
        for op in r.updates
    ],
    needs=("writes",),
    scenarios=("lifecycle",),
)
def others_stay(record: Record, service: Service) -> Iterator[Observation]:
    """Another object of the same collection and owner does not take the values of an update.

    What follows from an update by the service's own reckoning (a rank that moves up) is not judged, nor a
    number that moves as well in an object which nothing is done with for as long.
    """
    for resource, trace, _create in lives(record, service):
        before, clocked = trace.step("read other"), _clocked(trace)
        for operation in resource.updates:
            update = trace.step(f"update {operation.method}")
            after = trace.step(f"read other after {operation.method}")
            if update is None or before is None or after is None or not update.ok or not after.ok:
                continue
            sent = [e.facts.get("sent") for e in trace.exchanges if e.operation == operation.label]
            changed = sorted({k for body in sent for k in taken(body, shown(before), shown(after))} - clocked)
            if changed:
                yield broken(
                    operation.label,
                    update,
                    after,
                    cause="others changed",
                    message=f"updating one object changes {', '.join(changed)} of another",
                    expected=values(shown(before), changed),
                    actual=values(shown(after), changed),
                )
            else:
                yield held(operation.label, update, after)
            before = after


def _clocked(trace: Trace) -> set[str]:
    """The numbers that moved of an object which nothing was done with."""
    first, last = trace.step("read control"), trace.step("read control after")
    if first is None or last is None or not (first.ok and last.ok):
        return set()
    was = shown(first) or {}
    return {k for k in different(was, shown(last)) if is_number(was.get(k))}


COUNTERS = ("view", "hit", "seen", "read", "access", "visit", "count", "fetch")
"""Fields that count or date the reading itself: RFC 9110 §9.2.1 lets a safe method do that."""


@rule(
    "API012",
    contract="api",
    level="MUST",
    title="A read changes nothing",
    section=LAYERS,
    mend="Let nothing in the way of a GET write to the object.",
    applies=lambda service: [
        r.read.label for r in service.resources if r.create and r.read and r is not service.account_resource
    ],
    needs=("writes",),
    scenarios=("lifecycle",),
)
def reads_are_safe(record: Record, service: Service) -> Iterator[Observation]:
    """Two reads with no write between them show the same object (RFC 9110 §9.2.1).

    Judged are the fields that a client sets and the time of the last update; others may follow the clock.
    So may a number, which is judged only where each of several reads in a row moves it by as much, however
    long the time between them.
    """
    for resource, trace, create in lives(record, service):
        pairs = [(trace.step(f"read{n}"), trace.step(f"read{n} again")) for n in ("", " other")]
        seen = [(a, b) for a, b in pairs if a and b and a.ok and b.ok]
        if resource.read is None or not seen:
            continue
        first, second = next(((a, b) for a, b in seen if different(shown(a), shown(b))), seen[0])
        moved = different(shown(first), shown(second))
        settable = set(create.facts.get("sent") or ()) | set(UPDATED)
        changed = [
            k for k in moved if k.lower() in settable and not any(word in k.lower() for word in COUNTERS)
        ]
        row = trace.steps(f"{first.step} in a row")
        numbers = [k for k in changed if is_number((shown(first) or {}).get(k))]
        changed = [k for k in changed if k not in numbers or _by_reading(row, k)]
        if changed:
            yield broken(
                resource.read.label,
                first,
                second,
                cause=f"changes {sorted(changed)}",
                message=f"reading an object changes its {', '.join(changed)}",
                expected=values(shown(first), changed),
                actual=values(shown(second), changed),
            )
        else:
            yield held(resource.read.label, first, second)


def _by_reading(row: list[Exchange], field: str) -> bool:
    """Whether each of these reads moved a number by as much, the last of them after a long pause.

    A clock that ticks in each of two pauses ticks at least twice in one four times as long.
    """
    seen: list[Any] = [(shown(e) or {}).get(field) for e in row if e.ok]
    pauses = [b.started - a.started for a, b in pairwise(row)]
    if len(seen) <= IN_A_ROW or not all(map(is_number, seen)) or pauses[-1] < LONGER * max(pauses[:-1]):
        return False
    steps = {round(b - a, 9) for a, b in pairwise(seen)}
    return len(steps) == 1 and 0 not in steps


@rule(
    "API016",
    contract="api",
    level="MUST",
    title="An update adds no object",
    section=LAYERS,
    mend="Update the row that the path names; do not insert another.",
    applies=lambda service: [
        op.label
        for r in service.resources
        if r.create and r.list and r is not service.account_resource
        for op in r.updates
    ],
    needs=("writes",),
    scenarios=("lifecycle",),
    silent="no list was surely whole",
)
def updates_add_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """After updates the list holds no new object with what an update, or the create before it, sent.

    PUT is idempotent (RFC 9110 §9.2.2): the same one is sent twice.
    """
    for resource, trace, create in lives(record, service):
        after = trace.step("list after updates")
        found = rows(after.response.json) if after and after.response and after.ok else None
        made = {e.facts["id"] for e in trace.exchanges if "id" in e.facts}
        before = {
            str(r.get(resource.key))
            for e in _lists(trace)
            if after and e.number < after.number
            for r in _rows(e)
        }
        sent = [
            u for _o, u, _b, _a in updates(resource, trace) if u.ok and isinstance(u.facts.get("sent"), dict)
        ]
        if after is None or found is None or not before or not sent:
            continue
        bodies = [create.facts.get("sent"), *(u.facts["sent"] for u in sent)]
        new = [r for r in _rows(after) if str(r.get(resource.key)) not in made | before]
        # An old version left behind has what was sent before; the last PUT is the likeliest to have done it.
        copies = [row for row in new if any(_copy(body, row) for body in bodies)]
        if copies:
            guilty = next((u for u in reversed(sent) if u.request.method == "PUT"), sent[-1])
            yield broken(
                guilty.operation or "",
                guilty,
                after,
                cause="adds an object",
                message="an update leaves another object with the same content behind",
                expected="the objects that were there before",
                actual=f"{len(copies)} more",
            )
            continue
        for update in sent:
            yield held(update.operation or "", update, after)


def _lists(trace: Trace) -> list[Exchange]:
    return [
        e for e in trace.exchanges if e.step.startswith("list") and e.step != "list after updates" and e.ok
    ]


def _rows(exchange: Exchange) -> list[dict[str, Any]]:
    found = rows(exchange.response.json) if exchange.response else None
    return [row for row in found or [] if isinstance(row, dict)]


def _copy(sent: Any, row: dict[str, Any]) -> bool:
    """Whether a row has all that was sent, a text of the kit's own among it."""
    if not isinstance(sent, dict):
        return False
    texts = [k for k, v in sent.items() if isinstance(v, str) and len(v) >= 10 and k in row]
    return bool(texts) and not different(sent, row)
