"""Varies a valid body: with values that are rare and allowed, or with one fault, anywhere in it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from schemathesis import Case

from conformance.model.bodies import kind_of
from conformance.model.compare import is_number
from conformance.model.operation import Schema
from conformance.scenarios import faulty, lenient
from conformance.target.openapi import Document

Cases = SearchStrategy[Case[Any]]
Steps = tuple[str | int, ...]
LONGEST_TEXT = 3_000
"""Characters; no generator makes texts of that length by chance."""
MOST_ITEMS = 60
DEEPEST = 6
BINDING = ("enum", "const", "format", "contentEncoding")
"""Keywords with which a text cannot be any other."""
TEXTS = (
    *("", " ", "0", "-1", "null", "true", "NaN", "{}", "a/b", "..", "%", "%s", "'", '"', "<b>&amp;", "\\"),
    *("\t", "a\nb", "ß", "İ", "e\N{COMBINING ACUTE ACCENT}", "\N{GRINNING FACE}"),
    *("\N{ARABIC LETTER ALEF}", "\N{ZERO WIDTH SPACE}"),
)
DATES = ("2024-02-29", "1899-12-31", "1970-01-01", "2038-01-20", "9999-12-31")
TIMES = ("T00:00:00Z", "T23:59:59.999999Z", "T12:00:00+14:00", "T12:00:00-11:30", "T12:00:00.123456789Z")
INTEGERS = (0, 1, -1, 255, 256, 32_767, 32_768, 65_536, 2**31 - 1, 2**31, 2**32, 2**53, 2**53 + 1, 2**63 - 1)
FRACTIONS = (0.1, 0.5, 1e-7, 2.675, 1.005, 1e15, 123456789.123)
ODD_CHARACTERS = " !_-./:@A0é\N{GRINNING FACE}"
FAR = 10**9


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a body: where it stands, the schema of it, what it is, and whether it may be null."""

    steps: Steps
    shape: Schema
    value: Any
    nullable: bool = False


def places(document: Document, schema: Schema, value: Any, steps: Steps = ()) -> Iterator[Place]:
    """All values of a body that have a schema, the body itself first."""
    whole = document.shape(schema)
    shape = faulty.one_type(document, whole) or whole
    yield Place(steps, shape, value, nullable=bool(steps) and lenient.nullable(document, whole))
    if len(steps) >= DEEPEST:
        return
    if isinstance(value, dict):
        for name, prop in document.properties(shape).items():
            if name in value and not document.shape(prop).get("readOnly"):
                yield from places(document, prop, value[name], (*steps, name))
    elif isinstance(value, list) and isinstance(shape.get("items"), dict):
        for index, part in enumerate(value):
            yield from places(document, shape["items"], part, (*steps, index))


@st.composite
def varied(draw: DrawFn, cases: Cases, document: Document, schema: Schema) -> Case[Any]:
    """The same cases, with up to three values in the body that are rare and allowed."""
    case = draw(cases)
    body = deepcopy(case.body)
    for place in list(places(document, schema, body)):
        # The same number to JSON Schema, and not to every reader.
        if kind_of(place.shape) == "integer" and isinstance(place.value, float) and place.value.is_integer():
            body = _with(body, place.steps, int(place.value))
    for _ in range(draw(st.integers(0, 3))):
        open_ = [(p, s) for p in places(document, schema, body) if (s := _or_null(p)) is not None]
        if not open_:
            break
        place, values = draw(st.sampled_from(open_))
        body = _with(body, place.steps, draw(values))
    case.body = body
    return case


@st.composite
def broken(draw: DrawFn, cases: Cases, document: Document, schema: Schema) -> Case[Any]:
    """The same cases, with one keyword of the schema broken in one place of the body."""
    case = draw(cases)
    body = deepcopy(case.body)
    found = [
        (place, values)
        for place in places(document, schema, body)
        for values in _faults(document, place).values()
    ]
    if not found:
        reject()
    place, values = draw(st.sampled_from(found))
    case.body = _with(body, place.steps, draw(values))
    return case


