"""Creates objects with values that services are apt to change, and reads them back."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.model.bodies import REFERENCE, kind_of
from conformance.model.operation import Schema
from conformance.model.queries import plain
from conformance.model.resources import Resource, named
from conformance.scenarios import given
from conformance.scenarios.session import Made, Session

NAME = "roundtrip"
LONGEST = 10_000
SAFE_INTEGER = 2**53 - 1
"""The largest that every reader of JSON keeps (RFC 8259 §6)."""
INT32 = 2**31 - 1
BEYOND = "integers beyond 2^53"
NUMBERS = ("decimals", "large integers", BEYOND)
RULED = re.compile(
    r"mail|password|secret|token|slug|url|uri|link|href|host|phone|colou?r|locale|lang|currency|country|zone"
    r"|cron|schedule|mime|media|regex|pattern|path|file|code|hash|(^|_)ip($|_)|version|(^|_)key$|type|kind",
    re.IGNORECASE,
)
"""Names of texts that have rules of their own, though no schema tells: they are no free text."""
PLACED = re.compile(
    r"position|order|rank|index|priority|limit|size|count|interval|timeout|delay", re.IGNORECASE
)
"""Names of numbers that are moved, or that work is done by: no boundary is tried without a declared one."""
TEXTS = {
    "accents": "{0} Zo\u00eb \u00e0 la caf\u00e9",
    "combining marks": "{0} Zoe\u0308 cafe\u0301",
    "other scripts": "{0} \u65e5\u672c\u8a9e \u05e2\u05d1\u05e8\u05d9\u05ea \u0639\u0631\u0628\u064a",
    "emoji": "{0} \U0001f989 \U0001f469\u200d\U0001f52c",
    "markup": "{0} <b>Tom</b> & \"Jerry\" 'n' co",
    "line breaks": "{0} first\nsecond\tthird",
    "outer spaces": "  {0}  ",
}


def run(session: Session) -> None:
    """A create and a read for each kind of value; accounts have rules of their own and are left alone."""
    for resource in session.service.resources:
        create = resource.create
        if create is None or create.body is None or resource.read is None:
            continue
        if create.label in session.service.selected and resource is not session.service.account_resource:
            trace = f"{NAME} {resource.name}"
            usual = session.create(resource, session.service.owner, scenario=NAME, trace=trace, step="usual")
            if usual is not None:
                _kinds(session, resource, usual)


def _kinds(session: Session, resource: Resource, usual: Made) -> None:
    shapes = _shapes(session, resource)
    for kind in (*TEXTS, "longest text", "empty text", *NUMBERS, "dates", "times"):
        values = {
            name: value
            for name, shape in shapes.items()
            if (value := _value(session, kind, name, shape)) is not None
        }
        for attempt in ("create", "create again"):
            if not values:
                break
            refusal = _try(session, usual, kind, values, attempt)
            if refusal is None:
                break
            # One field that is refused must not hide what becomes of the others.
            blamed = {name for name in values if f'"{name}"' in refusal or f"'{name}'" in refusal}
            values = {name: value for name, value in values.items() if name not in blamed} if blamed else {}


def _try(session: Session, usual: Made, kind: str, values: dict[str, Any], step: str) -> str | None:
    """Create with the values, and read; the text of the answer where they are refused."""
    resource, owner = usual.resource, session.service.owner
    trace = f"{NAME} {resource.name} {kind}"
    said: dict[str, Any] = {"scenario": NAME, "trace": trace}
    # Where it makes the service fail, it does so as other huge numbers do.
    facts = {"kind": kind, "values": values, **({"fault": "huge number"} if kind == BEYOND else {})}
    body = given.fresh(session, resource, usual.sent, **values)
    exchange, made = given.create(
        session, resource, owner, usual.chain[:-1], body, facts=facts, step=step, **said
    )
    if made is not None and resource.read is not None:
        path = resource.read.fill(made.chain)
        session.ask(resource.read, owner, path=path, facts={**made.facts, **facts}, step="read", **said)
    if exchange is None or exchange.response is None or not exchange.refused:
        return None
    return exchange.response.body.decode(errors="replace")


def _shapes(session: Session, resource: Resource) -> dict[str, Schema]:
    """The fields of a create whose values are free within their schema."""
    create, document = resource.create, session.service.document
    properties = document.properties(create.body.schema) if create and create.body else {}
    return {
        name: plain(document, schema)
        for name, schema in properties.items()
        if name != resource.key
        and not (REFERENCE.search(name) or named(name, session.service.resources))
        and not _fixed(plain(document, schema))
    }


def _fixed(shape: Schema) -> bool:
    several = bool({"anyOf", "oneOf", "$ref"} & shape.keys()) and "type" not in shape
    return (
        several or bool(shape.get("readOnly")) or bool({"enum", "const", "contentMediaType"} & shape.keys())
    )


def _value(session: Session, kind: str, name: str, shape: Schema) -> Any:
    """A value of a kind for a field; None where the field is of another sort or cannot hold it."""
    match kind_of(shape), shape.get("format"), kind:
        case "string", "date", "dates":
            return "2032-02-29"
        case "string", "date-time", "times":
            return "2032-02-29T23:59:58+05:30"
        case "string", None, _ if not RULED.search(name):
            return next((text for text in _texts(session, kind, shape) if fits(text, shape)), None)
        case "number", _, "decimals":
            return decimal(shape)
        case "integer", _, "large integers":
            return largest(name, shape)
        case "integer", _, kind if kind == BEYOND:
            return beyond_doubles(name, shape)
    return None


def _texts(session: Session, kind: str, shape: Schema) -> Iterator[str]:
    """Each holds a fresh word, as the field may have to be unique."""
    most = shape.get("maxLength")
    if kind in TEXTS:
        yield TEXTS[kind].format(session.sampler.word())
        yield TEXTS[kind].format(session.sampler.word()[:3])
    elif kind == "longest text" and isinstance(most, int) and 10 < most <= LONGEST:
        yield session.sampler.word() + "x" * (most - 11) + "z"
    elif kind == "empty text" and (most is not None or "minLength" in shape):
        # Whoever bounds a text has thought of its length; else an empty one may stand for none.
        yield ""


def fits(text: str, shape: Schema) -> bool:
    """Whether the schema allows a text; not where its pattern cannot be read here."""
    if not int(shape.get("minLength", 0)) <= len(text) <= int(shape.get("maxLength", LONGEST)):
        return False
    try:
        return re.search(str(shape.get("pattern", "")), text) is not None
    except re.error:
        return False


def _bounds(shape: Schema) -> tuple[Any, Any]:
    """The least and the most; numbers of OpenAPI 3.1 that are excluded are moved by one."""
    low: Any = shape.get("minimum")
    high: Any = shape.get("maximum")
    below: Any = shape.get("exclusiveMinimum")
    above: Any = shape.get("exclusiveMaximum")
    if below is not None and below is not False:
        low = (low if below is True else below) + 1
    if above is not None and above is not False:
        high = (high if above is True else above) - 1
    return low, high


def decimal(shape: Schema) -> float | None:
    """A number of two decimals within the bounds."""
    low, high = _bounds(shape)
    if shape.get("multipleOf") not in (None, 0.01):
        return None
    for value in (12.34, 0.34, -12.34, *((low + 0.34,) if isinstance(low, int | float) else ())):
        if (low is None or low <= value) and (high is None or value <= high):
            return round(float(value), 2)
    return None


def largest(name: str, shape: Schema) -> int | None:
    """The declared maximum, else the largest number of 32 bits."""
    low, high = _bounds(shape)
    if shape.get("multipleOf") is not None or (high is None and PLACED.search(name)):
        return None
    value = INT32 if high is None else min(int(high), SAFE_INTEGER)
    return value if value > 10 and (low is None or low <= value) else None


def beyond_doubles(name: str, shape: Schema) -> int | None:
    """The least number that a double cannot hold, where the schema lets it be sent."""
    low, high = _bounds(shape)
    value = SAFE_INTEGER + 2
    sized = shape.get("format") == "int32" or shape.get("multipleOf") is not None
    if sized or PLACED.search(name) or (low is not None and low > value):
        return None
    return value if high is None or high >= value else None
