"""Finds the fields of a body that refer to objects of other resources, or of the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.model.bodies import holds_key, kind_of
from conformance.model.operation import Operation, Schema
from conformance.model.resources import Resource
from conformance.model.service import Service

ITSELF = re.compile(r"(parent|previous|next|related|linked|source|original|reply_to|in_reply_to)_id")
"""Fields that name another object of the same kind."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of an operation's body and the resource whose key it holds, or a list of such keys."""

    name: str
    target: Resource
    many: bool
    schema: Schema = field(default_factory=dict)


def references(service: Service, resource: Resource, operation: Operation) -> Iterator[Reference]:
    """The references in a create's or an update's body, without those to accounts, whom all may name."""
    document = service.document
    schema = operation.body.schema if operation.body else {}
    if resource.envelope:
        schema = document.properties(schema).get(resource.envelope, {})
    for name, raw in document.properties(schema).items():
        shape = document.shape(raw)
        options = [document.shape(option) for key in ("anyOf", "oneOf") for option in shape.get(key) or ()]
        shape = next((option for option in options if option.get("type") != "null"), shape)
        many = kind_of(shape) == "array"
        one = document.shape(shape.get("items")) if many else shape
        target = None if shape.get("readOnly") else _target(service, resource, name, one)
        if target is not None and target is not service.account_resource:
            yield Reference(name, target, many, one)


def _target(service: Service, resource: Resource, name: str, shape: Schema) -> Resource | None:
    """`note_id`, `noteIds`, `related_note_id`; `note` where it is a number or a UUID; `parent_id`."""
    if kind_of(shape) not in ("integer", "string"):
        return None
    words = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
    words = re.sub(r"_(ids|uuid|uuids)$", "_id", words)
    found = [
        (len(noun), r)
        for r in service.resources
        for noun in r.nouns
        if noun and (f"_{words}".endswith(f"_{noun}_id") or (holds_key(shape) and words == noun))
    ]
    if found:
        return max(found, key=lambda one: one[0])[1]
    return resource if ITSELF.fullmatch(words) else None
