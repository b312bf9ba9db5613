"""Reads an OpenAPI 3 document into operations; references are followed inside the document only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from conformance.errors import TargetProblem
from conformance.model.operation import Body, DeclaredResponse, Operation, Parameter, Schema
from conformance.target.swagger2 import upgrade
from conformance.target.text import read

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "query")
MAX_HOPS = 32
LEADING_OUT = frozenset({"$dynamicRef", "$id", "$schema", "externalValue", "jsonSchemaDialect"})
"""Keywords whose value may be an address that a library would ask for (or resolve others against)."""


@dataclass(frozen=True)
class Document:
    """An OpenAPI document: `source` says where it came from, `raw` is it in the form of OpenAPI 3.

    `written` is the document of OpenAPI 2.0 that it was made of; empty where it came as it is.
    """

    raw: dict[str, Any]
    source: str
    operations: tuple[Operation, ...]
    written: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """`info.title`, empty where there is none."""
        info = self.raw.get("info")
        return str(info.get("title", "")) if isinstance(info, dict) else ""

    @cached_property
    def named(self) -> dict[str, Operation]:
        """The operations by label."""
        return {op.label: op for op in reversed(self.operations)}

    @property
    def servers(self) -> tuple[str, ...]:
        """The URL of each `servers` entry, its variables at their defaults; hosts are never followed."""
        found = []
        for server in self.raw.get("servers") or []:
            if isinstance(server, dict):
                url = str(server.get("url", ""))
                for name, variable in (server.get("variables") or {}).items():
                    url = url.replace(f"{{{name}}}", str((variable or {}).get("default", "")))
                found.append(url)
        return tuple(found)

    @cached_property
    def sealed(self) -> dict[str, Any]:
        """The document as libraries may have it.

        Without references that lead out of it, which they would follow, and without `writeOnly`: what
        carries it SHOULD NOT come back (OpenAPI 3.0.4 §4.7.24), which is no question of the schema.
        """
        return cast("dict[str, Any]", seal(self.raw))

    @cached_property
    def leading_out(self) -> tuple[str, ...]:
        """Where references stand that lead out of the document, as JSON pointers."""
        written = self.written or self.raw
        return tuple(p.removeprefix("#") for p, r in _references(written, "#") if not r.startswith("#"))

    @cached_property
    def dangling(self) -> tuple[tuple[str, str], ...]:
        """The references to places in the document that are not there: where they stand, where they point."""
        return tuple(
            (pointer, reference)
            for pointer, reference in _references(self.raw, "#")
            if reference.startswith("#/") and self._pointed(reference) is None
        )

    @cached_property
    def circles(self) -> tuple[str, ...]:
        """Components that name only each other (`$ref`, `allOf`) until they are back where they began."""
        schemas = (self.raw.get("components") or {}).get("schemas") or {}
        return tuple(
            f"#/components/schemas/{name}"
            for name in schemas
            if self._circles(f"#/components/schemas/{name}", ())
        )

    def _circles(self, reference: str, seen: tuple[str, ...]) -> bool:
        if reference in seen:
            return reference == seen[0]
        node = self._pointed(reference)
        parts = [node, *(node.get("allOf") or ())] if isinstance(node, dict) else []
        further = [p["$ref"] for p in parts if isinstance(p, dict) and isinstance(p.get("$ref"), str)]
        return any(self._circles(r, (*seen, reference)) for r in further)

    @property
    def security_schemes(self) -> dict[str, dict[str, Any]]:
        """`components.securitySchemes`, references followed."""
        schemes = (self.raw.get("components") or {}).get("securitySchemes") or {}
        return {name: self.deref(scheme) for name, scheme in schemes.items()}

    def deref(self, node: Any) -> dict[str, Any]:
        """`node` with its own `$ref` followed; an empty dict where it leads nowhere inside."""
        for _ in range(MAX_HOPS):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._pointed(reference)
        return {}

    def _pointed(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        node: Any = self.raw
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                return None
            node = node[key]
        return node

    def shape(self, schema: Schema | None) -> Schema:
        """`schema` with references and `allOf` folded into one object schema, one level deep."""
        return self._shape(schema or {}, 0)

    def _shape(self, schema: Schema, depth: int) -> Schema:
        schema = self.deref(schema)
        if depth > MAX_HOPS or "allOf" not in schema:
            return schema
        merged: Schema = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema["allOf"]:
            piece = self._shape(part, depth + 1)
            for key, value in piece.items():
                if key == "properties":
                    merged["properties"] = {**value, **merged.get("properties", {})}
                elif key == "required":
                    merged["required"] = [*merged.get("required", []), *value]
                else:
                    merged.setdefault(key, value)
        return merged

    def properties(self, schema: Schema | None) -> Mapping[str, Schema]:
        """The declared properties of an object schema."""
        found = self.shape(schema).get("properties")
        return found if isinstance(found, dict) else {}


def parse(text: str | bytes, source: str) -> Document:
    """Read JSON or YAML.

    Raises `TargetProblem` where it is neither, or no OpenAPI 3 document.
    """
    if not text.strip():
        raise TargetProblem(f"{source} is empty: name the OpenAPI document with --openapi.")
    try:
        raw = read(text)
    except ValueError:
        raw = None
    if not isinstance(raw, dict) or not ({"openapi", "swagger"} & raw.keys()):
        raise TargetProblem(f"{source} is not an OpenAPI document: name the right one with --openapi.")
    written = {}
    if str(raw.get("swagger")) == "2.0":
        written, raw = raw, upgrade(raw)
    if not str(raw.get("openapi", "")).startswith("3."):
        version = raw.get("swagger") or raw.get("openapi")
        raise TargetProblem(f"{source} is OpenAPI {version}; 2.0 and 3.x can be read.")
    document = Document(raw, source, ())
    try:
        operations = tuple(_operations(document))
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise TargetProblem(f"{source} is not a well-formed OpenAPI document ({error}).") from error
    if not operations:
        raise TargetProblem(f"{source} declares no operation, so there is nothing to audit.")
    return Document(raw, source, operations, written)


def _operations(document: Document) -> Iterator[Operation]:
    paths = document.raw.get("paths")
    for path, path_item in (paths if isinstance(paths, dict) else {}).items():
        item = document.deref(path_item)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield _operation(document, method.upper(), path, item, item[method])
        # OpenAPI 3.2.0 §4.9.1: other methods, their names as they are sent.
        for method, node in (item.get("additionalOperations") or {}).items():
            if isinstance(node, dict):
                yield _operation(document, method, path, item, node)


def _operation(
    document: Document, method: str, path: str, item: dict[str, Any], node: dict[str, Any]
) -> Operation:
    parameters: dict[tuple[str, str], Parameter] = {}
    for raw in [*(item.get("parameters") or []), *(node.get("parameters") or [])]:
        found = document.deref(raw)
        if "name" in found and found.get("in") in ("path", "query", "header", "cookie"):
            parameters[found["in"], found["name"]] = Parameter(
                name=found["name"],
                location=found["in"],
                required=bool(found.get("required")),
                schema=_parameter_schema(found),
            )
    body = document.deref(node.get("requestBody"))
    security = node.get("security", document.raw.get("security")) or []
    publishes = node.get("x-publishes")
    return Operation(
        method=method,
        path=path,
        operation_id=str(node.get("operationId", "")),
        summary=str(node.get("summary", "")),
        tags=tuple(str(tag) for tag in node.get("tags") or ()),
        parameters=tuple(parameters.values()),
        bodies=tuple(
            Body(
                media,
                content.get("schema") or {},
                bool(body.get("required")),
                document.properties(content.get("schema")),
                frozenset(document.shape(content.get("schema")).get("required") or ()),
            )
            for media, content in (body.get("content") or {}).items()
            if isinstance(content, dict)
        ),
        responses={
            str(status): _response(document, str(status), raw)
            for status, raw in (node.get("responses") or {}).items()
        },
        security=tuple(frozenset(entry) for entry in security if isinstance(entry, dict)),
        publishes=tuple(publishes) if isinstance(publishes, list) else None,
    )


def _parameter_schema(parameter: dict[str, Any]) -> Schema:
    if isinstance(parameter.get("schema"), dict):
        return cast("Schema", parameter["schema"])
    for content in (parameter.get("content") or {}).values():
        if isinstance(content, dict):
            return content.get("schema") or {}
    return {}


def _response(document: Document, status: str, raw: Any) -> DeclaredResponse:
    found = document.deref(raw)
    content = found.get("content") or {}
    return DeclaredResponse(
        status=status,
        content={m: (c or {}).get("schema") for m, c in content.items()},
        headers=frozenset(str(name).lower() for name in found.get("headers") or {}),
    )


def _references(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every `$ref` in the document but for those in examples, which are data."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield pointer, reference
        for key, value in node.items():
            if key not in ("example", "examples", "default", "enum", "const"):
                yield from _references(value, f"{pointer}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, f"{pointer}/{index}")


def seal(node: Any) -> Any:
    """A part of a document without references that lead out of it, and without `writeOnly`."""
    if isinstance(node, dict):
        if _leads_out(node.get("$ref")):
            return {}
        return {
            str(key): seal(value)
            for key, value in node.items()
            if (key, value) != ("writeOnly", True) and not _is_way_out(key, value)
        }
    if isinstance(node, list):
        return [seal(value) for value in node]
    return node


def _is_way_out(key: Any, value: Any) -> bool:
    if isinstance(value, dict):  # a link to an operation elsewhere
        return _leads_out(value.get("operationRef"))
    return key in LEADING_OUT and _leads_out(value)


def _leads_out(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith("#")
