"""Whether a body is invalid however leniently it is read: lax conversion is no acceptance of bad data."""

from typing import Any

from conformance.events.schemas import faults, whole
from conformance.model.bodies import kind_of
from conformance.model.operation import Schema
from conformance.target.openapi import Document

SURE = frozenset(
    {"type", "enum", "const", "pattern", "additionalProperties"}
    | {f"{bound}{what}" for bound in ("min", "max") for what in ("Length", "Items", "imum")}
    | {"exclusiveMinimum", "exclusiveMaximum"}
)
"""Keywords that are assertions to everybody: `format` is none, what is `required` may be read-only, and
`oneOf` fails by matching twice as well."""
TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "y": True, "t": True} | dict.fromkeys(
    ("false", "no", "off", "0", "n", "f"), False
)


def surely_invalid(document: Document, schema: Schema, value: Any) -> tuple[str, str] | None:
    """The keyword that `value` breaks, and the field; None where a lenient reader could make it valid."""
    for where, keyword in _faults(document, schema, _read(document, schema, value)):
        if keyword in SURE:
            field = where.strip("/").partition("/")[0]
            return keyword, field or "the body"
    return None


def _faults(document: Document, schema: Schema, value: Any) -> list[tuple[str, str]]:
    return faults(whole(schema, lambda reference: document.deref({"$ref": reference}) or None), value)


def _read(document: Document, schema: Schema, value: Any) -> Any:
    """`value` as a lenient reader takes it: converted to the declared type, trimmed, null for nothing."""
    shape = document.shape(schema)
    for option in shape.get("anyOf") or shape.get("oneOf") or ():
        read = _read(document, option, value)
        if not _faults(document, option, read):
            return read
    if isinstance(value, dict):
        properties = document.properties(shape)
        return {k: _read(document, properties.get(k) or {}, v) for k, v in value.items() if v is not None}
    items = shape.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return [_read(document, items, part) for part in value]
    return _scalar(kind_of(shape), value)


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
