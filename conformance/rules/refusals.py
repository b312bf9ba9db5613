"""What must be refused, and how: missing objects, invalid input, malformed JSON."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

VALIDATION = "Core Principles 4: Pydantic v2 for Validation"


def _steps(record: Record, step: str) -> Iterator[Exchange]:
    for exchange in record.answered():
        if exchange.scenario == "errors" and exchange.step == step and exchange.operation:
            yield exchange


def _with_json(service: Service) -> list[str]:
    return [op.label for op in service.operations if op.body and "json" in op.body.media_type]


@rule(
    "ERR002",
    contract="error",
    level="MUST",
    title="Invalid input is refused",
    section=VALIDATION,
    mend="Validate the body with the model that the document shows.",
    applies=lambda service: [
        op.label
        for op in service.operations
        if op.body and "json" in op.body.media_type and not op.path_parameters
    ],
)
def invalid_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """A body without a required field, with an object for a string, or too long, gets a 4xx."""
    for exchange in _steps(record, "invalid"):
        label, fault = exchange.operation or "", exchange.facts["fault"]
        if exchange.ok:
            yield broken(
                label,
                exchange,
                cause=f"{fault} {exchange.facts['field']}",
                message=f"a body that breaks `{fault}` of {exchange.facts['field']} is accepted",
                expected="a 4xx",
                actual=str(exchange.status),
            )
        elif exchange.status in (400, 413, 422):
            yield held(label, exchange)


@rule(
    "ERR003",
    contract="error",
    level="MUST",
    title="The refusal of invalid input is declared",
    section=VALIDATION,
    mend="Declare the status and its body in the operation's `responses`.",
    applies=lambda service: [
        op.label
        for op in service.operations
        if op.body and "json" in op.body.media_type and not op.path_parameters
    ],
)
def refusal_is_declared(record: Record, service: Service) -> Iterator[Observation]:
    """The status with which invalid input is refused, and its media type, stand in the document."""
    for exchange in _steps(record, "invalid"):
        operation = service.operation(exchange.operation)
        response = exchange.response
        if operation is None or response is None or response.status not in (400, 422):
            continue
        declared = operation.declared(response.status)
        media = {m.split(";")[0].strip().lower() for m in declared.content} if declared else set()
        if declared and (not media or response.media_type in media):
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause=f"undeclared {response.status} {response.media_type}",
                message=f"invalid input is refused with an undeclared {response.status}",
                expected=f"one of {sorted(operation.responses)} in {sorted(media) or 'any form'}",
                actual=f"{response.status} {response.media_type}",
            )


@rule(
    "ERR004",
    contract="error",
    level="MUST",
    title="What is missing answers 404",
    section="Core Principles 6: Error Handling",
    mend="Raise the domain's NotFoundError where the repository finds nothing.",
    applies=lambda service: [op.label for op in service.operations if op.path_parameters],
)
def missing_is_404(record: Record, service: Service) -> Iterator[Observation]:
    """An identifier that names nothing answers 404 or 410.

    A refusal for another reason (401, 403, 409, 422) says nothing about this and is not judged.
    """
    for exchange in _steps(record, "missing"):
        label = exchange.operation or ""
        if exchange.status in (404, 410):
            yield held(label, exchange)
        elif exchange.ok or exchange.status in (400, 500):
            yield broken(
                label,
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
    applies=_with_json,
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