def _with(body: Any, steps: Steps, value: Any) -> Any:
    """The body with another value in one place."""
    if not steps:
        return value
    head, *rest = steps
    if isinstance(body, list):
        return [_with(part, tuple(rest), value) if at == head else part for at, part in enumerate(body)]
    return {**body, head: _with(body[head], tuple(rest), value)}


def _or_null(place: Place) -> SearchStrategy[Any] | None:
    values = _allowed(place)
    if not place.nullable:
        return values
    return st.none() if values is None else st.one_of(st.none(), values)


def _allowed(place: Place) -> SearchStrategy[Any] | None:
    """Values that the schema of a place allows; None where it says too little, or they are few anyway."""
    shape = place.shape
    if shape.get("enum"):
        return st.sampled_from(shape["enum"])
    match kind_of(shape) if "type" in shape else None:
        case "string" if shape.get("format") == "date":
            return st.sampled_from(DATES)
        case "string" if shape.get("format") == "date-time":
            return st.builds(str.__add__, st.sampled_from(DATES), st.sampled_from(TIMES))
        case "string" if not any(keyword in shape for keyword in BINDING):
            return _texts(shape)
        case "integer":
            return _integers(shape)
        case "number":
            low, high = _limits(shape)
            fitting = [n for n in (*INTEGERS, *FRACTIONS) if low <= n <= high]
            return st.sampled_from(fitting) if fitting else None
        case "boolean":
            return st.booleans()
        case "array" if isinstance(place.value, list) and place.value and not shape.get("uniqueItems"):
            low, high = int(shape.get("minItems", 0)), int(shape.get("maxItems", MOST_ITEMS))
            first, items = place.value[0], place.value
            if isinstance(first, dict):  # twice the same may rightly be refused
                return st.integers(min(low, len(items)), len(items)).map(lambda n: deepcopy(items[:n]))
            return st.integers(low, max(low, min(high, MOST_ITEMS))).map(lambda n: [first] * n)
    return None


def _texts(shape: Schema) -> SearchStrategy[str] | None:
    low, high = shape.get("minLength", 0), shape.get("maxLength", LONGEST_TEXT)
    if not isinstance(low, int) or not isinstance(high, int) or low > min(high, LONGEST_TEXT):
        return None
    try:
        pattern = re.compile(str(shape.get("pattern", "")))
    except re.error:
        return None
    long = st.integers(low, min(high, LONGEST_TEXT)).map(lambda n: "a" * n)
    kinds: list[SearchStrategy[str]] = [long] if pattern.search("a" * max(low, 1)) else []
    kinds += [] if "pattern" in shape else [st.text(min_size=low, max_size=min(high, low + 20))]
    fitting = [text for text in TEXTS if low <= len(text) <= high and pattern.search(text)]
    kinds += [st.sampled_from(fitting)] if fitting else []
    return st.one_of(kinds) if kinds else None


def _integers(shape: Schema) -> SearchStrategy[int] | None:
    low, high = _limits(shape)
    if shape.get("multipleOf") is not None or low > high:
        return None
    fitting = sorted({n for n in (*INTEGERS, low, high) if low <= n <= high and abs(n) < 2**63})
    anything = st.integers(max(int(low), -(2**31)), min(int(high), 2**31 - 1)) if low < 2**31 else None
    notable = [st.sampled_from([int(n) for n in fitting])] if fitting else []
    return st.one_of(*notable, *([anything] if anything is not None and high >= -(2**31) else []))


def _limits(shape: Schema) -> tuple[float, float]:
    """The least and the greatest number that a schema allows, integers if they are whole."""
    step = 1 if kind_of(shape) == "integer" else 1e-6
    low, high = float(shape.get("minimum", -(2**63))), float(shape.get("maximum", 2**63 - 1))
    least: Any = shape.get("exclusiveMinimum")
    most: Any = shape.get("exclusiveMaximum")
    # OpenAPI 3.0 has booleans here, later versions have numbers.
    low = low + step if least is True else max(low, least + step) if is_number(least) else low
    high = high - step if most is True else min(high, most - step) if is_number(most) else high
    return low, high


