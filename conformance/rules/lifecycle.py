"""Laws over the life of an object: several requests, one story."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.resources import Resource, rows
from conformance.model.service import Service

if TYPE_CHECKING:
    from conformance.model.operation import Operation

LAYERS = "Core Principles 1: Layered Architecture"


def _labels(service: Service, *wanted: str) -> list[str]:
    """The labels of the last wanted operation of resources that have all of them."""
    found = []
    for resource in service.own_resources:
        operations: list[Operation | None] = [getattr(resource, name) for name in wanted]
        if all(operations) and operations[-1]:
            found.append(operations[-1].label)
    return found


def _lives(record: Record, service: Service) -> Iterator[tuple[Resource, dict[str, Exchange], Exchange]]:
    """Each resource with its exchanges by step and its accepted create."""
    resources = {f"lifecycle{r.name}": r for r in service.own_resources}
    for trace in record.traces("lifecycle"):
        steps = {e.step: e for e in trace.exchanges if e.response is not None}
        if trace.name in resources and "create" in steps and steps["create"].ok:
            yield resources[trace.name], steps, steps["create"]


def different(sent: Any, found: Any) -> list[str]:
    """The fields of `sent` that `found` has with another value; fields not shown are not judged."""
    if not isinstance(sent, dict) or not isinstance(found, dict):
        return []
    return [key for key, value in sent.items() if key in found and not same(value, found[key])]


def same(left: Any, right: Any) -> bool:
    """Equal as JSON values, whatever the notation of a time or the case of an e-mail address."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return left == right or _folded(left) == _folded(right)
    return bool(left == right)


def _folded(text: str) -> str:
    if "@" in text:
        return text.lower()
    if len(text) > 10 and text[4:5] == text[7:8] == "-" and text[10] in "T ":
        return text.replace("+00:00", "Z").replace(" ", "T").replace(".000000", "")
    return text


@rule(
    "API004",
    contract="api",
    level="MUST",
    title="What was created can be read back",
    section=LAYERS,
    mend="Store every field that the create accepts, commit before answering, and read what is stored.",
    applies=lambda service: _labels(service, "create", "read"),
)
def created_is_readable(record: Record, service: Service) -> Iterator[Observation]:
    """A read right after a create answers 200 and shows the fields as they were sent."""
    for resource, steps, create in _lives(record, service):
        read = steps.get("read")
        if read is None or resource.read is None or read.response is None:
            continue
        label = resource.read.label
        wrong = different(create.facts.get("sent"), read.response.json)
        if not read.ok:
            yield broken(
                label,
                create,
                read,
                cause="not readable",
                message="a created object cannot be read",
                expected="200 with the object",
                actual=str(read.status),
            )
        elif wrong:
            yield broken(
                label,
                create,
                read,
                cause=f"fields {sorted(wrong)}",
                message=f"a created object reads back with another {', '.join(wrong)}",
                expected="the values that were sent",
                actual=f"other values in {', '.join(wrong)}",
            )
        else:
            yield held(label, create, read)


def _identifiers(exchange: Exchange) -> list[str] | None:
    found = rows(exchange.response.json) if exchange.response and exchange.ok else None
    if found is None:
        return None
    key = exchange.facts["key"]
    return [str(row[key]) for row in found if isinstance(row, dict) and key in row]


@rule(
    "API005",
    contract="api",
    level="MUST",
    title="A created object appears in its list",
    section=LAYERS,
    mend="Let the list query see what the create stored: the same table, the same owner, after commit.",
    applies=lambda service: _labels(service, "create", "list"),
)
def created_is_listed(record: Record, service: Service) -> Iterator[Observation]:
    """The list of the collection holds an object that was just created.

    A list that is full (a hundred rows and more) is not judged: the object may be on a later page.
    """
    for resource, steps, create in _lives(record, service):
        listed = steps.get("list")
        found = _identifiers(listed) if listed else None
        if listed is None or found is None or resource.list is None or len(found) >= 100:
            continue
        if listed.facts["id"] in found:
            yield held(resource.list.label, create, listed)
        elif len(found) >= 10 and listed.request.url.find("limit=") < 0:
            continue
        else:
            yield broken(
                resource.list.label,
                create,
                listed,
                cause="not listed",
                message="a created object is missing from its list",
                expected="the object among the items",
                actual=f"{len(found)} items without it",
            )


