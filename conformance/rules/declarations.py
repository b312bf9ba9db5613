"""Errors are what the document says: declared where they occur, and never inside a success."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.record import Record, Response
from conformance.model.service import Service

SECTION = "Core Principles 6: Error Handling"
JUDGED = (401, 402, 403, 404, 409, 410, 412, 423, 424, 428, 451)
"""Statuses of an operation itself: others are the router's, the parser's or the server's."""
PROBLEM = "application/problem+json"
FAILURES = ("error", "errors", "exception", "traceback", "stacktrace")
FLAGS = ("success", "ok", "succeeded")
CODES = ("status", "statuscode", "status_code", "code")
WORDS = ("description", "detail", "details", "message", "messages", "msg", "reason", "title", "type")
PLACES = ("error_code", "error_description", "errorcode", "instance", "path", "timestamp", "trace")
AROUND = frozenset((*FAILURES, *FLAGS, *CODES, *WORDS, *PLACES))
"""What errors are made of: an answer that has anything else is something else."""


@rule(
    "ERR012",
    contract="error",
    level="SHOULD",
    title="Errors are declared where they occur",
    section=SECTION,
    mend="Name the status in the operation's `responses`, with the error's model.",
    applies=lambda service: [op.label for op in service.operations],
    scenarios=("errors", "access", "lifecycle", "operations"),
    silent="no operation answered with an error of its own",
)
def errors_are_declared(record: Record, service: Service) -> Iterator[Observation]:
    """A 401, 403, 404, 409 and the like that an operation answers stands in the document.

    By itself, as `4XX` or as `default`. One finding a service, however many operations lack it: errors
    are declared all alike, or nobody thought of it. What invalid input is answered with is the business
    of ERR003; a word in the path may be the router's 404.
    """
    for exchange in record.answered():
        operation = service.operation(exchange.operation)
        if operation is None or exchange.request.method != operation.method or exchange.status not in JUDGED:
            continue
        if "origin" in exchange.facts or str(exchange.facts.get("field", "")).startswith("path "):
            continue
        if operation.declared(exchange.status):
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause="undeclared errors",
                message=f"a {exchange.status} is answered where the document declares none",
                expected=f"{exchange.status} among the declared {', '.join(sorted(operation.responses))}",
                actual=str(exchange.status),
            )


@rule(
    "ERR013",
    contract="error",
    level="MUST",
    title="A success carries no error",
    section=SECTION,
    mend="Raise the error, so that it is answered with its status; never return it.",
    applies=lambda service: [op.label for op in service.operations],
    scenarios=("errors", "access", "lifecycle", "operations"),
)
def success_is_success(record: Record, service: Service) -> Iterator[Observation]:
    """No 2xx is an error in disguise: `{"error": …}`, `{"success": false, …}`, a problem (RFC 9457).

    Only what has nothing else in it counts, and no field that the operation's schema declares. A list of
    errors where no schema tells what to expect may be the very answer, as a validator's is.
    """
    for exchange in record.answered():
        operation, response = service.operation(exchange.operation), exchange.response
        if operation is None or response is None or not response.ok:
            continue
        if exchange.request.method not in (operation.method, "HEAD"):
            continue
        sign = _disguised(service, operation, response)
        if sign is None:
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause=f"{exchange.status} with {sign}",
                message=f"a {exchange.status} carries an error",
                expected="the error's own status, or a success without one",
                actual=f"{exchange.status} with {sign}",
            )


def _disguised(service: Service, operation: Operation, response: Response) -> str | None:
    """What shows that a success is an error; None where nothing surely does."""
    if response.media_type == PROBLEM:
        return PROBLEM
    body = response.json
    if not isinstance(body, dict):
        return None
    # What is null or empty says nothing: `"data": null`, `"errors": []`.
    said = {str(k).lower(): v for k, v in body.items() if v not in (None, "", [], {})}
    if not said or not said.keys() <= AROUND:
        return None
    declared = _declared(service, operation, response.status)
    for name in sorted(said.keys() - declared):
        value = said[name]
        if name in FAILURES and _tells(value) and (declared or not isinstance(value, list)):
            return f"`{name}`"
        if name in FLAGS and value is False and len(said) > 1:
            return f"`{name}: false`"
        if name in CODES and type(value) is int and 400 <= value <= 599 and len(said) > 1:
            return f"`{name}: {value}`"
    return None


def _tells(value: Any) -> bool:
    """Whether a value is an error's: words, or an object or a list of such; no number, which may count."""
    if isinstance(value, list):
        return all(isinstance(item, str | dict) for item in value)
    if isinstance(value, dict):
        return any(isinstance(item, str) for item in value.values())
    return isinstance(value, str) or value is True


def _declared(service: Service, operation: Operation, status: int) -> set[str]:
    """The fields of a success by its schema, alternatives included, in lower case."""
    declared = operation.declared(status)
    shapes = [service.document.shape(s) for s in (declared.content.values() if declared else ()) if s]
    for shape in list(shapes):
        for key in ("anyOf", "oneOf"):
            shapes += [service.document.shape(option) for option in shape.get(key, ())]
    return {str(name).lower() for shape in shapes for name in shape.get("properties") or {}}
