"""Laws over updates: what was sent is stored, and nothing else is changed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different, is_number, moment, same
from conformance.model.operation import Operation
from conformance.model.paging import rows
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.rules.lifecycle import ACCEPTED_FOR_LATER, LAYERS, lives, shown, values
from conformance.scenarios.lifecycle import IN_A_ROW, LONGER


@rule(
    "API006",
    contract="api",
    level="MUST",
    title="An update is stored",
    section=LAYERS,
    mend="Commit the change, and apply only what was sent (`model_dump(exclude_unset=True)`) in a PATCH.",
    applies=lambda service: [op.label for r in service.resources if r.read for op in r.updates],
    needs=("writes",),
    scenarios=("lifecycle",),
)
def update_is_stored(record: Record, service: Service) -> Iterator[Observation]:
    """A read after an accepted PUT or PATCH shows the fields that were sent; a PATCH keeps the others."""
    for resource, trace, create in lives(record, service):
        for operation, update, before, after in updates(resource, trace):
            if update.ok and update.status != ACCEPTED_FOR_LATER:
                yield _stored(operation, create, before, update, after)


def updates(resource: Resource, trace: Trace) -> Iterator[tuple[Operation, Exchange, Exchange, Exchange]]:
    """Each update of a life, with the reads right before and after it."""
    before = trace.step("read")
    for update in trace.exchanges:
        kind, _, name = update.step.partition(" ")
        after = trace.step(f"read after {name}") if kind == "update" else None
        operation = next((op for op in resource.updates if op.label == update.operation), None)
        if after is None or before is None or operation is None:
            continue
        yield operation, update, before, after
        before = after


def _stored(
    operation: Operation, create: Exchange, before: Exchange, update: Exchange, after: Exchange
) -> Observation:
    sent, now, was = update.facts.get("sent"), shown(after), shown(before)
    wrong = different(sent, now)
    lost: list[str] = []
    if operation.method == "PATCH" and was is not None and isinstance(sent, dict):
        # Only what was once sent: a server-made field (updated_at, a slug) may follow the change.
        once = create.facts.get("sent")
        kept = {k: was[k] for k in once if k in was and k not in sent} if isinstance(once, dict) else {}
        lost = different(kept, now)
    if not after.ok:
        return broken(
            operation.label,
            update,
            after,
            cause="unreadable",
            message=f"after a {operation.method} the object cannot be read",
            expected="200 with the object",
            actual=str(after.status),
        )
    if wrong:
        return broken(
            operation.label,
            update,
            after,
            cause="not stored",
            message=f"{operation.method} is accepted, but a read shows another {', '.join(wrong)}",
            expected=values(sent, wrong),
            actual=values(now, wrong),
        )
    if lost:
        return broken(
            operation.label,
            update,
            after,
            cause="others changed",
            message=f"PATCH changes {', '.join(lost)}, which was not sent",
            expected=values(was, lost),
            actual=values(now, lost),
        )
    return held(operation.label, update, after)


def _updatable(service: Service) -> list[str]:
    return [op.label for r in service.resources if r.create and r.read for op in r.updates]


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

    What follows from an update by the service's own reckoning (a rank that moves up) is not judged.
    """
    for resource, trace, _create in lives(record, service):
        before = trace.step("read other")
        for operation in resource.updates:
            update = trace.step(f"update {operation.method}")
            after = trace.step(f"read other after {operation.method}")
            if update is None or before is None or after is None or not update.ok or not after.ok:
                continue
            sent = [e.facts.get("sent") for e in trace.exchanges if e.operation == operation.label]
            changed = sorted({k for body in sent for k in taken(body, shown(before), shown(after))})
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


