"""A child belongs to one parent: it is reached through no other, and goes with it."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.paging import listed
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource, parent_of, representation
from conformance.model.service import Service

ERRORS = "Core Principles 6: Error Handling"
RELATIONSHIPS = "Creating a Database Model: relationships"
ACCEPTED_FOR_LATER = 202
GONE = (404, 410)


def _children(service: Service) -> Iterator[tuple[Resource, Resource]]:
    """Each collection that can be added to, below the items of one that can be added to; and that one."""
    for resource in service.resources:
        above = parent_of(resource, service.resources)
        if above and above.create and resource.create and above is not service.account_resource:
            yield resource, above


def _traces(record: Record, service: Service) -> Iterator[tuple[Resource, Resource, Trace]]:
    """Those in which a child was made and can be read through its own parent."""
    known = {f"families {resource.name}": (resource, above) for resource, above in _children(service)}
    for trace in record.traces("families"):
        if trace.name in known:
            yield *known[trace.name], trace


@rule(
    "API028",
    contract="api",
    level="MUST",
    title="A child is reached through its own parent only",
    section=ERRORS,
    mend="Select the child by its own identifier and its parent's: WHERE id = … AND parent_id = ….",
    applies=lambda service: [
        op.label for r, _ in _children(service) for op in (r.read, r.list, *r.updates, r.delete) if op
    ],
    needs=("writes",),
    scenarios=("families",),
)
def own_parent_only(record: Record, service: Service) -> Iterator[Observation]:
    """`/parents/{b}/children/{c}` is not there where c is a child of another parent.

    Read, replaced, patched and deleted through another parent of the same owner it is refused, and stays as
    it is; the list of the other parent's children does not hold it. A PUT may create, and a DELETE be
    content that there is nothing (RFC 9110 §9.3.4, §9.3.5): with no 404 declared, these are judged by what
    becomes of the child alone, and so is all that follows a PUT which may have created.
    """
    for resource, _, trace in _traces(record, service):
        before, shown, create = trace.step("own read"), trace.step("other list"), trace.step("create")
        sent = create.facts.get("sent") if create else None
        if resource.list and shown and (found := listed(shown, resource.key)) is not None:
            yield _listed(resource.list, shown, found)
        if before is None or not before.ok:
            continue
        there = False
        for operation in (resource.read, *resource.updates, resource.delete):
            act = (
                trace.step("other read" if operation is resource.read else f"other {operation.method}")
                if operation
                else None
            )
            after = trace.step(f"own read after {operation.method}") if operation else None
            if operation is None or act is None or not before.ok:
                continue
            if operation is resource.read:
                yield from _reached(operation, act, act, before=None, now=None, promised=True)
            elif after is not None:
                was, now = (_sent_fields(e, resource, sent) for e in (before, after))
                promised = not there and (operation.method == "PATCH" or "404" in operation.responses)
                yield from _reached(operation, act, after, before=was, now=now, promised=promised)
                there = there or (operation.method == "PUT" and act.ok and not promised)
                before = after


def _listed(operation: Operation, shown: Exchange, found: list[str]) -> Observation:
    if shown.facts["id"] not in found:
        return held(operation.label, shown)
    return broken(
        operation.label,
        shown,
        cause=f"{operation.path} listed",
        message="the list of one parent's children holds another's",
        expected="a list without it",
        actual=f"the other parent's child {shown.facts['id']} among {len(found)} items",
    )


def _reached(
    operation: Operation, act: Exchange, after: Exchange, *, before: Any, now: Any, promised: bool
) -> Iterator[Observation]:
    changed = after is not act and (after.status in GONE or (after.ok and now != before))
    if changed or (act.ok and promised):
        yield broken(
            operation.label,
            *((act,) if after is act else (act, after)),
            cause=operation.path,
            message="a child is changed through a parent that is not its own"
            if changed
            else "a child is reached through a parent that is not its own",
            expected="404",
            actual=f"{act.status}; through its own parent it then reads {after.status}"
            if changed
            else str(act.status),
        )
    elif act.refused:
        yield held(operation.label, act, after)


def _sent_fields(exchange: Exchange, resource: Resource, sent: Any) -> dict[str, Any]:
    """The fields that the child was made with, as a read shows them; others may change by themselves."""
    shown = representation(exchange.response.json, resource.key) if exchange.response else None
    return {name: value for name, value in (shown or {}).items() if isinstance(sent, dict) and name in sent}


@rule(
    "API031",
    contract="api",
    level="SHOULD",
    title="Children of a deleted parent are gone",
    section=RELATIONSHIPS,
    mend='Delete them with it (`ondelete="CASCADE"`), or refuse with 409 while there are some.',
    applies=lambda service: [
        above.delete.label for r, above in _children(service) if above.delete and (r.read or r.list)
    ],
    needs=("writes",),
    scenarios=("families",),
    silent="no parent was deleted for good",
)
def children_go_with_it(record: Record, service: Service) -> Iterator[Observation]:
    """After a DELETE of the parent its child answers 404 or 410 and is no longer listed.

    A DELETE that is refused because there are children is as good; a parent that is kept and only marked is
    not judged.
    """
    for resource, above, trace in _traces(record, service):
        delete, kept = trace.step("delete parent"), trace.step("parent after")
        read, shown = trace.step("child after"), trace.step("list after")
        if above.delete is None or delete is None or (kept is not None and kept.ok):
            if delete is not None and above.delete is not None and delete.status == 409:
                yield held(above.delete.label, delete)
            continue
        if not delete.ok or delete.status == ACCEPTED_FOR_LATER:
            continue
        label = above.delete.label
        still = shown is not None and shown.facts["id"] in (listed(shown, resource.key) or ())
        if read is not None and read.ok:
            yield broken(
                label,
                delete,
                read,
                cause=f"{resource.name}: readable",
                message="the child of a deleted parent can still be read",
                expected="404 or 410",
                actual=str(read.status),
            )
        elif still and shown is not None:
            yield broken(
                label,
                delete,
                shown,
                cause=f"{resource.name}: listed",
                message="the child of a deleted parent is still listed",
                expected="404, or a list without it",
                actual="the child is among the items",
            )
        elif read is not None and read.status in GONE:
            yield held(label, delete, read)
        elif read is None and shown is not None and (shown.ok or shown.status in GONE):
            yield held(label, delete, shown)
