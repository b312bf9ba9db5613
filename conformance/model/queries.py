"""What a list can be asked for besides pages: the fields that it filters and sorts by, and its total."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation, Schema
from conformance.model.paging import CURSORS, OFFSETS, PAGES, SIZES, TOTALS, rows_schema
from conformance.target.openapi import Document

Direction = Literal["asc", "desc", "either"]

SORTS = ("sort", "sort_by", "order_by", "ordering", "sort_field", "sort_key", "order")
DIRECTIONS = ("order", "direction", "sort_order", "sort_dir", "sort_direction", "order_dir", "dir")
DESCENDING = ("desc", "descending", "reverse")
OTHER_MEANINGS = ("q", "query", "search", "fields", "include", "expand", "embed", "format", "filter", "total")
SET_ASIDE = re.compile(r"delet|archiv|trash", re.IGNORECASE)
"""What is set aside may be added to a list by such a flag (`archived=true`), not chosen by it."""
SCALARS = ("string", "integer", "number", "boolean")
BELOW = ("meta", "pagination", "paging", "page", "pageinfo")
MOST_SORTS = 8


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that is called like a field of the items; `exact` where no text search is meant."""

    parameter: str
    field: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """A query that sorts by a field; `declared` where the document names the very value.

    The direction is `either` where the document does not tell.
    """

    field: str
    direction: Direction
    declared: bool
    query: Mapping[str, str]


def item_fields(document: Document, operation: Operation) -> Mapping[str, Schema]:
    """The declared fields of the items of a list."""
    for status, response in operation.responses.items():
        for schema in response.content.values() if status.startswith("2") else ():
            found = rows_schema(document, schema) if schema else None
            if found:
                return document.properties(found)
    return {}


def plain(document: Document, schema: Schema | None) -> Schema:
    """A schema without its alternative `null`; as it is where it has several others."""
    shape = document.shape(schema)
    options = [document.shape(o) for o in shape.get("anyOf") or shape.get("oneOf") or ()]
    real = [o for o in options if o.get("type") != "null"]
    return {**shape, **real[0]} if len(real) == 1 else shape


def filters_of(document: Document, operation: Operation) -> tuple[Filter, ...]:
    """The parameters that choose by the value of one plain field, which is no time; configured ones last."""
    fields = {
        _bare(name): (name, plain(document, schema))
        for name, schema in item_fields(document, operation).items()
    }
    taken = {
        _bare(name) for name in (*SIZES, *OFFSETS, *PAGES, *CURSORS, *SORTS, *DIRECTIONS, *OTHER_MEANINGS)
    }
    given = operation.listing.filters if operation.listing else {}
    found = []
    for parameter, schema in operation.questions.items():
        name, shape = fields.get(_bare(parameter), ("", {}))
        asked = plain(document, schema)
        if asked.get("type") == "array":
            asked = plain(document, asked.get("items"))
        alike = shape.get("type") == asked.get("type") and asked.get("type") in SCALARS
        timed = str(shape.get("format", "")).startswith(("date", "time"))
        if not name or not alike or timed or _bare(name) in taken or SET_ASIDE.search(name):
            continue
        text = asked["type"] == "string" and not asked.get("enum") and shape.get("format") != "uuid"
        if name not in given:
            found.append(Filter(parameter, name, exact=not text))
    return (*found, *(Filter(place, name, exact=True) for name, place in given.items()))


def sorts_of(document: Document, operation: Operation) -> tuple[Sort, ...]:
    """At most `MOST_SORTS` ways to sort the list: values that an enumeration or a pattern names.

    Where the parameter is a free text, two fields are tried (and not declared).
    """
    known = {_bare(name): (name, schema) for name, schema in operation.questions.items()}
    by_direction = next(
        ((p, w) for name in DIRECTIONS if (p := known.get(_bare(name))) and (w := _ways(document, p[1]))),
        None,
    )
    direction = by_direction[0] if by_direction else None
    by = next((p for name in SORTS if (p := known.get(_bare(name))) and p is not direction), None)
    if by is None:
        return ()
    fields = {
        _bare(name): name
        for name, schema in item_fields(document, operation).items()
        if kind_of(shape := plain(document, schema)) in SCALARS and not shape.get("enum")
    }
    values, declared = _values(document, by[1], list(fields.values()))
    read = [(value, *found) for value in values if (found := _meaning(value, fields))]
    signed = {name for _, name, way in read if way == "desc"}
    sorts: list[Sort] = []
    for value, name, way in read:
        if by_direction and way is None:
            for said, meant in by_direction[1].items():
                sorts.append(Sort(name, meant, declared, {by[0]: value, by_direction[0][0]: said}))
        else:
            told: Direction = way or ("asc" if name in signed else "either")
            sorts.append(Sort(name, told, declared, {by[0]: value}))
    return tuple(sorts[:MOST_SORTS])