@rule(
    "API006",
    contract="api",
    level="MUST",
    title="An update is stored",
    section=LAYERS,
    mend="Commit the change, and apply only what was sent (`model_dump(exclude_unset=True)`) in a PATCH.",
    applies=lambda service: [op.label for r in service.own_resources if r.read for op in r.updates],
)
def update_is_stored(record: Record, service: Service) -> Iterator[Observation]:
    """A read after an accepted PUT or PATCH shows the fields that were sent; a PATCH keeps the others."""
    for resource, steps, _create in _lives(record, service):
        before = steps.get("read")
        for operation in resource.updates:
            update = steps.get(f"update {operation.method}")
            after = steps.get(f"read after {operation.method}")
            if update is None or after is None or not update.ok or after.response is None:
                continue
            now, sent = after.response.json, update.facts.get("sent")
            wrong = different(sent, now)
            lost: list[str] = []
            created = steps["create"].facts.get("sent")
            if operation.method == "PATCH" and before is not None and resource.replace is None:
                kept = {k: v for k, v in (created or {}).items() if k not in (sent or {})}
                lost = different(kept, now)
            if not after.ok or wrong or lost:
                fields = sorted(wrong or lost)
                yield broken(
                    operation.label,
                    update,
                    after,
                    cause=("not stored" if wrong else "others changed" if lost else "unreadable"),
                    message=f"{operation.method} answers {update.status}, but a read shows otherwise",
                    expected="the values sent" if wrong else "the omitted fields as they were",
                    actual=f"{after.status}, other values in {', '.join(fields)}",
                )
            else:
                yield held(operation.label, update, after)


@rule(
    "API007",
    contract="api",
    level="MUST",
    title="A deleted object is gone",
    section=LAYERS,
    mend="Delete in the transaction that the service commits, and filter soft-deleted rows everywhere.",
    applies=lambda service: _labels(service, "create", "delete"),
)
def deleted_is_gone(record: Record, service: Service) -> Iterator[Observation]:
    """After an accepted DELETE a read answers 404 or 410 and the list no longer holds the object."""
    for resource, steps, _create in _lives(record, service):
        delete = steps.get("delete")
        if delete is None or not delete.ok or resource.delete is None:
            continue
        label = resource.delete.label
        read, listed = steps.get("read after DELETE"), steps.get("list after DELETE")
        if read is not None and read.status not in (404, 410):
            yield broken(
                label,
                delete,
                read,
                cause="readable",
                message="a deleted object can still be read",
                expected="404 or 410",
                actual=str(read.status),
            )
        elif listed is not None and listed.facts["id"] in (_identifiers(listed) or []):
            yield broken(
                label,
                delete,
                listed,
                cause="listed",
                message="a deleted object is still listed",
                expected="a list without it",
                actual="the object is among the items",
            )
        elif read is not None or listed is not None:
            yield held(label, *(e for e in (delete, read, listed) if e))


@rule(
    "API010",
    contract="api",
    level="MUST",
    title="A delete removes that one object only",
    section=LAYERS,
    mend="Give the DELETE statement its WHERE on the identifier.",
    applies=lambda service: _labels(service, "create", "read", "delete"),
)
def sibling_survives(record: Record, service: Service) -> Iterator[Observation]:
    """Another object of the same collection and owner is still readable after the delete."""
    for resource, steps, _create in _lives(record, service):
        delete, sibling = steps.get("delete"), steps.get("sibling after DELETE")
        if delete is None or sibling is None or not delete.ok or resource.delete is None:
            continue
        if sibling.ok:
            yield held(resource.delete.label, delete, sibling)
        else:
            yield broken(
                resource.delete.label,
                delete,
                sibling,
                cause="sibling",
                message="deleting one object takes another with it",
                expected="200 for the other object",
                actual=str(sibling.status),
            )
