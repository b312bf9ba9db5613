"""Finds the resources of a document: a collection, its items, and what can be done with them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.model import actions, lists
from conformance.model.bodies import kind_of
from conformance.model.operation import Operation
from conformance.model.paging import rows_schema
from conformance.model.record import Response
from conformance.target.openapi import Document

WRAPPERS = ("data", "item", "result", "object")
"""Properties that hold one object where an answer is not the object itself."""
ITEM = re.compile(r"^(?P<collection>.*?[^/{}])/\{(?P<name>[^{}/]+)\}/?$")


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection and its items.

    `name` is the collection's path; `parameter` the item's path parameter, `key` the field of a
    representation that fills it. Operations that the document does not declare are None. `create` may
    be a PUT on the item's path, whose name the client then chooses, and `list` a POST. `lookups` find an
    item by another field than its key, `actions` are on one item, `bulk` operations take several at once;
    `unique` fields may not have one value twice, and `above` is the parent's collection, as configured.
    `envelope` is the property that holds the representation in bodies and in answers (`{"data": {…}}`),
    None where it is the body itself.
    """

    name: str
    parameter: str
    key: str
    create: Operation | None = None
    read: Operation | None = None
    list: Operation | None = None
    replace: Operation | None = None
    patch: Operation | None = None
    delete: Operation | None = None
    item: str = ""
    lookups: tuple[Operation, ...] = ()
    actions: tuple[Operation, ...] = ()
    bulk: tuple[Operation, ...] = ()
    unique: tuple[str, ...] = ()
    above: str | None = None
    envelope: str | None = None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What can be done with the collection and its items."""
        every = (self.create, self.read, self.list, self.replace, self.patch, self.delete)
        return tuple(op for op in every if op)

    @property
    def updates(self) -> tuple[Operation, ...]:
        """The operations that change an item."""
        return tuple(op for op in (self.replace, self.patch) if op)

    @property
    def parents(self) -> tuple[str, ...]:
        """The path parameters of the collection itself, outermost first."""
        return tuple(re.findall(r"\{([^{}]+)\}", self.name))

    @property
    def named_by_client(self) -> bool:
        """Whether an item is created by a PUT on its own path (RFC 9110 §9.3.4)."""
        return self.create is not None and len(self.create.path_names) > len(self.parents)

    @property
    def nouns(self) -> frozenset[str]:
        """What one item may be called: `posts` → posts, post; `categories` → category."""
        plural = re.sub(r"[^a-z0-9]+", "_", self.name.rstrip("/").rpartition("/")[2].lower())
        singular = {plural.removesuffix("s"), re.sub("ies$", "y", plural), re.sub("es$", "", plural)}
        return frozenset({plural, *singular})


def find_resources(document: Document) -> tuple[Resource, ...]:
    """The resources: an item path below a collection that can be listed or added to."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in document.operations:
        by_path.setdefault(operation.path.rstrip("/"), {})[operation.method] = operation
    found = []
    for path, methods in by_path.items():
        match = ITEM.match(path)
        if match is None:
            continue
        collection = by_path.get(match["collection"], {})
        listed = lists.of(document, match["collection"], collection.get("GET"))
        create = _create(document, collection, methods)
        key = _key(document, (create, methods.get("GET"), listed), match["name"])
        if key is None or not (create or listed):
            continue
        lookups = actions.lookups(document, match["collection"], methods.get("GET"), key)
        found.append(
            Resource(
                name=match["collection"],
                parameter=match["name"],
                key=key,
                create=create,
                read=methods.get("GET"),
                list=listed,
                replace=methods.get("PUT"),
                patch=methods.get("PATCH"),
                delete=methods.get("DELETE"),
                item=path,
                lookups=lookups,
                actions=actions.on_item(document, path),
                bulk=actions.bulk(document, match["collection"]),
                envelope=_envelope(document, create, key),
            )
        )
    return tuple(found)


