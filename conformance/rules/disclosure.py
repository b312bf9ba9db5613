"""What an answer must not tell: the inside of the service."""

import html
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Schema
from conformance.model.record import Exchange, Record, Request, Response
from conformance.model.service import Service
from conformance.rules.internals import SENSITIVE, found_in
from conformance.target.openapi import Document

SECTION = "Core Principles 6: Error Handling"
POINTING = frozenset({"content-location", "content-security-policy", "link", "location", "set-cookie"})
"""Header fields that name paths of the service's own, or of pages."""


SHOWN = 120
"""Characters of what was told that a report repeats."""


@rule(
    "ERR009",
    contract="error",
    level="MUST",
    title="Nothing internal is told",
    section=SECTION,
    mend="Answer with words of your own, and log the exception; no `str(error)` of a library in a body.",
    applies=lambda service: [op.label for op in service.operations],
    yields_to=("API030",),
)
def nothing_internal(record: Record, service: Service) -> Iterator[Observation]:
    """No answer tells a stack trace, a database's words, SQL, a file's path or a secret.

    Looked at are header fields, all of an error's body and, of a success, what its schema does not
    declare: declared fields are data, whatever they say. What the request itself said is not judged.
    """
    for exchange in record.answered():
        if exchange.response is None:
            continue
        label = exchange.operation or f"{exchange.request.method} (no such path)"
        found = found_in(_told(exchange, exchange.response, service), _said(exchange.request))
        if found is None:
            if exchange.status >= 400:
                yield held(label, exchange)
            continue
        what, words = found
        yield broken(
            label,
            exchange,
            cause=what,
            message=f"a {exchange.status} tells {what}",
            expected="words that are meant for the client",
            actual=f"{what}, not repeated here" if what == SENSITIVE else words.splitlines()[0][:SHOWN],
        )


def _told(exchange: Exchange, response: Response, service: Service) -> Iterator[str]:
    for name, value in response.headers:
        if name.lower() not in POINTING:
            yield value
    if response.json is None:
        if response.status >= 400:
            yield html.unescape(response.body.decode(errors="replace"))
    elif response.status >= 400:
        yield from strings(response.json)
    else:
        operation = service.operation(exchange.operation)
        declared = operation.declared(response.status) if operation else None
        schema = next((s for s in declared.content.values() if s), None) if declared else None
        if schema is not None:
            yield from _undeclared(service.document, schema, response.json)


def _said(request: Request) -> str:
    """All that a request says, as it was sent and as it is read."""
    body = request.body.decode(errors="replace")
    parsed = Response(0, (), request.body).json
    said = [unquote_plus(request.url), body, unquote_plus(body), *strings(parsed)]
    return "\n".join([*said, *(value for _, value in request.headers)])


def strings(data: Any) -> Iterator[str]:
    """The texts in JSON-like data, names included."""
    stack = [data]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            stack += [*node.keys(), *node.values()]
        elif isinstance(node, list):
            stack += node


def _undeclared(document: Document, schema: Schema, data: Any) -> Iterator[str]:
    """The texts of fields that a schema, which says what it holds, does not name."""
    stack = [(schema, data)]
    while stack:
        shape, node = document.shape(stack[-1][0]), stack.pop()[1]
        known = shape.get("properties")
        if isinstance(node, list):
            stack += [(shape["items"], item) for item in node if isinstance(shape.get("items"), dict)]
        elif isinstance(node, dict) and isinstance(known, dict) and not shape.get("additionalProperties"):
            if shape.keys() & {"anyOf", "oneOf", "patternProperties"}:
                continue
            for name, value in node.items():
                if name in known:
                    stack.append((known[name], value))
                else:
                    yield from strings(value)
