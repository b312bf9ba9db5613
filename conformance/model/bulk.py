"""Operations that take several new objects at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import kind_of
from conformance.model.compare import different
from conformance.model.operation import Operation, Schema
from conformance.model.record import Response
from conformance.model.resources import Resource
from conformance.target.openapi import Document

ACTION = re.compile(
    r"[/:_-](?:bulk|batch|many|multiple)(?:[_-]?(?:create|add|insert|import))?$"
    r"|[/:](?:create|add|insert|import)[_-]?(?:bulk|batch|many|multiple)$",
    re.IGNORECASE,
)
"""How the path of such an operation ends, after that of its collection."""
RESULTS = ("results", "items", "data", "responses", "outcomes", "operations")
VERDICTS = ("success", "ok", "succeeded", "created")
STATUSES = ("status", "status_code", "statuscode", "code")
FAILURES = ("error", "errors", "problem", "problems", "failure", "violations")


@dataclass(frozen=True, slots=True)
class Bulk:
    """A POST that adds several objects to a collection.

    `item` is the schema of one; `field` names the array in the body, None where the body is the array.
    """

    operation: Operation
    resource: Resource
    item: Schema
    field: str | None
    most: int | None = None

    def body(self, items: Sequence[Any]) -> Any:
        """The body that holds these items."""
        return list(items) if self.field is None else {self.field: list(items)}


def find_bulk(document: Document, resources: Sequence[Resource]) -> tuple[Bulk, ...]:
    """The bulk creates of a document: an array as the body of a collection's POST, or of a bulk path."""
    found = []
    for operation in document.operations:
        if operation.method != "POST" or operation.body is None or "json" not in operation.body.media_type:
            continue
        collection, action = (
            ACTION.sub("", operation.path.rstrip("/")),
            ACTION.search(operation.path.rstrip("/")),
        )
        resource = next((r for r in resources if r.name.rstrip("/") == collection), None)
        if resource is None:
            continue
        field, array = _array(document, operation.body.schema, named=action is not None)
        item = document.shape(array.get("items")) if array else {}
        # Items that carry the key are changed, not made: there is nothing of that name.
        if array and kind_of(item) == "object" and resource.key not in (item.get("properties") or {}):
            found.append(Bulk(operation, resource, item, field, array.get("maxItems")))
    return tuple(found)


def _array(document: Document, schema: Schema, *, named: bool) -> tuple[str | None, Schema | None]:
    """The array of a body and its name; where the path does not say bulk, only a body that is one."""
    shape = document.shape(schema)
    if shape.get("type") == "array":
        return None, shape
    arrays = {
        name: inner
        for name, prop in document.properties(shape).items()
        if (inner := document.shape(prop)).get("type") == "array"
    }
    if named and len(arrays) == 1 and set(shape.get("required") or arrays) <= set(arrays):
        return next(iter(arrays.items()))
    return None, None


def is_stored(row: Any, items: Sequence[Any]) -> bool:
    """Whether a row of a list shows one of these items: all that it shows of it, and a text at least."""
    return isinstance(row, dict) and any(
        isinstance(item, dict)
        and not different(item, row)
        and any(isinstance(value, str) and value and row.get(name) == value for name, value in item.items())
        for item in items
    )


def told(response: Response, count: int) -> list[bool | None] | None:
    """What an answer says became of each item: made, refused, or None where it does not say.

    None where the answer has no result for each item.
    """
    results = _results(response.json, count)
    return None if results is None else [_verdict(result) for result in results]


def _results(answer: Any, count: int) -> list[Any] | None:
    if isinstance(answer, list):
        return answer if len(answer) == count else None
    if isinstance(answer, dict):
        arrays = {str(k).lower(): v for k, v in answer.items() if isinstance(v, list) and len(v) == count}
        named = next((arrays[name] for name in RESULTS if name in arrays), None)
        return named if named is not None else (next(iter(arrays.values())) if len(arrays) == 1 else None)
    return None


def _verdict(result: Any) -> bool | None:
    if not isinstance(result, dict):
        return None
    low = {str(key).lower(): value for key, value in result.items()}
    for name in VERDICTS:
        if isinstance(low.get(name), bool):
            return bool(low[name])
    for name in STATUSES:
        status = low.get(name)
        if isinstance(status, int) and not isinstance(status, bool) and 200 <= status < 600:
            return status < 300
    if any(low.get(name) for name in FAILURES):
        return False
    return None
