"""Makes values that a schema accepts: plain, readable ones, and the same for the same seed."""

import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import rstr

from conformance.model.operation import Schema
from conformance.target.openapi import Document

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 6
LONGEST = 10_000
TRIES = 20
NOWHERE = 2_147_480_000
"""An identifier that no table has reached and that every integer column can hold."""
REFERENCE = re.compile(r"(_id|_ids|_key|Id|Ids)$|^ids$")
"""Names of fields that point to other objects."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a body is made.

    `full` adds plain optional fields; `variant` turns booleans and enumerations to another value;
    `low` takes the smallest numbers; `examples` takes the document's own examples, for fields whose
    conditions no schema tells.
    """

    full: bool = True
    variant: int = 0
    low: bool = False
    examples: bool = False


FULL = Style()
REQUIRED = Style(full=False)
OTHER = Style(variant=1)
LOW = Style(low=True)
EXAMPLES = Style(full=False, examples=True)


class Sampler:
    """Samples schemas of one document.

    Each string differs from the last, so that unique stays so; `nonce` makes them differ from those
    of an earlier audit of the same service. `reference` gives the value of a field that names
    another object, or None.
    """

    def __init__(self, document: Document, seed: int, nonce: str = "") -> None:
        self._document = document
        self._random = Random(f"{seed}{nonce}")  # noqa: S311 - reproducible data, nothing secret
        self.reference: Callable[[str], Any] = lambda _name: None

    def word(self) -> str:
        """A fresh word of ten letters and digits."""
        return "c" + "".join(self._random.choices("abcdefghjkmnpqrstuvwxyz23456789", k=9))

    def fresh(self, schema: Schema) -> Any:
        """A value of the schema's type and format that nothing has been called yet."""
        return self.value({k: v for k, v in schema.items() if k not in ("enum", "const", "example")})

    def value(self, schema: Schema | None, name: str = "", style: Style = FULL, depth: int = 0) -> Any:
        """A value for `schema`; `name` is the property that it is for."""
        shape = self._document.shape(schema)
        if "const" in shape:
            return shape["const"]
        if shape.get("enum"):
            return shape["enum"][style.variant % len(shape["enum"])]
        example = _example(shape) if style.examples else None
        if example is not None:
            return example
        for key in ("anyOf", "oneOf"):
            if shape.get(key):
                options = [self._document.shape(option) for option in shape[key]]
                chosen = next((o for o in options if o.get("type") != "null"), options[0])
                rest = {k: v for k, v in shape.items() if k != key}
                return self.value({**rest, **chosen}, name, style, depth)
        match kind_of(shape):
            case "object":
                return self._object(shape, style, depth)
            case "array":
                # A body that is a list says something only where something is in it.
                count = max(int(shape.get("minItems", 0)), 1 if depth == 0 and not name else 0)
                return [self.value(shape.get("items"), name, style, depth + 1) for _ in range(count)]
            case "integer":
                return int(_number(shape, 1, style))
            case "number":
                return float(_number(shape, 0, style))
            case "boolean":
                return bool(shape.get("default", True)) ^ bool(style.variant)
            case "null":
                return None
        return self._string(shape, name)

    def _object(self, shape: Schema, style: Style, depth: int) -> dict[str, Any]:
        required = set(shape.get("required", ()))
        made: dict[str, Any] = {}
        if depth > MAX_DEPTH:
            return made
        for key, raw in (shape.get("properties") or {}).items():
            prop = self._document.shape(raw)
            if prop.get("readOnly"):
                continue
            wanted = key in required
            if REFERENCE.search(key) and (wanted or style.full):
                found = self.reference(key)
                if found is not None or wanted:
                    made[key] = self.absent(prop) if found is None else found
                    continue
            if _may_be_key(key, prop) and (wanted or style.full):
                found = self.reference(f"{key}_id")
                if isinstance(found, int if kind_of(prop) == "integer" else str):
                    made[key] = found
                    continue
            if wanted or (style.full and _plain(prop) and not REFERENCE.search(key)):
                made[key] = self.value(prop, key, style, depth + 1)
        if not made and style.full and depth == 0:
            # Nothing plain to send: an object of any fields then gets one, to be read back.
            free = {k: self._document.shape(raw) for k, raw in (shape.get("properties") or {}).items()}
            made = {k: {"label": self.word()} for k, prop in free.items() if _takes_any_text(prop)}
        return made

    def _matching(self, shape: Schema) -> str:
        """A text that the pattern finds: a plain word where it may be one.

        A word it is, too, where the pattern is not one of Python's.
        """
        plain = self._string({k: v for k, v in shape.items() if k != "pattern"}, "")
        low, high = int(shape.get("minLength", 0)), int(shape.get("maxLength", LONGEST))
        try:
            found = re.compile(str(shape["pattern"]))
            if found.search(plain):
                return plain
            for _ in range(TRIES):
                made = rstr.Rstr(self._random).xeger(found.pattern)
                if low <= len(made) <= high:
                    return made
        except (re.error, ValueError, KeyError, OverflowError):
            pass
        return plain

    def absent(self, shape: Schema) -> Any:
        """A reference that leads nowhere: a guessed one might name what somebody else made."""
        value = self.fresh(shape)
        return NOWHERE if isinstance(value, int) and not isinstance(value, bool) else value

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
            case "time":
                return "12:00:00Z"
            case "duration":
                return "PT1H"
            case "uri" | "url":
                return f"https://example.com/{self.word()}"
            case "decimal":
                return self._decimal(shape)
        if shape.get("pattern"):
            return self._matching(shape)
        if "email" in name.lower():
            return f"{self.word()}@example.com"
        text = self.word()
        if "password" in name.lower():
            text = f"{text}-{self.word()}-9Zq"
        text += "x" * (int(shape.get("minLength", 0)) - len(text))
        return text[-int(shape.get("maxLength", len(text))) :]

    def _decimal(self, shape: Schema) -> str:
        """A number in digits, as large as the pattern lets it be; a half, which survives any rounding."""
        sizes = (100_000, 1000, 100, 10)
        tries = [f"{self._random.randrange(size // 10, size)}{end}" for end in (".5", "") for size in sizes]
        with suppress(re.error):
            found = re.compile(str(shape.get("pattern", "")))
            return next(filter(found.search, tries), tries[-1])
        return tries[0]


