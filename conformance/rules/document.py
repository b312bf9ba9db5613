"""What the document promises about itself and about each answer."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatch

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import DeclaredResponse, Operation
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.rules.parts import EVERY, part
from conformance.target.openapi import Document
from conformance.target.undeclared import ASKED

DOCUMENT = "GET the OpenAPI document"
MODELS = "Creating a New API Endpoint: response models and status codes"


@rule(
    "API001",
    contract="api",
    level="MUST",
    title="The OpenAPI document is valid",
    section="Core Principles 4: Pydantic v2 for Validation",
    mend="Correct the document at the pointer named; with FastAPI, look at hand-written `responses`"
    " and `openapi_extra`.",
    applies=lambda service: [DOCUMENT],
    scenarios=("document",),
)
def document_is_valid(record: Record, service: Service) -> Iterator[Observation]:
    """The document obeys the OpenAPI specification that it names, and its references lead somewhere.

    Clients, mocks and this kit are generated from it: what is wrong here is wrong everywhere.
    """
    from conformance.target import validation  # slow to import

    whole = True
    for pointer, keyword, message in validation.errors(service.document):
        whole = False
        yield broken(
            DOCUMENT,
            cause=f"{pointer.rpartition('/')[2]}: {keyword}",
            message=f"the document is not valid at {pointer}",
            expected="a document that the specification allows",
            actual=message,
        )
    for pointer, reference in service.document.dangling:
        whole = False
        yield broken(
            DOCUMENT,
            cause=f"reference: {reference}",
            message=f"the reference at {pointer} leads nowhere",
            expected="references that resolve inside the document",
            actual=reference,
        )
    known = service.document.security_schemes.keys() | ASKED
    for operation in service.document.operations:
        for name in sorted({name for option in operation.security for name in option} - known):
            whole = False
            yield broken(
                DOCUMENT,
                cause=f"unknown scheme {name}",
                message=f"{operation.label} asks for the security scheme {name}, which is not declared",
                expected=f"one of {', '.join(sorted(known)) or 'components.securitySchemes'}",
                actual=name,
            )
    for reference in service.document.circles:
        whole = False
        yield broken(
            DOCUMENT,
            cause="circle of references",
            message=f"{reference} is defined by itself alone",
            expected="a schema that says something",
            actual="references that lead back to it",
        )
    if whole:
        yield held(DOCUMENT)


@rule(
    "API002",
    contract="api",
    level="MUST",
    title="Responses match the schema declared for their status",
    section=MODELS,
    mend="Return what the response model says, or change the model; FastAPI does so by itself where"
    " `response_model` is set and no bare Response is returned.",
    applies=lambda service: [op.label for op in service.operations],
    silent="no answer of a declared status has a schema",
)
def responses_match(record: Record, service: Service) -> Iterator[Observation]:
    """The body of each answer is valid against the schema that the document gives for its status.

    A success comes in a declared media type. Answers of a status that the document does not declare
    are not judged here, nor fields that came in invalid (ERR002 has those). Operations that break one
    keyword of one model are one finding.
    """
    from conformance.target import validation  # slow to import

    failure_of = validation.Responses(service.document).failure
    let_in: set[str] = set()
    for exchange in record.answered():
        if exchange.step == "invalid" and exchange.ok:
            let_in |= set(str(exchange.facts.get("field")).split("/")) - {EVERY}
        operation, response = service.operation(exchange.operation), exchange.response
        if operation is None or response is None or exchange.request.method != operation.method:
            continue
        declared = operation.declared(response.status)
        if declared is None or not declared.content or not response.body:
            continue
        if response.ok and not _in(response.media_type, declared.media_types):
            yield broken(
                operation.label,
                exchange,
                cause=f"{response.status}: {response.media_type or 'no media type'}",
                message=f"the {response.status} comes in another media type than declared",
                expected=" or ".join(sorted(declared.media_types)),
                actual=response.media_type or "none",
            )
        elif any(declared.content.values()) and _in(response.media_type, declared.media_types):
            seen = _match(failure_of, service.document, operation, declared, exchange, let_in)
            if seen is not None:
                yield seen


def _in(media_type: str, declared: frozenset[str]) -> bool:
    return media_type in declared or any(fnmatch(media_type, wanted) for wanted in declared)


def _match(
    failure_of: Callable[[Operation, Exchange], Exception | None],
    document: Document,
    operation: Operation,
    declared: DeclaredResponse,
    exchange: Exchange,
    let_in: set[str],
) -> Observation | None:
    """What the schema says of the answer; None where its references or its method cannot be followed."""
    try:
        failure = failure_of(operation, exchange)
    except LookupError:
        return None
    steps = [str(part) for part in getattr(failure, "instance_path", None) or ()]
    if failure is None or let_in & set(steps):
        return held(operation.label, exchange)
    where = "/" + "/".join("*" if step.isdigit() else step for step in steps)
    keyword = str((getattr(failure, "schema_path", None) or [type(failure).__name__])[-1])
    return broken(
        operation.label,
        exchange,
        cause=f"{part(document, declared, steps, operation.label)} {keyword}",
        message=f"the {exchange.status} breaks its schema's `{keyword}` at {where}",
        expected=f"what the document declares for {exchange.status}",
        actual=str(getattr(failure, "validation_message", failure)),
    )


@rule(
    "API003",
    contract="api",
    level="MUST",
    title="A success has a declared status",
    section=MODELS,
    mend="Set `status_code` on the route, or declare the other success in `responses`.",
    applies=lambda service: [op.label for op in service.operations],
    silent="no request was accepted",
)
def success_is_declared(record: Record, service: Service) -> Iterator[Observation]:
    """The status of each accepted request stands in the document, by itself, as 2XX or as default."""
    for exchange in record.answered():
        operation = service.operation(exchange.operation)
        if operation is None or not exchange.ok or exchange.request.method != operation.method:
            continue
        if operation.declared(exchange.status):
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause=f"undeclared {exchange.status}",
                message=f"a request is accepted with an undeclared {exchange.status}",
                expected=" or ".join(sorted(operation.responses)) or "a declared status",
                actual=str(exchange.status),
            )