def _faults(document: Document, place: Place) -> dict[str, SearchStrategy[Any]]:
    """What the schema of a place forbids, by the keyword that says so."""
    shape, value = place.shape, place.value
    if shape.get("enum"):
        return {"enum": _no_choice(shape["enum"])}
    found: dict[str, SearchStrategy[Any]] = {}
    match kind_of(shape) if "type" in shape or "properties" in shape else None:
        case "string":
            found["type"] = st.sampled_from([{}, [], ["a"]])
            if isinstance(shape.get("maxLength"), int) and shape["maxLength"] <= LONGEST_TEXT:
                most = shape["maxLength"]
                found["maxLength"] = st.integers(most + 1, 2 * most + 50).map(lambda n: "a" * n)
            if isinstance(shape.get("minLength"), int) and shape["minLength"] > 0:
                found["minLength"] = st.integers(0, shape["minLength"] - 1).map(lambda n: "a" * n)
            if "pattern" in shape and isinstance(value, str):
                found |= _unmatched(shape, value)
        case "integer" | "number" as kind:
            found["type"] = st.sampled_from(["a", [], {}])
            low, high = shape.get("minimum", ""), shape.get("maximum", "")
            if is_number(low):
                found["minimum"] = st.integers(1, FAR).map(lambda n: low - n)
            if is_number(high):
                found["maximum"] = st.integers(1, FAR).map(lambda n: high + n)
            if kind == "integer":
                found["integer"] = st.just((value if is_number(value) else 0) + 0.5)
        case "boolean":
            found["type"] = st.sampled_from(["a", {}])
        case "array" if isinstance(value, list):
            found["type"] = st.sampled_from(["a", {}])
            if isinstance(shape.get("maxItems"), int) and value and shape["maxItems"] <= LONGEST_TEXT:
                most = shape["maxItems"]
                found["maxItems"] = st.integers(most + 1, most + 20).map(lambda n: [deepcopy(value[0])] * n)
            if isinstance(shape.get("minItems"), int) and shape["minItems"] > 0:
                found["minItems"] = st.integers(0, shape["minItems"] - 1).map(lambda n: value[:n])
        case "object" if isinstance(value, dict):
            found |= _incomplete(document, shape, value)
    return found


def _no_choice(choices: list[Any]) -> SearchStrategy[Any]:
    texts = [choice for choice in choices if isinstance(choice, str)]
    if not texts:
        return st.sampled_from([{}, "a"])
    near = [text[:-1] for text in texts] + [text + text[-1:] for text in texts]
    known = {text.casefold() for text in texts}
    others: SearchStrategy[Any] = st.one_of(
        st.sampled_from(near), st.text("abcdefgh", min_size=1, max_size=8), st.just({})
    )
    return others.filter(lambda other: not isinstance(other, str) or other.casefold() not in known)


def _unmatched(shape: Schema, value: str) -> dict[str, SearchStrategy[Any]]:
    """The text with one character more, such that the pattern is not found in it."""
    try:
        pattern = re.compile(str(shape["pattern"]))
    except re.error:
        return {}
    high = int(shape.get("maxLength", LONGEST_TEXT))
    kept = value[: max(0, high - 1)]
    return {
        "pattern": st.tuples(st.integers(0, len(kept)), st.sampled_from(ODD_CHARACTERS))
        .map(lambda drawn: kept[: drawn[0]] + drawn[1] + kept[drawn[0] :])
        .filter(lambda text: not pattern.search(text))
    }


def _incomplete(document: Document, shape: Schema, value: dict[str, Any]) -> dict[str, SearchStrategy[Any]]:
    """The object without a required field, or with an unknown one."""
    found: dict[str, SearchStrategy[Any]] = {}
    required = [name for name in shape.get("required") or () if name in value]
    if required:
        found["required"] = st.sampled_from(required).map(
            lambda name: {key: part for key, part in value.items() if key != name}
        )
    if shape.get("additionalProperties") is False:
        names = st.text("abcxyz_", min_size=1, max_size=8)
        known = document.properties(shape)
        unknown = names.filter(lambda name: name not in known)
        found["additionalProperties"] = st.tuples(unknown, st.sampled_from([1, "a", True, {}, []])).map(
            lambda pair: {**value, pair[0]: pair[1]}
        )
    return found