def kind_of(shape: Schema) -> str:
    """The first type of a schema that is not null, guessed where none is named."""
    kind = shape.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    return str(kind) if kind else ("object" if "properties" in shape else "string")


def _example(shape: Schema) -> Any:
    examples = shape.get("examples")
    return shape.get("example", examples[0] if isinstance(examples, list) and examples else None)


def _number(shape: Schema, step: int, style: Style) -> float:
    """A number within the bounds, a half or a whole one where they let it: such survive any rounding.

    OpenAPI 3.0 has booleans for exclusive bounds, 3.1 numbers (JSON Schema 2020-12 §6.2.3).
    """
    low: Any = shape.get("minimum")
    high: Any = shape.get("maximum")
    below, above = shape.get("exclusiveMinimum"), shape.get("exclusiveMaximum")
    inside = step or 0.5
    if below is not None and below is not False:
        low = (low if below is True else below) + inside
    if above is not None and above is not False:
        high = (high if above is True else above) - inside
    if low is None:
        low = 1 if high is None or high > 1 else high - 10
    if high is None:
        high = low + 20
    multiple = shape.get("multipleOf")
    if multiple:
        return float(-(-low // multiple) * multiple)
    rough = low if style.low else low + (high - low) / 3
    value = (rough // inside) * inside + style.variant * inside
    return float(value if low <= value <= high else low)


def _takes_any_text(shape: Schema) -> bool:
    """Whether it is an object that takes, and says so, any fields of any type."""
    return (
        shape.get("type") == "object"
        and not shape.get("readOnly")
        and (shape.get("additionalProperties") is True or shape.get("additionalProperties") == {})
    )


def _may_be_key(name: str, shape: Schema) -> bool:
    """Whether a field may hold another object's key under that one's name alone: `author`, an integer."""
    return holds_key(shape) and not REFERENCE.search(name) and not name.lower().endswith("s")


def holds_key(shape: Schema) -> bool:
    """Whether a value is an integer or a UUID, and so may be a key though its name does not say it."""
    return kind_of(shape) == "integer" or (kind_of(shape) == "string" and shape.get("format") == "uuid")


def _plain(shape: Schema) -> bool:
    """Whether an optional property is worth sending: a scalar of a known type."""
    options = shape.get("anyOf") or [shape]
    kinds = [option.get("type") for option in options if isinstance(option, dict)]
    return any(kind in ("string", "integer", "number", "boolean") for kind in kinds)
