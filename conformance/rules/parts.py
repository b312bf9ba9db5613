"""Which part of the document an answer breaks: the model that most operations share, not where it stands."""

import hashlib
import json
from typing import Any

from conformance.model.operation import DeclaredResponse, Schema
from conformance.target.openapi import MAX_HOPS, Document

EVERY = "*"
"""For the place in a list and the key of a map, which are data."""
UNIONS = ("anyOf", "oneOf", "allOf")


def part(document: Document, declared: DeclaredResponse, steps: list[str], label: str) -> str:
    """The place of a fault: in the component nearest to it; else in the object, however many operations
    write it out; else in the answer of the operation.

    `steps` lead from the answer to the value at fault.
    """
    schema: Any = next((schema for schema in declared.content.values() if schema), {})
    named, below = f"{label} {declared.status}", list[str]()
    for at, step in enumerate(steps):
        inside, word, reference, shape = _inside(document, schema, step, 0)
        if inside is None:
            below += [EVERY if rest.isdigit() else rest for rest in steps[at:]]
            schema = None
            break
        if reference is not None:
            named, below = reference, []
        elif not named.startswith("#") and word != EVERY:
            named, below = _written_out(shape), []
        below.append(word)
        schema = inside
    _, reference = _followed(document, schema)
    if reference is not None:
        named, below = reference, []
    return f"{named} /{'/'.join(below)}"


def _inside(document: Document, schema: Any, step: str, depth: int) -> tuple[Any, str, str | None, Schema]:
    """The schema one step down, what the step is called, the component that says so, and its shape."""
    schema, reference = _followed(document, schema)
    shape = document.shape(schema) if isinstance(schema, dict) else {}
    items, others = shape.get("items"), shape.get("additionalProperties")
    if step.isdigit() and isinstance(items, dict):
        return items, EVERY, reference, shape
    if step in document.properties(shape):
        return document.properties(shape)[step], step, reference, shape
    for option in (o for key in UNIONS for o in shape.get(key) or ()) if depth < MAX_HOPS else ():
        found = _inside(document, option, step, depth + 1)
        if found[0] is not None:
            return found[0], found[1], found[2] or reference, found[3]
    return (others, EVERY, reference, shape) if isinstance(others, dict) else (None, step, reference, shape)


def _followed(document: Document, schema: Any) -> tuple[Any, str | None]:
    """A schema with its references followed, and the last of them: as it is, the one part of an `allOf`,
    or the one thing that may be null as well."""
    last = None
    for _ in range(MAX_HOPS):
        only = schema
        for key in UNIONS if isinstance(schema, dict) else ():
            options = [
                o for o in schema.get(key) or () if not (isinstance(o, dict) and o.get("type") == "null")
            ]
            only = options[0] if len(options) == 1 else only
        reference = only.get("$ref") if isinstance(only, dict) else None
        if not isinstance(reference, str):
            return schema, last
        last, schema = reference, document.deref({"$ref": reference})
    return schema, last


def _written_out(shape: Schema) -> str:
    """A name for an object schema that has none: the same wherever it is written out."""
    text = json.dumps(shape, sort_keys=True, default=str)
    return f"schema {hashlib.sha256(text.encode()).hexdigest()[:12]}"
