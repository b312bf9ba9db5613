"""Laws over the life of an object: several requests, one story."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different
from conformance.model.paging import is_whole, listed, paging_of
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource, representation
from conformance.model.service import Service
from conformance.rules.runs import runs

if TYPE_CHECKING:
    from conformance.model.operation import Operation

LAYERS = "Core Principles 1: Layered Architecture"
ACCEPTED_FOR_LATER = 202
GONE = (404, 410)
VARIANTS = ("", " first", " other", " low")
"""The objects that a lifecycle makes, as their steps are called."""
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


def lives(record: Record, service: Service) -> Iterator[tuple[Resource, Trace, Exchange]]:
    """Each resource with its trace and its accepted create; work put off (202) is not judged."""
    for resource, trace in runs(record, service, "lifecycle"):
        create = trace.step("create")
        if create and create.ok and create.status != ACCEPTED_FOR_LATER:
            yield resource, trace, create


def shown(exchange: Exchange) -> dict[str, Any] | None:
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
    for resource, trace, _create in lives(record, service):
        for name in VARIANTS:
            create, read = trace.step(f"create{name}"), trace.step(f"read{name}")
            if create is None or read is None or resource.read is None or not create.ok:
                continue
            wrong = different(create.facts.get("sent"), shown(read))
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
                    expected=values(create.facts.get("sent"), wrong),
                    actual=values(shown(read), wrong),
                )
            elif read.ok:
                yield held(resource.read.label, create, read)


def values(data: Any, names: list[str]) -> str:
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
    A list may hide what has a flag down (drafts) or another state, so of two objects that differ in
    these one must be there; nothing else may hide one. A list of accounts may show those alone that the
    service wants to be seen: a new one must be there where another of the same kind is.
    """
    for resource, trace, create in lives(record, service):
        if resource.list is None:
            continue
        if resource is service.account_resource and not _is_among(trace.step("list"), resource):
            continue
        seen = {name: _in_list(resource, trace.step(f"list{name}")) for name in VARIANTS}
        states = _has_states(create.facts.get("sent"), service, resource)
        hidden = seen[""] is False and (seen[" other"] is not True or not states)
        partly = seen[" low"] is False and (seen[""] is True or not states)
        if hidden or partly:
            step = trace.step("list low" if partly else "list") or create
            yield broken(
                resource.list.label,
                create,
                step,
                cause="not listed",
                message="a created object is missing from its list",
                expected="the object among the items",
                actual=f"{len(listed(step, resource.key) or ())} items without it",
            )
        elif any(seen.values()):
            yield held(resource.list.label, create, *_lists(trace))


def _is_among(answer: Exchange | None, resource: Resource) -> bool:
    """Whether a list of accounts shows another one that was signed up in the same way."""
    found = listed(answer, resource.key) if answer else None
    return answer is not None and answer.facts.get("witness") in (found or ())


def _has_states(sent: Any, service: Service, resource: Resource) -> bool:
    """Whether a flag or an enumeration was sent, by which a list may rightly choose."""
    body = resource.create.body if resource.create else None
    shapes = service.document.properties(body.schema) if body else {}
    known = {name: service.document.shape(schema) for name, schema in shapes.items()}
    return isinstance(sent, dict) and any(
        isinstance(value, bool) or "enum" in known.get(name, {}) for name, value in sent.items()
    )


def _in_list(resource: Resource, answer: Exchange | None) -> bool | None:
    """Whether a list has the object of its step; None where that cannot be said."""
    found = listed(answer, resource.key) if answer else None
    if answer is None or found is None or resource.list is None:
        return None
    if answer.facts["id"] in found:
        return True
    return False if is_whole(answer, paging_of(resource.list), answer.facts.get("asked")) else None


def _lists(trace: Trace) -> list[Exchange]:
    return [e for name in VARIANTS if (e := trace.step(f"list{name}"))]


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
    for resource, trace, _create in lives(record, service):
        delete = trace.step("delete")
        if delete is None or not delete.ok or delete.status == ACCEPTED_FOR_LATER or not resource.delete:
            continue
        label = resource.delete.label
        before = _last_read(trace, delete)
        read, after = trace.step("read after DELETE"), trace.step("list after DELETE")
        if read is not None and read.ok:
            if before is not None and not _marked(shown(before), shown(read)):
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
    """Other objects of the same collection and owner are still readable after the delete.

    So is the account of somebody who is called as the one that was deleted.
    """
    for resource, trace, _create in lives(record, service):
        delete = trace.step("delete")
        if delete is None or not delete.ok or resource.delete is None:
            continue
        for name in (*VARIANTS[1:], " namesake"):
            before, after = trace.step(f"read{name}"), trace.step(f"read{name} after DELETE")
            if before is None or after is None or not before.ok:
                continue
            if after.ok:
                yield held(resource.delete.label, delete, after)
            elif after.status in GONE:
                yield broken(
                    resource.delete.label,
                    delete,
                    after,
                    cause="sibling",
                    message="deleting one object takes another with it",
                    expected="200 for the other object",
                    actual=str(after.status),
                )
