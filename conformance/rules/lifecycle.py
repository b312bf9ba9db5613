"""Laws over the life of an object: several requests, one story."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different
from conformance.model.operation import Operation
from conformance.model.paging import is_whole, listed, paging_of
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource, representation
from conformance.model.service import Service

LAYERS = "Core Principles 1: Layered Architecture"
ACCEPTED_FOR_LATER = 202
GONE = (404, 410)
STATE_WORDS = ("delet", "archiv", "activ", "status", "state", "remov", "disabl", "closed")


def _labels(service: Service, *wanted: str) -> list[str]:
    """The labels of the last wanted operation of resources that have all of them."""
    found = []
    for resource in service.resources:
        operations: list[Operation | None] = [getattr(resource, name) for name in wanted]
        last = operations[-1]
        if all(operations) and last:
            found.append(last.label)
    return found


def _lives(record: Record, service: Service) -> Iterator[tuple[Resource, Trace, Exchange]]:
    """Each resource with its trace and its accepted create; work put off (202) is not judged."""
    by_name = {r.name: r for r in service.resources}
    for trace in record.traces("lifecycle"):
        create = trace.step("create")
        resource = by_name.get(trace.name.removeprefix("lifecycle "))
        if resource and create and create.ok and create.status != ACCEPTED_FOR_LATER:
            yield resource, trace, create


def _shown(exchange: Exchange) -> dict[str, Any] | None:
    return representation(exchange.response.json, exchange.facts["key"]) if exchange.response else None


@rule(
    "API004",
    contract="api",
    level="MUST",
    title="What was created can be read back",
    section=LAYERS,
    mend="Store every field that the create accepts, commit before answering, and read what is stored.",
    applies=lambda service: _labels(service, "create", "read"),
    needs=("writes",),
    scenarios=("lifecycle",),
)
def created_is_readable(record: Record, service: Service) -> Iterator[Observation]:
    """A read right after a create answers 200 and shows the fields as they were sent.

    Fields that the read does not show (a password) are not judged, nor is the notation of a time.
    """
    for resource, trace, create in _lives(record, service):
        read = trace.step("read")
        if read is None or resource.read is None:
            continue
        wrong = different(create.facts.get("sent"), _shown(read))
        if read.status in GONE or read.status == 500:
            yield broken(
                resource.read.label,
                create,
                read,
                cause="not readable",
                message="a created object cannot be read",
                expected="200 with the object",
                actual=str(read.status),
            )
        elif wrong:
            yield broken(
                resource.read.label,
                create,
                read,
                cause=f"fields {sorted(wrong)}",
                message=f"a created object reads back with another {', '.join(wrong)}",
                expected=_values(create.facts.get("sent"), wrong),
                actual=_values(_shown(read), wrong),
            )
        elif read.ok:
            yield held(resource.read.label, create, read)


def _values(data: Any, names: list[str]) -> str:
    return (
        ", ".join(f"{name} = {data.get(name)!r}" for name in names) if isinstance(data, dict) else "nothing"
    )


@rule(
    "API005",
    contract="api",
    level="MUST",
    title="A created object appears in its list",
    section=LAYERS,
    mend="Let the list query see what the create stored: the same table, the same owner, after commit.",
    applies=lambda service: _labels(service, "create", "list"),
    needs=("writes",),
    scenarios=("lifecycle",),
)
def created_is_listed(record: Record, service: Service) -> Iterator[Observation]:
    """The list of the collection holds an object that was just created.

    Only a list that is whole is judged: it says that no more follows, or is shorter than asked for.
    A list may hide what has a flag down (drafts); an object with its flags turned is tried then.
    """
    for resource, trace, create in _lives(record, service):
        if resource.list is None or resource is service.account_resource:
            continue
        lists = [e for e in (trace.step("list"), trace.step("list turned")) if e]
        holds = [e.facts["id"] in (listed(e, resource.key) or ()) for e in lists]
        if any(holds):
            yield held(resource.list.label, create, *lists)
            continue
        last = lists[-1] if lists else None
        if last is None or listed(last, resource.key) is None:
            continue
        if is_whole(last, paging_of(resource.list), last.facts.get("asked")):
            yield broken(
                resource.list.label,
                create,
                last,
                cause="not listed",
                message="a created object is missing from its list",
                expected="the object among the items",
                actual=f"{len(listed(last, resource.key) or ())} items without it",
            )


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
    for resource, trace, create in _lives(record, service):
        before = trace.step("read")
        for operation in resource.updates:
            update = trace.step(f"update {operation.method}")
            after = trace.step(f"read after {operation.method}")
            if update is None or after is None or not update.ok or update.status == ACCEPTED_FOR_LATER:
                before = after or before
                continue
            yield _stored(operation, create, before, update, after)
            before = after


def _stored(
    operation: Operation, create: Exchange, before: Exchange | None, update: Exchange, after: Exchange
) -> Observation:
    sent, now, was = update.facts.get("sent"), _shown(after), _shown(before) if before else None
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
            expected=_values(sent, wrong),
            actual=_values(now, wrong),
        )
    if lost:
        return broken(
            operation.label,
            update,
            after,
            cause="others changed",
            message=f"PATCH changes {', '.join(lost)}, which was not sent",
            expected=_values(was, lost),
            actual=_values(now, lost),
        )
    return held(operation.label, update, after)


@rule(
    "API007",
    contract="api",
    level="MUST",
    title="A deleted object is gone",
    section=LAYERS,
    mend="Delete in the transaction that the service commits, and filter soft-deleted rows everywhere.",
    applies=lambda service: _labels(service, "create", "delete"),
    needs=("writes",),
    scenarios=("lifecycle",),
)
def deleted_is_gone(record: Record, service: Service) -> Iterator[Observation]:
    """After an accepted DELETE a read answers 404 or 410 and the list no longer holds the object.

    A service that keeps the object and shows on it that it is deleted has said so, and is not judged.
    """
    for resource, trace, _create in _lives(record, service):
        delete = trace.step("delete")
        if delete is None or not delete.ok or delete.status == ACCEPTED_FOR_LATER or not resource.delete:
            continue
        label = resource.delete.label
        before = _last_read(trace, delete)
        read, after = trace.step("read after DELETE"), trace.step("list after DELETE")
        if read is not None and read.ok:
            if before is not None and not _marked(_shown(before), _shown(read)):
                yield broken(
                    label,
                    delete,
                    read,
                    cause="readable",
                    message="a deleted object can still be read",
                    expected="404 or 410",
                    actual=str(read.status),
                )
        elif after is not None and after.facts["id"] in (listed(after, resource.key) or ()):
            yield broken(
                label,
                delete,
                after,
                cause="listed",
                message="a deleted object is still listed",
                expected="a list without it",
                actual="the object is among the items",
            )
        elif read is not None and read.status in GONE:
            yield held(label, *(e for e in (delete, read, after) if e))
        elif read is None and after is not None and after.ok:
            yield held(label, delete, after)


def _last_read(trace: Trace, delete: Exchange) -> Exchange | None:
    reads = [e for e in trace.exchanges if e.request.method == "GET" and e.number < delete.number and e.ok]
    return next((e for e in reversed(reads) if e.step.startswith(("read", "witness"))), None)


def _marked(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether a field that speaks of the object's state changed with the delete."""
    changed = [k for k, v in (after or {}).items() if (before or {}).get(k) != v]
    return any(word in key.lower() for key in changed for word in STATE_WORDS)


@rule(
    "API010",
    contract="api",
    level="MUST",
    title="A delete removes that one object only",
    section=LAYERS,
    mend="Give the DELETE statement its WHERE on the identifier.",
    applies=lambda service: [
        r.delete.label
        for r in service.resources
        if r.create and r.read and r.delete and r is not service.account_resource
    ],
    needs=("writes",),
    scenarios=("lifecycle",),
)
def sibling_survives(record: Record, service: Service) -> Iterator[Observation]:
    """Another object of the same collection and owner is still readable after the delete."""
    for resource, trace, _create in _lives(record, service):
        delete, sibling = trace.step("delete"), trace.step("sibling after DELETE")
        if delete is None or sibling is None or not delete.ok or resource.delete is None:
            continue
        if sibling.ok:
            yield held(resource.delete.label, delete, sibling)
        elif sibling.status in GONE:
            yield broken(
                resource.delete.label,
                delete,
                sibling,
                cause="sibling",
                message="deleting one object takes another with it",
                expected="200 for the other object",
                actual=str(sibling.status),
            )
