"""The resources of a document with what the configuration says in their place (`[resources.NAME]`)."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from conformance.config import ListTable, ResourceTable
from conformance.errors import UsageProblem
from conformance.model.operation import Listing, Operation
from conformance.model.resources import ITEM, Resource, find_resources, holder
from conformance.target.openapi import Document

ON_ITEM = ("read", "replace", "update", "delete")
FIELDS = {"update": "patch"}
"""Where a key of the table and a field of `Resource` are called differently."""


def understand(
    document: Document, tables: Mapping[str, ResourceTable]
) -> tuple[Document, tuple[Resource, ...]]:
    """The document, its lists with how they are asked for, and the resources.

    Raises `UsageProblem` where a table names an operation or a collection that the document does not have.
    """
    known = {operation.label: operation for operation in document.operations}
    for name, table in tables.items():
        if table.list and (operation := _operation(name, "list", table.list.operation, known)):
            known[operation.label] = replace(operation, listing=_listing(table.list))
    document = replace(document, operations=tuple(known.values()))
    resources = list(find_resources(document))
    for name, table in tables.items():
        if table.list and table.list.operation is None:
            found = _base(name, table, resources)
            if found.list is None:
                raise UsageProblem(f"[resources.{name}.list] says no `operation`, and none was found.")
            changed = replace(found.list, listing=_listing(table.list))
            known[changed.label] = changed
            document = replace(document, operations=tuple(known.values()))
            resources = [_with_operation(r, changed) for r in resources]
    for name, table in tables.items():
        base = _base(name, table, resources)
        made = _overridden(name, base, table, known, resources)
        resources = [r for r in resources if r is not base] + [made]
    order = {path: at for at, path in enumerate(op.path.rstrip("/") for op in document.operations)}
    return document, tuple(sorted(resources, key=lambda r: order.get(r.item, len(order))))


def _listing(table: ListTable) -> Listing:
    return Listing(**table.model_dump(exclude={"operation"}))


def _with_operation(resource: Resource, changed: Operation) -> Resource:
    """The resource with an operation that has got a listing in place of the same without."""
    same = resource.list is not None and resource.list.label == changed.label
    return replace(resource, list=changed) if same else resource


def _base(name: str, table: ResourceTable, resources: Sequence[Resource]) -> Resource:
    """The resource that a table speaks of: the one found at its collection or by name, else an empty one."""
    if table.collection is not None:
        found = holder(table.collection, resources)
        if found is not None:
            return found
        item = (table.item or f"{table.collection.rstrip('/')}/{{id}}").rstrip("/")
        match = ITEM.match(item)
        if match is None or match["collection"] != table.collection.rstrip("/"):
            raise UsageProblem(
                f"[resources.{name}] has `item` = {item!r}: write its `collection` and one parameter below."
            )
        return Resource(match["collection"], match["name"], "id", item=item)
    alike = [r for r in resources if _plain(r.name.rpartition("/")[2]) == _plain(name)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        paths = ", ".join(r.name for r in alike)
        raise UsageProblem(f"[resources.{name}] may be {paths}: say which `collection` it is.")
    raise UsageProblem(
        f"[resources.{name}] says no `collection`, and no resource of that name was found"
        f"{_nearest(name, [r.name.rpartition('/')[2] for r in resources])}"
    )


def _overridden(
    name: str,
    base: Resource,
    table: ResourceTable,
    known: Mapping[str, Operation],
    resources: Sequence[Resource],
) -> Resource:
    changes: dict[str, object] = {}
    for key in ("create", "list", *ON_ITEM):
        said = table.list.operation if key == "list" and table.list else getattr(table, key)
        if said is False:
            changes[FIELDS.get(key, key)] = None
        elif isinstance(said, str):
            operation = _operation(name, key, said, known)
            changes[FIELDS.get(key, key)] = operation
            _fits(name, key, operation, base)
    for key in ("actions", "bulk"):
        labels = getattr(table, key)
        if labels is not None:
            changes[key] = tuple(_operation(name, key, label, known) for label in labels)
    if table.identifier is not None:
        changes["key"] = table.identifier
    if table.unique is not None:
        changes["unique"] = table.unique
    if table.parent is not None:
        above = holder(table.parent, resources) or next(
            (r for r in resources if _plain(r.name.rpartition("/")[2]) == _plain(table.parent)), None
        )
        if above is None:
            near = _nearest(table.parent, [r.name for r in resources])
            raise UsageProblem(
                f"[resources.{name}] has `parent` = {table.parent!r}, which is no resource{near}"
            )
        changes["above"] = above.name
    return replace(base, **changes)  # type: ignore[arg-type]  # the keys are the fields' names


def _operation(
    name: str, key: str, label: str | Literal[False] | None, known: Mapping[str, Operation]
) -> Operation | None:
    if not label:
        return None
    if label not in known:
        raise UsageProblem(
            f"[resources.{name}] has `{key}` = {label!r}, which the document does not have"
            f"{_nearest(label, list(known))}"
        )
    return known[label]


def _fits(name: str, key: str, operation: Operation | None, base: Resource) -> None:
    """A path's parameters are filled with the identifiers above the collection, and the item's own."""
    if operation is None:
        return
    above, has = len(base.parents), len(operation.path_names)
    wanted = (above,) if key == "list" else (above, above + 1) if key == "create" else (above + 1,)
    if has not in wanted:
        raise UsageProblem(
            f"[resources.{name}] has `{key}` = {operation.label!r}, whose path has {has} parameters "
            f"and not {wanted[0]}, as below {base.name}."
        )


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return f"; did you mean {near[0]!r}?" if near else "."


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