def _create(
    document: Document, collection: Mapping[str, Operation], item: Mapping[str, Operation]
) -> Operation | None:
    """The POST on the collection; else a PUT there that answers with one object, or on the item's path."""
    if "POST" in collection:
        return collection["POST"]
    put = collection.get("PUT")
    if put and put.body and kind_of(document.shape(put.body.schema)) == "object":
        return put
    put = item.get("PUT")
    words = re.split(r"[^a-z]+", f"{put.operation_id} {put.summary}".lower()) if put else []
    return put if put and ("201" in put.responses or {"create", "upsert"} & set(words)) else None


def _key(document: Document, told: Iterable[Operation | None], parameter: str) -> str | None:
    """The field that fills the parameter; `id` where the answers have no schema, or one that is open."""
    schemas = [shape for operation in told if operation for shape in _answers(document, operation)]
    for schema in schemas:
        properties = document.properties(schema)
        below = [document.properties(value) for value in properties.values()]
        for fields in (properties, *below):
            for candidate in (parameter, "id", "uuid", re.sub(r"^.*_", "", parameter)):
                if candidate in fields:
                    return candidate
    return "id" if all(_is_open(document, schema) for schema in schemas) else None


def _is_open(document: Document, schema: dict[str, Any]) -> bool:
    """Whether fields that are not named may be there, at the top or in an envelope, because it says so."""
    inside = (value for name, value in document.properties(schema).items() if name in WRAPPERS)
    return any(document.shape(s).get("additionalProperties") not in (None, False) for s in (schema, *inside))


def _envelope(document: Document, create: Operation | None, key: str) -> str | None:
    """The property that bodies and answers of a create both wrap the object in."""
    if create is None or create.body is None:
        return None
    sent = document.properties(create.body.schema)
    for schema in _answers(document, create):
        shown = document.properties(schema)
        for name in WRAPPERS:
            if key not in shown and all(_is_object(document, f.get(name)) for f in (sent, shown)):
                return name
    return None


def _is_object(document: Document, schema: Any) -> bool:
    """Whether a schema is there and speaks of an object."""
    shape = document.shape(schema) if schema is not None else {}
    return shape.get("type") == "object" or "properties" in shape


def _answers(document: Document, operation: Operation) -> Iterator[dict[str, Any]]:
    for status, response in operation.responses.items():
        if status.startswith("2"):
            for schema in response.content.values():
                if schema:
                    yield rows_schema(document, schema) or schema


def _nameless(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path.rstrip("/"))


def parent_of(resource: Resource, resources: Iterable[Resource]) -> Resource | None:
    """The resource whose items hold this collection: the one with the longest path, or None."""
    if resource.above is not None:
        return holder(resource.above, resources)
    path = _nameless(resource.name)
    above = [r for r in resources if path.startswith(f"{_nameless(r.name)}/{{}}/")]
    return max(above, key=lambda r: len(r.name), default=None)


def holder(prefix: str, resources: Iterable[Resource]) -> Resource | None:
    """The resource whose collection is at `prefix`, whatever its parameters are called."""
    return next((r for r in resources if _nameless(r.name) == _nameless(prefix)), None)


def named(name: str, resources: Sequence[Resource]) -> tuple[Resource, str | None] | None:
    """The resource and the field that a name points to: `post_id` → posts and None for its key."""
    words = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
    for resource in resources:
        for noun in sorted(resource.nouns, key=len, reverse=True):
            if words == f"{noun}_id":
                return resource, None
            if words in (f"{noun}_name", f"{noun}_slug", f"{noun}_key", f"{noun}_uuid"):
                return resource, words.removeprefix(f"{noun}_")
    return None


def representation(answer: object, key: str) -> dict[str, Any] | None:
    """The object in an answer: at the top, one level down (`{"data": {…}}`), or the only one of a list."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, dict):
        return None
    if answer.get(key) is not None:
        return answer
    below = (value for value in answer.values() if isinstance(value, dict))
    return next((value for value in below if value.get(key) is not None), None)


def identifier(response: Response, key: str) -> str | None:
    """What names the created object: its key in the body, else the end of `Location` (RFC 9110 §10.2.2)."""
    shown = representation(response.json, key)
    if shown is not None:
        return str(shown[key])
    location = urlsplit(response.header("location") or "").path.rstrip("/")
    return unquote(location.rpartition("/")[2]) or None