def total_of(answer: object) -> tuple[str, int] | None:
    """The name and value of the total in a page object, or in its `meta`; None where there is none."""
    if not isinstance(answer, dict):
        return None
    below = [v for k, v in answer.items() if isinstance(v, dict) and _bare(k.lstrip("_")) in BELOW]
    for table in (answer, *below):
        flat = {str(key).lower(): value for key, value in table.items()}
        for name in TOTALS:
            value = flat.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return name, value
    return None


def declares_total(document: Document, operation: Operation) -> bool:
    """Whether a page object of the list has a field for its total."""
    for status, response in operation.responses.items():
        for schema in response.content.values() if status.startswith("2") else ():
            page = document.properties(schema)
            below = [document.properties(v) for k, v in page.items() if _bare(k.lstrip("_")) in BELOW]
            if any(str(name).lower() in TOTALS for table in (page, *below) for name in table):
                return True
    return False


def _ways(document: Document, schema: Schema) -> dict[str, Direction]:
    """The values of a parameter that only says the direction, and which one each means."""
    shape = plain(document, schema)
    found: dict[str, Direction] = {}
    for value in shape.get("enum") or [v for v in ("asc", "desc") if _admits(shape, v)]:
        bare = _bare(str(value))
        if bare not in ("asc", "ascending", "desc", "descending"):
            return {}
        found[str(value)] = "desc" if bare in DESCENDING else "asc"
    return found


def _values(document: Document, schema: Schema, fields: Sequence[str]) -> tuple[list[str], bool]:
    """The values to sort by, and whether the document names them."""
    shape = plain(document, schema)
    if shape.get("type") == "array":
        shape = plain(document, shape.get("items"))
    if shape.get("enum"):
        return [str(value) for value in shape["enum"]], True
    spelled = [s for f in fields for s in (f, f"-{f}", f"{f}:asc", f"{f}:desc", f"{f}_asc", f"{f}_desc")]
    if shape.get("pattern"):
        return [value for value in spelled if _admits(shape, value)], True
    return [s for f in fields[:2] for s in (f, f"-{f}")], False


def _admits(shape: Schema, value: str) -> bool:
    """Whether a pattern names a value: it finds it, and not any word."""
    try:
        pattern = re.compile(str(shape["pattern"]))
    except (re.error, KeyError):
        return False
    return bool(pattern.search(value)) and not pattern.search("zyzzyva")


SPELLINGS: tuple[tuple[re.Pattern[str], Direction | None], ...] = (
    (re.compile(r"^-(?P<name>\w+)$"), "desc"),
    (re.compile(r"^\+(?P<name>\w+)$"), "asc"),
    (re.compile(r"^(?P<name>\w+)$"), None),
    (re.compile(r"^(?P<name>\w+?)[ :._,|-](asc|ascending)$", re.IGNORECASE), "asc"),
    (re.compile(r"^(?P<name>\w+?)[ :._,|-](desc|descending)$", re.IGNORECASE), "desc"),
)


def _meaning(value: str, fields: Mapping[str, str]) -> tuple[str, Direction | None] | None:
    """The field that a value of a sort parameter names, and the direction where it says one."""
    for pattern, way in SPELLINGS:
        found = pattern.match(value)
        if found and _bare(found["name"]) in fields:
            return fields[_bare(found["name"])], way
    return None


def _bare(name: Any) -> str:
    """A name without its case and separators: `sortBy` and `sort_by` are one."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())
