"""Laws over updates: what was sent is stored, what was left out is kept or reset, and times tell of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different, moment, same
from conformance.model.operation import Operation
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.rules.lifecycle import ACCEPTED_FOR_LATER, LAYERS, lives, shown, values


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


def taken(sent: Any, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """The fields of an object that were changed to what was sent for another."""
    if not isinstance(sent, dict) or before is None or after is None:
        return []
    moved = [k for k in sent if k in before and k in after and not same(before[k], after[k])]
    return [k for k in moved if same(sent[k], after[k])]


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
