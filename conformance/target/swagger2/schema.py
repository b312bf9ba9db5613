"""OpenAPI 2.0 schemas in the dialect of OpenAPI 3.0."""

from collections.abc import Mapping
from typing import Any

from conformance.target.swagger2.nodes import Node

SECTIONS = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
SIMPLE = (
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "x-nullable",
)
"""Keywords that parameters and headers have in place of a schema."""
MAX_DEPTH = 100
"""Deeper ones are hostile, or YAML anchors that lead to themselves: below it everything is allowed."""


def located(reference: Any) -> str:
    """Where a `$ref` into the document points after the conversion."""
    text = str(reference)
    for old, new in SECTIONS.items():
        if text.startswith(old):
            return new + text[len(old) :]
    return text


def simple_schema(node: Mapping[str, Any]) -> Node:
    """The 2.0 schema of a parameter, header or form field, which has its keywords beside its name."""
    return {key: node[key] for key in SIMPLE if key in node}


class SchemaConverter:
    """Converts schemas; one that YAML anchors share is converted once, so that sharing stays sharing."""

    def __init__(self) -> None:
        self._done: dict[tuple[int, int], tuple[Any, Node]] = {}

    def __call__(self, schema: Any, depth: int = 0) -> Node:
        """The schema in 3.0; an empty one, which allows everything, where it is none."""
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return {}
        if isinstance(schema.get("$ref"), str):
            return {"$ref": located(schema["$ref"])}
        key = (id(schema), depth)
        if key not in self._done:
            # The schema is kept beside the result: its id is its own only while it lives.
            self._done[key] = schema, self._converted(schema, depth)
        return self._done[key][1]

    def _converted(self, schema: Node, depth: int) -> Node:
        found: Node = {}
        for key, value in schema.items():
            match key:
                case "properties" if isinstance(value, dict):
                    found[key] = {str(name): self(part, depth + 1) for name, part in value.items()}
                case "allOf" if isinstance(value, list):
                    found[key] = [self(part, depth + 1) for part in value]
                case "items" if isinstance(value, dict):
                    found[key] = self(value, depth + 1)
                case "additionalProperties":
                    found[key] = value if isinstance(value, bool) else self(value, depth + 1)
                case "discriminator" if isinstance(value, str):
                    found[key] = {"propertyName": value}
                case "x-nullable":
                    found["nullable"] = value is True
                case "type":
                    found.update(_type(value, found))
                case "properties" | "allOf" | "items" | "discriminator" | "collectionFormat":
                    pass  # malformed, or said elsewhere in 3.0
                case _:
                    found[str(key)] = value
        if found.get("type") == "array":
            found.setdefault("items", {})  # 3.0 wants it said
        return found


def _type(value: Any, found: Node) -> Node:
    if value == "file":
        return {"type": "string", "format": "binary"}
    if not isinstance(value, list):
        return {"type": value} if isinstance(value, str) else {}
    # The JSON Schema of 2.0 allows what its prose does not: several types, and null.
    types = [name for name in value if isinstance(name, str) and name != "null"]
    nullable = {"nullable": True} if "null" in value or found.get("nullable") else {}
    if len(types) == 1:
        return {"type": types[0], **nullable}
    return {**({"anyOf": [{"type": name} for name in types]} if types else {}), **nullable}
