"""Finds the resources of a document: a collection, its items, and what can be done with them."""

import re
from dataclasses import dataclass

from conformance.model.operation import Operation
from conformance.target.openapi import Document

ITEM = re.compile(r"^(?P<collection>.*?[^/{}])/\{(?P<name>[^{}/]+)\}/?$")
ENVELOPES = ("items", "data", "results", "records", "content", "entries")


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection and its items.

    `name` is the collection's path; `parameter` the item's path parameter, `key` the field of a
    representation that fills it. Operations that the document does not declare are None.
    """

    name: str
    parameter: str
    key: str
    create: Operation
    read: Operation | None
    list: Operation | None
    replace: Operation | None
    patch: Operation | None
    delete: Operation | None

    @property
    def updates(self) -> tuple[Operation, ...]:
        """The operations that change an item."""
        return tuple(op for op in (self.replace, self.patch) if op)

    @property
    def parent_parameters(self) -> tuple[str, ...]:
        """Path parameters of the collection itself: it is a child of another resource."""
        return tuple(p.name for p in self.create.path_parameters)


def find_resources(document: Document) -> tuple[Resource, ...]:
    """The resources that can be created: a POST on the collection whose answer holds the key."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in document.operations:
        by_path.setdefault(operation.path.rstrip("/"), {})[operation.method] = operation
    found = []
    for path, methods in by_path.items():
        match = ITEM.match(path)
        collection = by_path.get(match["collection"], {}) if match else {}
        if not match or "POST" not in collection:
            continue
        create = collection["POST"]
        key = _key(document, create, match["name"])
        if key is None:
            continue
        found.append(
            Resource(
                name=match["collection"],
                parameter=match["name"],
                key=key,
                create=create,
                read=methods.get("GET"),
                list=collection.get("GET"),
                replace=methods.get("PUT"),
                patch=methods.get("PATCH"),
                delete=methods.get("DELETE"),
            )
        )
    return tuple(found)


def _key(document: Document, create: Operation, parameter: str) -> str | None:
    for status, response in create.responses.items():
        if not status.startswith("2"):
            continue
        for schema in response.content.values():
            properties = document.properties(schema)
            for candidate in (parameter, "id", "uuid", re.sub(r"^.*_", "", parameter)):
                if candidate in properties:
                    return candidate
    return None


def rows(answer: object) -> list[object] | None:
    """The items of a list answer: the array itself, or the one in a page object."""
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        for name in ENVELOPES:
            if isinstance(answer.get(name), list):
                return answer[name]  # type: ignore[no-any-return] # narrowed by the line above
        arrays = [value for value in answer.values() if isinstance(value, list)]
        if len(arrays) == 1:
            return arrays[0]
    return None
