"""Whether a body is invalid however leniently it is read: lax conversion is no acceptance of bad data."""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from conformance.events.schemas import whole
from conformance.model.bodies import kind_of
from conformance.model.operation import Schema
from conformance.target.openapi import Document

SURE = frozenset(
    {"type", "enum", "const", "pattern", "additionalProperties", "required"}
    | {f"{bound}{what}" for bound in ("min", "max") for what in ("Length", "Items", "imum")}
    | {"exclusiveMinimum", "exclusiveMaximum"}
)
"""Keywords that are assertions to everybody: `format` is none, and `oneOf` fails by two matches as well."""
TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "y": True, "t": True} | dict.fromkeys(
    ("false", "no", "off", "0", "n", "f"), False
)
BY_NAME = ("properties", "patternProperties", "$defs", "definitions")
OF_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
OF_ONE = ("items", "additionalProperties", "not", "contains", "if", "then", "else")
BODY = "the body"
UNKNOWN = "an unknown field"


def surely_invalid(document: Document, schema: Schema, value: Any) -> tuple[str, str] | None:
    """The keyword that `value` breaks, and the field; None where a lenient reader could make it valid.

    A field further down is a path, with `*` for the place in a list: `lines/*/quantity`.
    """
    for error in _errors(document, schema, _read(document, schema, value)):
        keyword = str(error.schema_path[-1]) if error.schema_path else ""
        if keyword not in SURE:
            continue
        steps = ["*" if isinstance(step, int) else str(step) for step in error.instance_path]
        if keyword == "additionalProperties":
            return keyword, f"{UNKNOWN} of {'/'.join(steps)}" if steps else UNKNOWN
        if keyword == "required":
            steps.append(str(getattr(error.kind, "property", BODY)))
        return keyword, "/".join(steps) or BODY
    return None


def _errors(document: Document, schema: Schema, value: Any) -> list[Any]:
    complete = whole(schema, lambda reference: document.deref({"$ref": reference}) or None)
    if complete is None:
        return []
    validator = _validator(json.dumps(_asserted(complete, document), sort_keys=True, default=str))
    return list(validator.iter_errors(value)) if validator else []


@lru_cache(maxsize=256)
def _validator(schema: str) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=False)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def _asserted(node: Any, document: Document) -> Any:
    """A schema with what is surely demanded alone: a reader may fill in a default, and null for nothing."""
    if not isinstance(node, dict):
        return node
    told = dict(node)
    for key in BY_NAME:
        if isinstance(node.get(key), dict):
            told[key] = {name: _asserted(part, document) for name, part in node[key].items()}
    for key in OF_MANY:
        if isinstance(node.get(key), list):
            told[key] = [_asserted(part, document) for part in node[key]]
    for key in OF_ONE:
        if isinstance(node.get(key), dict):
            told[key] = _asserted(node[key], document)
    if isinstance(node.get("required"), list):
        told["required"] = [name for name in node["required"] if not _optional(node, name)]
    return _one_option(told)


def _optional(node: Schema, name: str) -> bool:
    """Whether a required property need not be sent all the same: the service sets it, or has a default."""
    prop = (node.get("properties") or {}).get(name)
    return isinstance(prop, dict) and (prop.get("readOnly") is True or "default" in prop)


def _one_option(node: Schema) -> Schema:
    """A schema of one thing or null, as that thing: a null is read as nothing, and never gets this far."""
    for key in ("anyOf", "oneOf"):
        options = [o for o in node.get(key) or () if not (isinstance(o, dict) and o.get("type") == "null")]
        if len(options) == 1 and isinstance(options[0], dict):
            return {**{k: v for k, v in node.items() if k != key}, **options[0]}
    return node


def _read(document: Document, schema: Schema, value: Any) -> Any:
    """`value` as a lenient reader takes it: converted to the declared type, trimmed, null for nothing."""
    shape = document.shape(schema)
    options = [o for o in shape.get("anyOf") or shape.get("oneOf") or () if not _is_null(document, o)]
    if len(options) == 1:
        return _read(document, options[0], value)
    for option in options:
        read = _read(document, option, value)
        if not _errors(document, option, read):
            return read
    if isinstance(value, dict):
        properties = document.properties(shape)
        return {k: _read(document, properties.get(k) or {}, v) for k, v in value.items() if v is not None}
    items = shape.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return [
            _read(document, items, part)
            for part in value
            if part is not None or not nullable(document, items)
        ]
    if not _errors(document, schema, value):
        return value
    return _chosen(shape.get("enum"), _scalar(kind_of(shape), value))


def _is_null(document: Document, option: Schema) -> bool:
    return document.shape(option).get("type") == "null"


def nullable(document: Document, schema: Schema) -> bool:
    """Whether a schema lets null be."""
    shape = document.shape(schema)
    kinds = shape.get("type")
    listed = "null" in kinds if isinstance(kinds, list) else kinds == "null"
    options = shape.get("anyOf") or shape.get("oneOf") or ()
    return listed or shape.get("nullable") is True or any(_is_null(document, o) for o in options)


def _chosen(choices: Any, value: Any) -> Any:
    """One of the choices where it is meant: `Red` for `red`."""
    if not isinstance(value, str) or not isinstance(choices, list):
        return value
    meant = (c for c in choices if isinstance(c, str) and c.casefold() == value.casefold())
    return next(meant, value)


def _scalar(kind: str | None, value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else value
    match kind:
        case "integer" | "number":
            try:
                number = float(text)
            except (TypeError, ValueError, OverflowError):
                return value
            return int(number) if number.is_integer() else number
        case "boolean":
            return TRUTHS.get(str(text).lower().removesuffix(".0"), value)
        case "string":
            return str(text) if isinstance(text, str | int | float) else value
        case "array" if not isinstance(value, list | dict):
            return [value]
    return value
