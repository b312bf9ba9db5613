"""How bad input is refused: with the field's name, and whatever the body calls itself."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Core Principles 4: Pydantic v2 for Validation"
FOR_INPUT = (400, 422)
OF_NO_FIELD = (401, 404, 405)
FOR_MEDIA = (400, 406, 415, 422)
Place = tuple[str, ...]
"""Where a name stands in a JSON body: the names above it and itself, `[]` for the items of an array."""


def _takes_json(operation: Operation) -> bool:
    return operation.body is not None and "json" in operation.body.media_type


@rule(
    "ERR010",
    contract="error",
    level="SHOULD",
    title="The refusal of invalid input names the field",
    section=SECTION,
    mend="Put the field's name (a `loc`, a JSON pointer) beside each message of the 422.",
    applies=lambda service: [op.label for op in service.operations if _takes_json(op) or op.query_parameters],
    scenarios=("errors", "lifecycle", "operations"),
    silent="no invalid input was refused for what it is",
)
def field_is_named(record: Record, service: Service) -> Iterator[Observation]:
    """A 400 or 422 for one invalid field of a body or query says which field it is, anywhere in its body.

    A refusal that names another field may have another reason, and is not judged; nor is one where no
    body with these fields was ever accepted, or of a query that a write may not look at.
    """
    accepted, form = _accepted(record), _form(record)
    for exchange in record.answered():
        operation = service.operation(exchange.operation)
        wrong = exchange.scenario == "errors" and exchange.step == "invalid"
        if not wrong or operation is None or operation.label not in accepted:
            continue
        field = str(exchange.facts["field"]).rpartition("/")[2]
        where = "query" if field.startswith("query ") else "body"
        usual = _fields(exchange) - {field}
        known = any(usual <= fields for fields in accepted[operation.label])
        sure = known if where == "body" else operation.safe
        if field.startswith(("path ", "an unknown field")) or exchange.status not in FOR_INPUT:
            continue
        properties = service.document.properties(operation.body.schema) if operation.body else {}
        others = {*properties, *(p.name for p in operation.parameters)}
        # Of a body that lacks every field any may be named.
        wanted = set(properties) if exchange.request.body == b"{}" else {field.removeprefix("query ")}
        said = _said(exchange, form)
        if any(_plain(name) in _plain(said) for name in wanted):
            yield held(operation.label, exchange)
        elif sure and not others & set(re.findall(r"[\w-]+", said)):
            yield broken(
                operation.label,
                exchange,
                cause=f"a {exchange.status} for the {where} names no field",
                message=f"the refusal of an invalid {field} names no field",
                expected=f"an error that names {field}",
                actual=f"a {exchange.status} that names none",
            )


def _accepted(record: Record) -> dict[str, list[frozenset[str]]]:
    """The fields of the bodies that each operation has accepted."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for exchange in record.answered():
        if (
            exchange.operation
            and exchange.ok
            and exchange.operation.startswith(exchange.request.method + " ")
        ):
            found[exchange.operation].append(_fields(exchange))
    return found


def _fields(exchange: Exchange) -> frozenset[str]:
    try:
        sent = json.loads(exchange.request.body or b"null")
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(sent) if isinstance(sent, dict) else frozenset()


def _plain(text: str) -> str:
    """Letters and digits only: `pageSize`, `page_size` and `page-size` are one name."""
    return re.sub(r"[\W_]+", "", text).lower()


def _form(record: Record) -> set[Place]:
    """The names that errors have which speak of no field."""
    rest = (e for e in record.answered() if e.status in OF_NO_FIELD and e.response)
    return {place for e in rest if e.response for place, _ in _names(e.response.json)}


def _said(exchange: Exchange, form: set[Place]) -> str:
    """What a refusal says: its texts, and those of its names that say something of a field."""
    if exchange.response is None:
        return ""
    if exchange.response.json is None:
        return exchange.response.body.decode(errors="replace")
    said = []
    for place, value in _names(exchange.response.json):
        said += [value] if isinstance(value, str) else []
        said += [place[-1]] if place and place[-1] != "[]" and place not in form else []
    return "\n".join(said)


def _names(data: Any) -> Iterator[tuple[Place, Any]]:
    """Each value in JSON data with its place, outermost first."""
    stack: list[tuple[Place, Any]] = [((), data)]
    while stack:
        place, node = stack.pop()
        yield place, node
        if isinstance(node, dict):
            stack += [((*place, str(name)), value) for name, value in node.items()]
        elif isinstance(node, list):
            stack += [((*place, "[]"), value) for value in node]


@rule(
    "ERR011",
    contract="error",
    level="SHOULD",
    title="A body of another media type is refused",
    section=SECTION,
    mend="Look at Content-Type before the body is read, and answer 415 (RFC 9110 §15.5.16).",
    applies=lambda service: [op.label for op in service.operations if _takes_json(op)],
    needs=("writes",),
    scenarios=("media types",),
    silent="no body of another media type was refused or accepted for what it is",
)
def other_media_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """Where the document declares JSON alone, JSON that calls itself text and a form are refused.

    Both are what a page of any origin may send without a preflight (Fetch §2.2.2). A service that takes
    them takes more than it says.
    """
    for exchange in record.answered():
        if exchange.scenario != "media types" or exchange.operation is None:
            continue
        media = exchange.facts["field"]
        if exchange.ok:
            yield broken(
                exchange.operation,
                exchange,
                cause=f"{media} accepted",
                message=f"a body of {media} is accepted where the document declares JSON alone",
                expected="415",
                actual=str(exchange.status),
            )
        elif exchange.status in FOR_MEDIA:
            yield held(exchange.operation, exchange)
