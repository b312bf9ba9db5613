"""What the document promises about itself and about each answer."""

import json
from collections.abc import Iterator

import requests
import schemathesis
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from schemathesis.core.failures import Failure, FailureGroup

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

DOCUMENT = "GET the OpenAPI document"
SHOWN = 300


@rule(
    "API001",
    contract="api",
    level="MUST",
    title="The OpenAPI document is valid",
    section="Core Principles 4: Pydantic v2 for Validation",
    mend="Correct the document at the pointer named; with FastAPI, look at hand-written `responses`"
    " and `openapi_extra`.",
    applies=lambda service: [DOCUMENT],
)
def document_is_valid(record: Record, service: Service) -> Iterator[Observation]:
    """The document obeys the OpenAPI specification that it names, and its references lead somewhere.

    Clients, mocks and this kit are generated from it: what is wrong here is wrong everywhere.
    """
    raw = service.document.raw
    version = str(raw.get("openapi", ""))
    validator = OpenAPIV30SpecValidator if version.startswith("3.0") else OpenAPIV31SpecValidator
    whole = True
    try:
        for error in validator(json.loads(json.dumps(raw, default=str))).iter_errors():
            whole = False
            pointer = "/".join(str(part) for part in error.absolute_path)
            yield broken(
                DOCUMENT,
                cause=f"{pointer}: {error.validator}",
                message=f"the document is not valid at /{pointer}",
                expected="a document that the specification allows",
                actual=str(error.message)[:SHOWN],
            )
    except Exception as error:
        whole = False
        yield broken(
            DOCUMENT,
            cause=f"reference: {error}",
            message="a reference in the document leads nowhere",
            expected="references that resolve inside the document",
            actual=str(error)[:SHOWN],
        )
    if whole:
        yield held(DOCUMENT)


@rule(
    "API002",
    contract="api",
    level="MUST",
    title="Responses match the schema declared for their status",
    section="Creating a New API Endpoint: response models and status codes",
    mend="Return what the response model says, or change the model; FastAPI does so by itself where"
    " `response_model` is set and no bare Response is returned.",
    applies=lambda service: [op.label for op in service.operations],
)
def responses_match(record: Record, service: Service) -> Iterator[Observation]:
    """The body of each answer is valid against the schema that the document gives for its status.

    Answers of a status that the document does not declare are not judged here.
    """
    schema = schemathesis.openapi.from_dict(service.document.raw)
    for exchange in record.answered():
        operation = service.operation(exchange.operation)
        response = exchange.response
        if operation is None or response is None or exchange.request.method != operation.method:
            continue
        declared = operation.declared(response.status)
        if declared is None or not any(declared.content.values()) or not response.body:
            continue
        try:
            schema[operation.path][operation.method].validate_response(_converted(exchange))
        except FailureGroup as group:
            failure = next(e for e in group.exceptions if isinstance(e, Failure))
            pointer = str(getattr(failure, "schema_path", "") or type(failure).__name__)
            yield broken(
                operation.label,
                exchange,
                cause=f"{response.status}: {pointer}",
                message=f"the {response.status} does not match its schema",
                expected=f"the schema declared for {response.status}",
                actual=str(getattr(failure, "validation_message", failure))[:SHOWN],
            )
        else:
            yield held(operation.label, exchange)


def _converted(exchange: Exchange) -> schemathesis.Response:
    """The exchange in the form that schemathesis judges."""
    response = exchange.response
    if response is None:
        raise ValueError("an exchange without an answer has nothing to validate")
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), []).append(value)
    return schemathesis.Response(
        status_code=response.status,
        headers=headers,
        content=response.body,
        request=requests.Request(exchange.request.method, exchange.request.url).prepare(),
        elapsed=response.elapsed,
        verify=True,
    )