def taken(sent: Any, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """The fields of an object that were changed to what was sent for another."""
    if not isinstance(sent, dict) or before is None or after is None:
        return []
    moved = [k for k in sent if k in before and k in after and not same(before[k], after[k])]
    return [k for k in moved if same(sent[k], after[k])]


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


CREATED = ("created", "created_at", "createdat", "created_on", "creation_date", "date_created", "inserted_at")
UPDATED = ("updated", "updated_at", "updatedat", "updated_on", "modified", "modified_at", "last_modified")


def _stamp(exchange: Exchange, names: tuple[str, ...]) -> tuple[str, datetime] | None:
    """The field of one of these names and the instant in it."""
    for key, value in (shown(exchange) or {}).items():
        if key.lower() in names and (found := moment(value)):
            return key, found
    return None


@rule(
    "API013",
    contract="api",
    level="MUST",
    title="The time of creation does not change",
    section="Core Principles 5: Database Migrations",
    mend="Set the column by `server_default`, never by `onupdate`, and update the row instead of a new one.",
    applies=_updatable,
    needs=("writes",),
    scenarios=("lifecycle",),
    silent="no object shows when it was created",
)
def creation_is_fixed(record: Record, service: Service) -> Iterator[Observation]:
    """A field that says when an object was created (`created_at`) reads the same after an update."""
    for resource, trace, _create in lives(record, service):
        for operation, update, before, after in updates(resource, trace):
            was, now = _stamp(before, CREATED), _stamp(after, CREATED)
            if not update.ok or was is None or now is None:
                continue
            # A column without fractions may round the time that the create answered with.
            if abs((now[1] - was[1]).total_seconds()) >= 1 or (was[1] != now[1] and was[1].microsecond):
                yield broken(
                    operation.label,
                    update,
                    after,
                    cause=f"{was[0]} moves",
                    message=f"an update changes {was[0]}",
                    expected=was[1].isoformat(),
                    actual=now[1].isoformat(),
                )
            else:
                yield held(operation.label, update, after)


@rule(
    "API014",
    contract="api",
    level="MUST",
    title="The time of the last update moves",
    section="Core Principles 5: Database Migrations",
    mend="Give the column `onupdate=func.now()` (or a default of microseconds set by the service).",
    applies=_updatable,
    needs=("writes",),
    scenarios=("lifecycle",),
    silent="no object shows when it was updated, finely enough to tell",
)
def update_moves_its_time(record: Record, service: Service) -> Iterator[Observation]:
    """A field that says when an object was updated (`updated_at`) is later after an accepted update.

    Times without fractions of a second are not judged: the update may fall in the same second.
    """
    for resource, trace, _create in lives(record, service):
        for operation, update, before, after in updates(resource, trace):
            was, now = _stamp(before, UPDATED), _stamp(after, UPDATED)
            if not update.ok or now is None or not different(update.facts.get("sent"), shown(before)):
                continue
            null = was is None and any(
                key.lower() in UPDATED and value is None for key, value in (shown(before) or {}).items()
            )
            if null or (was is not None and now[1] > was[1]):
                yield held(operation.label, update, after)
            elif was is not None and (was[1].microsecond or now[1].microsecond):
                yield broken(
                    operation.label,
                    update,
                    after,
                    cause=f"{now[0]} stays",
                    message=f"an update leaves {now[0]} as it was",
                    expected=f"later than {was[1].isoformat()}",
                    actual=now[1].isoformat(),
                )


@rule(
    "API015",
    contract="api",
    level="SHOULD",
    title="PUT resets what it omits",
    section=LAYERS,
    mend="Store the whole model of a PUT (`model_dump()`), not only what was set.",
    applies=lambda service: [r.replace.label for r in service.resources if r.create and r.read and r.replace],
    needs=("writes",),
    scenarios=("lifecycle",),
    silent="no optional field has a declared default that could be seen to return",
)
def put_resets(record: Record, service: Service) -> Iterator[Observation]:
    """A PUT replaces the whole object (RFC 9110 §9.3.4): an omitted field returns to its default.

    Judged are fields with a default in the schema, and those that may be null and have none.
    """
    for resource, trace, _create in lives(record, service):
        operation = resource.replace
        bare = [u for u in updates(resource, trace) if u[1].step == "update PUT bare"]
        if operation is None or operation.body is None or not bare:
            continue
        _operation, update, before, after = bare[0]
        if not update.ok or not after.ok:
            continue
        was, now, sent = shown(before) or {}, shown(after) or {}, update.facts.get("sent") or {}
        kept: list[str] = []
        reset: list[str] = []
        for name, schema in service.document.properties(operation.body.schema).items():
            shape = service.document.shape(schema)
            if name in sent or name not in was or name not in now or not _resettable(shape):
                continue
            default = shape.get("default")
            if not same(was[name], default):
                (reset if same(default, now[name]) else kept if was[name] == now[name] else []).append(name)
        if kept:
            yield broken(
                operation.label,
                update,
                after,
                cause="keeps what is omitted",
                message=f"a PUT without {', '.join(kept)} keeps the old value",
                expected="the declared default, or null",
                actual=values(now, kept),
            )
        elif reset:
            yield held(operation.label, update, after)


def _resettable(shape: dict[str, Any]) -> bool:
    kinds = [o.get("type") for o in shape.get("anyOf", ()) if isinstance(o, dict)]
    listed = shape["type"] if isinstance(shape.get("type"), list) else []
    return "default" in shape or "null" in [*kinds, *listed] or shape.get("nullable") is True


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
