"""Finds the operation that lists a collection, a POST too, and puts what it is asked with in its place."""

import re
from collections.abc import Mapping
from typing import Any

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation, Schema
from conformance.model.paging import MORE, NEXT, PAGES, TOTALS, rows_schema
from conformance.target.openapi import Document

WORDS = ("filter", "search", "query", "list", "find", "paginate", "page", "all")
"""What a list is called that is not a GET of the collection, the most usual first."""
TELLING = frozenset({*MORE, *NEXT, *PAGES, *TOTALS})
"""Fields of an object around the items by which it is known for a page."""


def of(document: Document, collection: str, get: Operation | None) -> Operation | None:
    """The operation that lists a collection: its GET, else `POST …/filter`, `…/_search`, `…:query`.

    Such a one answers with items and declares no created object (201).
    """
    if get is not None:
        return get
    named = re.compile(rf"{re.escape(collection)}[/:]_?({'|'.join(WORDS)})/?")
    found = [
        (WORDS.index(match[1]), operation.safe, operation)
        for operation in document.operations
        if (match := named.fullmatch(operation.path))
        and operation.method in ("POST", "QUERY", "GET")
        and "201" not in operation.responses
        and _answers_items(document, operation)
    ]
    return min(found, key=lambda one: one[:2])[2] if found else None


def _answers_items(document: Document, operation: Operation) -> bool:
    schemas = [s for status, r in operation.responses.items() if status[0] == "2" for s in r.content.values()]
    return any(schema and _holds_items(document, schema) for schema in schemas)


def _holds_items(document: Document, schema: Schema) -> bool:
    """Whether a schema is a list of objects: an array, a page with its items under a usual name, or one of
    another name beside a total or a cursor."""
    row = rows_schema(document, schema)
    if row is not None:
        return kind_of(row) == "object"
    fields = document.properties(schema)
    arrays = [name for name, value in fields.items() if document.shape(value).get("type") == "array"]
    return len(arrays) == 1 and any(name.lower() in TELLING for name in fields)


def placed(
    document: Document, operation: Operation, query: Mapping[str, Any], body: Any
) -> tuple[dict[str, Any], Any]:
    """What a list is asked with, parted into the query and the body, `body` being what the body has anyway.

    A name with dots stands for a place in the body; a value goes into an array where the body has one there.
    """
    declared = {p.name for p in operation.query_parameters}
    inside = {name: value for name, value in query.items() if name not in declared}
    if operation.safe or operation.body is None or not inside or not isinstance(body, dict | None):
        return dict(query), body
    made: dict[str, Any] = dict(body or {})
    for name, value in inside.items():
        levels, schema = name.split("."), operation.body.schema
        table = made
        for level in levels[:-1]:
            schema = document.properties(schema).get(level, {})
            table[level] = dict(table[level]) if isinstance(table.get(level), dict) else {}
            table = table[level]
        wanted = document.shape(document.properties(schema).get(levels[-1]))
        several = wanted.get("type") == "array" and not isinstance(value, list)
        table[levels[-1]] = [value] if several else value
    return {name: value for name, value in query.items() if name in declared}, made
