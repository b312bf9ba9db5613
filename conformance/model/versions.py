"""What an update names of the state that it changes: a tag in If-Match, or a version in its body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.model.operation import Operation
from conformance.model.record import Response
from conformance.model.resources import Resource, representation
from conformance.target.openapi import Document

VERSION = re.compile(
    r"^(_?rev|_?revision|_?version|_?etag|(lock|row|record|resource)_?version)$", re.IGNORECASE
)
NOTICED = ("409", "412", "428")


@dataclass(frozen=True, slots=True)
class Lock:
    """How the updates of an item notice each other.

    `read` shows the present state, `key` is the field that names the item there; `tag` tells that If-Match
    must be sent, `field` is the version's name in the body and in the representation, or None.
    """

    read: Operation
    key: str
    tag: bool
    field: str | None


def takes(operation: Operation, header: str) -> bool:
    """Whether the document declares a header parameter of that name, whatever its case."""
    return any(p.location == "header" and p.name.lower() == header.lower() for p in operation.parameters)


def must_match(operation: Operation) -> bool:
    """Whether the operation asks for If-Match: the parameter is required, or 428 declared (RFC 6585 §3)."""
    required = any(
        p.required for p in operation.parameters if p.location == "header" and p.name.lower() == "if-match"
    )
    return required or "428" in operation.responses


def lock_of(document: Document, resources: Iterable[Resource], operation: Operation) -> Lock | None:
    """What a change of an item must name; None where it need name nothing."""
    resource = next((r for r in resources if operation in (*r.updates, r.delete)), None)
    if resource is None or resource.read is None:
        return None
    field = version_field(document, resource, operation)
    lock = Lock(resource.read, resource.key, must_match(operation), field)
    return lock if lock.tag or lock.field else None


def version_field(document: Document, resource: Resource, operation: Operation) -> str | None:
    """The version in the body of an update.

    It is not one where a create takes it as well: a `version` may be anybody's text.
    """
    if operation.body is None or operation not in resource.updates or not resource.read:
        return None
    create = resource.create.body if resource.create else None
    own = document.properties(create.schema) if create else {}
    required = document.shape(operation.body.schema).get("required") or ()
    shown = {
        name
        for status, response in resource.read.responses.items()
        if status.startswith("2")
        for schema in response.content.values()
        for name in _names(document, schema)
    }
    for name in document.properties(operation.body.schema):
        promised = name in required or any(status in operation.responses for status in NOTICED)
        if VERSION.match(name) and name in shown and name not in own and promised:
            return name
    return None


def _names(document: Document, schema: dict[str, object] | None) -> set[str]:
    properties = document.properties(schema)
    below = (document.properties(value) for value in properties.values())
    return {*properties, *(name for inner in below for name in inner)}


def etag(response: Response | None) -> str | None:
    """The entity tag of an answer (RFC 9110 §8.8.3)."""
    return response.header("etag") if response else None


def is_weak(tag: str) -> bool:
    """Whether a tag compares weakly only (RFC 9110 §8.8.3.2)."""
    return tag.startswith("W/")


def version_in(response: Response | None, key: str, field: str) -> object:
    """The version that a representation shows; None where it shows none."""
    shown = representation(response.json, key) if response else None
    return shown.get(field) if shown else None
