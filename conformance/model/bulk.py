"""Operations that take several new objects at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.model import actions
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
    `more` tells that the body demands something beside.
    """

    operation: Operation
    resource: Resource
    item: Schema
    field: str | None
    most: int | None = None
    more: bool = False

    def body(self, items: Sequence[Any], around: Any = None) -> Any:
        """The body that holds these items; `around` is a valid body, of which all else is taken."""
        if self.field is None:
            return list(items)
        return {**(around if self.more and isinstance(around, dict) else {}), self.field: list(items)}


def find_bulk(document: Document, resources: Sequence[Resource]) -> tuple[Bulk, ...]:
    """The bulk creates among the bulk operations of the resources, as found in the document or configured.

    Of those that were found it must be plain that they add: an array as the body of the collection's POST,
    or of a path that says so. What is configured is what its configuration says.
    """
    creates = []
    for resource in resources:
        found = {operation.label for operation in actions.bulk(document, resource.name)}
        for operation in resource.bulk:
            if operation.method != "POST" or len(operation.path_names) != len(resource.parents):
                continue
            bulk = _create(document, resource, operation, told=operation.label not in found)
            creates += [bulk] if bulk else []
    return tuple(creates)


def _create(document: Document, resource: Resource, operation: Operation, *, told: bool) -> Bulk | None:
    """How several objects are added by an operation; None where its body does not hold them."""
    if operation.body is None or "json" not in operation.body.media_type:
        return None
    path, collection = operation.path.rstrip("/"), resource.name.rstrip("/")
    named = ACTION.search(path) is not None and ACTION.sub("", path) == collection
    if not named and not told and path != collection:
        return None
    shape = document.shape(operation.body.schema)
    arrays: dict[str | None, Schema] = {None: shape} if shape.get("type") == "array" else {}
    if not arrays and (named or told):
        arrays = _arrays(document, shape)
    more = not set(shape.get("required") or ()) <= set(arrays) and None not in arrays
    if len(arrays) != 1 or (more and not told):
        return None
    ((field, array),) = arrays.items()
    item = document.shape(array.get("items"))
    # Items that carry the key are changed, not made: there is nothing of that name.
    if kind_of(item) != "object" or resource.key in (item.get("properties") or {}):
        return None
    return Bulk(operation, resource, item, field, array.get("maxItems"), more)


def _arrays(document: Document, shape: Schema) -> dict[str | None, Schema]:
    """The properties of a body that are arrays."""
    found = {name: document.shape(prop) for name, prop in document.properties(shape).items()}
    return {name: inner for name, inner in found.items() if inner.get("type") == "array"}


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
