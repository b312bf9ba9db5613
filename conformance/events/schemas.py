"""JSON Schemas of messages: made whole, and asked."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jsonschema_rs

from conformance.model.operation import Schema

MOST = 5
"""Faults of one value that are told."""


def faults(schema: Schema | None, value: Any) -> list[tuple[str, str]]:
    """Where a value is not as its schema says: a JSON pointer into the value, and the keyword broken.

    A schema that is none at all finds nothing: EVT001 judges it.
    """
    if schema is None:
        return []
    validator = _validator(json.dumps(schema, sort_keys=True, default=str))
    if validator is None:
        return []
    found = []
    for error in validator.iter_errors(value):
        where = "/" + "/".join(str(part) for part in error.instance_path)
        keyword = str(error.schema_path[-1]) if error.schema_path else "schema"
        found.append((where, keyword))
        if len(found) == MOST:
            break
    return found


def usable(schema: Schema) -> bool:
    """Whether a schema can be asked at all."""
    return _validator(json.dumps(schema, sort_keys=True, default=str)) is not None


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    # AsyncAPI's own dialect is a superset of draft 7; what libraries generate is 2020-12.
    for draft in (jsonschema_rs.Draft202012Validator, jsonschema_rs.Draft7Validator):
        try:
            return draft(json.loads(schema), validate_formats=True)
        except (ValueError, jsonschema_rs.ReferencingError):
            continue
    return None


def whole(schema: Any, look_up: Callable[[str], Any]) -> Schema | None:
    """A schema with all that it refers to in its own `$defs`; None where it is no schema.

    `look_up` gives the node that a local reference (`#/…`) points to, None where there is none.
    """
    if not isinstance(schema, dict):
        return None
    definitions: dict[str, Any] = {}
    places: dict[str, str] = {}

    def moved(node: Any) -> Any:
        if isinstance(node, list):
            return [moved(part) for part in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            return {**{k: moved(v) for k, v in node.items() if k != "$ref"}, "$ref": place(reference)}
        return {key: moved(value) for key, value in node.items()}

    def place(reference: str) -> str:
        if reference not in places:
            found = look_up(reference)
            name = f"{reference.rpartition('/')[2]}-{len(places)}"
            places[reference] = f"#/$defs/{name}"
            # What leads nowhere, or out of the document, is not asked: EVT001 tells it.
            definitions[name] = moved(found) if found is not None else {}
        return places[reference]

    result = moved({k: v for k, v in schema.items() if k not in ("$schema", "$id")})
    return {**result, "$defs": {**result.get("$defs", {}), **definitions}} if definitions else result
