"""What must be refused, and how: missing objects, invalid input, malformed JSON."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.bulk import told
from conformance.model.operation import Operation
from conformance.model.paging import answers_list
from conformance.model.record import Exchange, Record, Response
from conformance.model.service import Service

VALIDATION = "Core Principles 4: Pydantic v2 for Validation"
ERRORS = "Core Principles 6: Error Handling"
MULTI_STATUS = 207
OTHER_REASONS = (401, 403, 404, 405, 409, 410, 429)
"""Refusals that say nothing about the input."""


def _steps(record: Record, step: str) -> Iterator[Exchange]:
    for exchange in record.answered():
        if exchange.scenario == "errors" and exchange.step == step and exchange.operation:
            yield exchange


def _takes_json(operation: Operation) -> bool:
    return operation.body is not None and "json" in operation.body.media_type


def _takes_input(service: Service) -> list[str]:
    return [op.label for op in service.operations if _takes_json(op) or op.parameters]


@rule(
    "ERR002",
    contract="error",
    level="MUST",
    title="Invalid input is refused",
    section=VALIDATION,
    mend="Validate the body and the parameters with the model that the document shows.",
    applies=_takes_input,
    scenarios=("errors",),
    silent="the document forbids nothing that could be tried",
)
def invalid_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """Input that breaks one keyword of its schema gets a 4xx.

    Tried are a missing required field, a value of another type (never one that a lenient reader could
    convert), one too long, too short, too small, too large, outside an enumeration or with no such date,
    an unknown field where the schema forbids them, and the like in the path and the query. Of several items
    at once the answer may refuse one and be a success: a 207, or a result of each.
    """
    for exchange in _steps(record, "invalid"):
        label, fault = exchange.operation or "", exchange.facts["fault"]
        if exchange.ok and _refuses_an_item(exchange):
            yield held(label, exchange)
        elif exchange.ok:
            yield broken(
                label,
                exchange,
                cause=f"{fault} {exchange.facts['field']}",
                message=f"input that breaks `{fault}` of {exchange.facts['field']} is accepted",
                expected="a 4xx",
                actual=str(exchange.status),
            )
        elif exchange.refused:
            yield held(label, exchange)


def _refuses_an_item(exchange: Exchange) -> bool:
    """Whether a success speaks of each of several items, and not well of all."""
    if exchange.response is None:
        return False
    sent = Response(0, (), exchange.request.body).json
    lists = [sent] if isinstance(sent, list) else sent.values() if isinstance(sent, dict) else ()
    counts = {len(items) for items in lists if isinstance(items, list)}
    said = [told(exchange.response, count) or [] for count in counts]
    return exchange.status == MULTI_STATUS or any(verdict is False for each in said for verdict in each)


@rule(
    "ERR003",
    contract="error",
    level="MUST",
    title="The refusal of invalid input is declared",
    section=VALIDATION,
    mend="Declare the status and its body in the operation's `responses`.",
    applies=_takes_input,
    scenarios=("errors",),
    silent="no invalid input was refused for what it is",
)
def refusal_is_declared(record: Record, service: Service) -> Iterator[Observation]:
    """The status with which invalid input is refused, and its media type, stand in the document.

    All operations that lack the same declaration are one finding.
    """
    for exchange in _steps(record, "invalid"):
        operation, response = service.operation(exchange.operation), exchange.response
        if operation is None or response is None or not exchange.refused or response.status in OTHER_REASONS:
            continue
        declared = operation.declared(response.status)
        if declared and (not declared.media_types or response.media_type in declared.media_types):
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause=f"undeclared {response.status} {response.media_type}",
                message=f"invalid input is refused with an undeclared {response.status}"
                if declared is None
                else f"the {response.status} for invalid input has another media type than declared",
                expected=" or ".join(sorted(declared.media_types))
                if declared
                else f"{response.status} among the declared {', '.join(sorted(operation.responses))}",
                actual=f"{response.status} {response.media_type}",
            )


@rule(
    "ERR004",
    contract="error",
    level="MUST",
    title="What is missing answers 404",
    section=ERRORS,
    mend="Raise the domain's NotFoundError where the repository finds nothing.",
    applies=lambda service: [op.label for op in service.operations if op.path_names],
    scenarios=("errors",),
    silent="no operation promises an answer for what is missing",
)
def missing_is_404(record: Record, service: Service) -> Iterator[Observation]:
    """An identifier that names nothing answers 404 or 410.

    A refusal for another reason (401, 409, 422) is not judged, a 403 only where the same user may do
    the like to their own objects, the 404 is declared, and 403 is not what a stranger gets for what is
    there: then permission is asked first, and nothing told. A path that is no route, too, is a 404,
    unless a page in HTML is there for all of them. A PUT may create and a DELETE may
    be content that there is nothing (RFC 9110 §9.3.4, §9.3.5), and an empty collection below nothing is
    empty, unless the document declares a 404 for them.
    """
    yield from _unknown_path(record)
    accepted = record.accepted()
    asked_first = any(e.step == "stranger read" and e.status == 403 for e in record.answered())
    for exchange in _steps(record, "missing"):
        operation = service.operation(exchange.operation)
        if operation is None:
            continue
        item = operation.path.rstrip("/").endswith("}") and not answers_list(service.document, operation)
        promised = "404" in operation.responses or (operation.method in ("GET", "PATCH") and item)
        odd = exchange.status == 400 and exchange.facts["typed"] and operation.safe
        allowed = "404" in operation.responses and operation.label in accepted and not asked_first
        forbidden = exchange.status == 403 and allowed
        if exchange.status in (404, 410):
            yield held(operation.label, exchange)
        elif (promised and (exchange.ok or odd)) or forbidden:
            yield broken(
                operation.label,
                exchange,
                cause=f"answers {exchange.status}",
                message="an object that does not exist is not answered with 404",
                expected="404",
                actual=str(exchange.status),
            )


def _unknown_path(record: Record) -> Iterator[Observation]:
    for exchange in record.answered():
        page = exchange.response is not None and exchange.response.media_type == "text/html"
        if exchange.step == "no such path" and exchange.ok and not page:
            yield broken(
                "GET (no such path)",
                exchange,
                cause="unknown path",
                message="a path that is no route is answered with a success",
                expected="404",
                actual=str(exchange.status),
            )


@rule(
    "ERR008",
    contract="error",
    level="MUST",
    title="Malformed JSON is refused",
    section=VALIDATION,
    mend="Let the framework parse the body; do not catch its error and go on.",
    applies=lambda service: [op.label for op in service.operations if _takes_json(op)],
    needs=("writes",),
    scenarios=("errors",),
)
def malformed_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """A body that is not JSON (RFC 8259) gets a 4xx, never a success.

    Tried are a body that breaks off, plain words, one brace too many, and a byte that is not UTF-8.
    """
    for exchange in _steps(record, "malformed"):
        label = exchange.operation or ""
        if exchange.ok:
            yield broken(
                label,
                exchange,
                cause="accepted",
                message="malformed JSON is accepted",
                expected="400 or 422",
                actual=str(exchange.status),
            )
        elif exchange.refused:
            yield held(label, exchange)
