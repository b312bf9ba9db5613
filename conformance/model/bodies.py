"""Makes values that a schema accepts: plain, readable ones, and the same for the same seed."""

import uuid
from datetime import UTC, datetime
from random import Random
from typing import Any

import rstr

from conformance.model.operation import Schema
from conformance.target.openapi import Document

MAX_DEPTH = 6


class Sampler:
    """Samples schemas of one document; each string differs from the last so that unique stays so."""

    def __init__(self, document: Document, seed: int) -> None:
        self._document = document
        self._random = Random(seed)  # noqa: S311 - reproducible data, nothing secret

    def word(self) -> str:
        """A fresh word of ten letters and digits."""
        return "c" + "".join(self._random.choices("abcdefghjkmnpqrstuvwxyz23456789", k=9))

    def value(self, schema: Schema | None, name: str = "", depth: int = 0) -> Any:
        """A value for `schema`; required properties always, optional ones where plain."""
        shape = self._document.shape(schema)
        if "const" in shape:
            return shape["const"]
        if shape.get("enum"):
            return shape["enum"][0]
        for key in ("anyOf", "oneOf"):
            if shape.get(key):
                options = [self._document.shape(option) for option in shape[key]]
                chosen = next((o for o in options if o.get("type") != "null"), options[0])
                return self.value(chosen, name, depth)
        kind = shape.get("type")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        if kind is None:
            kind = "object" if "properties" in shape else "string"
        match kind:
            case "object":
                return self._object(shape, depth)
            case "array":
                count = max(int(shape.get("minItems", 0)), 0)
                return [self.value(shape.get("items"), name, depth + 1) for _ in range(count)]
            case "integer":
                return int(self._number(shape, 1))
            case "number":
                return float(self._number(shape, 0))
            case "boolean":
                return bool(shape.get("default", True))
            case "null":
                return None
        return self._string(shape, name)

    def _object(self, shape: Schema, depth: int) -> dict[str, Any]:
        required = set(shape.get("required", ()))
        made: dict[str, Any] = {}
        for key, raw in (shape.get("properties") or {}).items():
            prop = self._document.shape(raw)
            if prop.get("readOnly"):
                continue
            if key in required or (depth < MAX_DEPTH and _plain(prop)):
                made[key] = self.value(prop, key, depth + 1)
        return made

    def _number(self, shape: Schema, step: int) -> float:
        low = shape.get("minimum", shape.get("exclusiveMinimum"))
        high = shape.get("maximum", shape.get("exclusiveMaximum"))
        if low is None:
            low = 1 if high is None or high > 1 else high - 10
        if isinstance(shape.get("exclusiveMinimum"), int | float):
            low = low + max(step, 0.5)
        if high is None:
            high = low + 20
        multiple = shape.get("multipleOf")
        value = low + (high - low) // 3 if step else low + (high - low) / 3
        return float(value // multiple * multiple + multiple) if multiple else value

    def _string(self, shape: Schema, name: str) -> str:
        match shape.get("format"):
            case "uuid":
                return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
            case "email":
                return f"{self.word()}@example.com"
            case "date-time":
                return datetime(2030, 1, 1 + self._random.randrange(27), 12, tzinfo=UTC).isoformat()
            case "date":
                return f"2030-01-{1 + self._random.randrange(27):02}"
            case "uri" | "url":
                return f"https://example.com/{self.word()}"
        if shape.get("pattern"):
            return rstr.Rstr(self._random).xeger(shape["pattern"])
        if "email" in name.lower():
            return f"{self.word()}@example.com"
        text = self.word()
        if "password" in name.lower():
            text = f"{text}-{self.word()}-9Zq"
        text += "x" * (int(shape.get("minLength", 0)) - len(text))
        return text[: int(shape.get("maxLength", len(text)))]


def _plain(shape: Schema) -> bool:
    """Whether an optional property is worth sending: a scalar of a known type, no reference."""
    return shape.get("type") in ("string", "integer", "number", "boolean")
