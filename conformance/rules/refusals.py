"""What must be refused, and how: missing objects, invalid input, malformed JSON."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.paging import answers_list
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

VALIDATION = "Core Principles 4: Pydantic v2 for Validation"
ERRORS = "Core Principles 6: Error Handling"
BAD_INPUT = (400, 413, 422)


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
    convert), one too long, too short, too small, too large or outside an enumeration, an unknown field
    where the schema forbids them, and a word where a path or query parameter is a number.
    """
    for exchange in _steps(record, "invalid"):
        label, fault = exchange.operation or "", exchange.facts["fault"]
        if exchange.ok:
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
        if operation is None or response is None or response.status not in BAD_INPUT:
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

    A refusal for another reason (401, 403, 409, 422) is not judged. A PUT may create and a DELETE may
    be content that there is nothing (RFC 9110 §9.3.4, §9.3.5), and an empty collection below nothing is
    empty, unless the document declares a 404 for them.
    """
    for exchange in _steps(record, "missing"):
        operation = service.operation(exchange.operation)
        if operation is None:
            continue
        item = operation.path.rstrip("/").endswith("}") and not answers_list(service.document, operation)
        promised = "404" in operation.responses or (operation.method in ("GET", "PATCH") and item)
        odd = exchange.status == 400 and exchange.facts["typed"] and operation.safe
        if exchange.status in (404, 410):
            yield held(operation.label, exchange)
        elif promised and (exchange.ok or odd):
            yield broken(
                operation.label,
                exchange,
                cause=f"answers {exchange.status}",
                message="an object that does not exist is not answered with 404",
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
    """A body that is not JSON gets a 4xx, never a success."""
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
