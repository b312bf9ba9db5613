"""Finds what a resource has beside its life cycle: other ways to an item, actions on it, many at once."""

import re

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation, Schema
from conformance.model.paging import answers_list
from conformance.target.openapi import Document

MANY = re.compile(
    r"(^|[-_])(bulk|batch|many|multi|multiple)((create|add|insert|import)?$|[-_])"
    r"|(^|[-_])(create|add|insert|import)(bulk|batch|many|multiple)$"
)
"""As a word in a path it speaks of several objects at once."""


def lookups(document: Document, collection: str, read: Operation | None, key: str) -> tuple[Operation, ...]:
    """Reads of an item by something else than its key: `GET /flows/name/{name}`."""
    shape = re.compile(rf"{re.escape(collection)}/[^/{{}}]+(/\{{[^/{{}}]+\}})+/?")
    return tuple(
        operation
        for operation in document.operations
        if operation.method == "GET"
        and shape.fullmatch(operation.path)
        and not answers_list(document, operation)
        and _alike(document, operation, read, key)
    )


def by_one(lookup: Operation) -> bool:
    """Whether the item is found by one field alone, which then is unique."""
    return re.search(r"/([^/{}]+)/\{\1\}/?$", lookup.path) is not None


def on_item(document: Document, item: str) -> tuple[Operation, ...]:
    """Actions on an item: `POST /runs/{id}/set_state`, `POST /runs/{id}:cancel`; not what adds a child."""
    shape = re.compile(rf"{re.escape(item)}[/:][^/{{}}]+/?")
    below = {operation.path.rstrip("/").rpartition("/{")[0] for operation in document.operations}
    lists = {op.path.rstrip("/") for op in document.operations if op.method == "GET"}
    return tuple(
        operation
        for operation in document.operations
        if operation.method == "POST"
        and shape.fullmatch(operation.path)
        and operation.path.rstrip("/") not in below | lists
    )


def bulk(document: Document, collection: str) -> tuple[Operation, ...]:
    """Operations on several items at once: `POST /flows/bulk_delete`, or a list as the collection's body."""
    found = []
    for operation in document.operations:
        path = operation.path.rstrip("/")
        ends = tuple(f"{collection}{mark}" for mark in "/:_-")
        word = path.removeprefix(collection)[1:] if path.startswith(ends) else ""
        words = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", word).lower()
        named = "/" not in word and "{" not in word and MANY.search(words)
        several = path == collection and operation.body is not None and not operation.safe
        if not operation.safe and (named or (several and _takes_list(document, operation))):
            found.append(operation)
    return tuple(found)


def _takes_list(document: Document, operation: Operation) -> bool:
    return operation.body is not None and kind_of(document.shape(operation.body.schema)) == "array"


def _alike(document: Document, lookup: Operation, read: Operation | None, key: str) -> bool:
    """Whether a lookup shows what the read shows, or at least an object with the key."""
    found, known = shown(document, lookup), shown(document, read) if read else {}
    return found == known if known else key in document.properties(found)


def shown(document: Document, operation: Operation) -> Schema:
    """The schema of what a success of the operation shows; empty where the document tells none."""
    for status, response in operation.responses.items():
        for schema in response.content.values() if status.startswith("2") else ():
            if schema:
                return document.shape(schema)
    return {}
