"""Input with one fault: what a schema forbids, however leniently types are read."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.model.bodies import REFERENCE, kind_of
from conformance.model.operation import Operation, Parameter, Schema
from conformance.target.openapi import Document

LONGEST = 100_000
NUMBERS = ("integer", "number")
FORMATS = {"uuid": "not-a-uuid", "date": "2030-13-45", "date-time": "2030-13-45T99:00:00Z"}
"""Formats that are types in all but name, each with a text that has no such value."""
Fault = tuple[str, Any]
"""The keyword that is broken, and a value that breaks it."""


def bodies(
    document: Document, shape: Schema, valid: dict[str, Any], word: str
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Bodies that break one keyword of the schema each: the keyword, the field, the body."""
    for name in shape.get("required", ()):
        if name in valid:
            yield "required", name, {key: value for key, value in valid.items() if key != name}
    for name, schema in document.properties(shape).items():
        prop = document.shape(schema)
        if not prop.get("readOnly"):
            for fault, value in values(document, prop, word):
                yield fault, name, {**valid, name: value}
    if shape.get("additionalProperties") is False:
        yield "additionalProperties", "an unknown field", {**valid, word: 1}


def values(document: Document, prop: Schema, word: str) -> Iterator[Fault]:
    """Values of a JSON field that one keyword of its schema forbids."""
    plain = one_type(document, prop)
    if plain is None:
        return
    prop = plain
    if prop.get("enum"):
        yield "enum", word if isinstance(prop["enum"][0], str) else {}
        return
    match kind_of(prop):
        case "string":
            yield "type", {}
            if prop.get("format") in FORMATS:
                yield "format", FORMATS[prop["format"]]
            odd = _unmatched(prop, word)
            if odd is not None:
                yield "pattern", odd
            if isinstance(prop.get("maxLength"), int) and prop["maxLength"] < LONGEST:
                yield "maxLength", "x" * (prop["maxLength"] + 1)
            if isinstance(prop.get("minLength"), int) and prop["minLength"] > 0:
                yield "minLength", "x" * (prop["minLength"] - 1)
        case "integer" | "number" as kind:
            yield "type", word
            if kind == "integer" and prop.get("multipleOf") is None:
                yield "integer", 1.5
            yield from _bounds(prop)
        case "boolean" | "array" | "object":
            yield "type", word


def parameters(document: Document, operation: Operation) -> Iterator[tuple[Parameter, str, str]]:
    """Parameters of the path and the query with a text that breaks one keyword: parameter, keyword, text."""
    for parameter in operation.parameters:
        prop = one_type(document, document.shape(parameter.schema))
        if prop is None or parameter.location not in ("path", "query"):
            continue
        if prop.get("enum") and parameter.location == "query":
            yield parameter, "enum", "not-among-them"
        elif kind_of(prop) in NUMBERS:
            yield parameter, "type", "not-a-number"
            # What names an object may name anybody's: a number out of bounds is not tried on a write.
            if parameter.location == "query" and (operation.safe or not REFERENCE.search(parameter.name)):
                for keyword, value in _bounds(prop):
                    yield parameter, keyword, str(value)
        elif kind_of(prop) == "boolean":
            yield parameter, "type", "neither"
        elif prop.get("format") in FORMATS:
            yield parameter, "format", FORMATS[prop["format"]]


def one_type(document: Document, prop: Schema) -> Schema | None:
    """A schema of one type beside null; None where it allows several, or says nothing."""
    options = prop.get("anyOf") or prop.get("oneOf")
    if options:
        real = [o for o in map(document.shape, options) if o.get("type") != "null"]
        if len(real) != 1 or not {"anyOf", "oneOf", "properties"}.isdisjoint(real[0]):
            return None
        prop = {**{k: v for k, v in prop.items() if k not in ("anyOf", "oneOf")}, **real[0]}
    kinds = prop.get("type")
    if isinstance(kinds, list) and len([kind for kind in kinds if kind != "null"]) != 1:
        return None
    return prop if "type" in prop or "enum" in prop else None


def _unmatched(prop: Schema, word: str) -> str | None:
    """A text of a fitting length that the pattern does not find; None where none is at hand."""
    low, high = int(prop.get("minLength", 0)), int(prop.get("maxLength", LONGEST))
    try:
        pattern = re.compile(str(prop["pattern"])) if "pattern" in prop else None
    except re.error:
        return None
    tries = [word, f"{word}!", f"!{word}", f" {word}", "!" * max(low, 1), " " * max(low, 1)]
    fitting = (text[:high] for text in tries if low <= len(text[:high]))
    return next((text for text in fitting if pattern and not pattern.search(text)), None)


def _bounds(prop: Schema) -> Iterator[Fault]:
    if isinstance(prop.get("minimum"), int | float):
        yield "minimum", prop["minimum"] - 1
    if isinstance(prop.get("maximum"), int | float):
        yield "maximum", prop["maximum"] + 1
