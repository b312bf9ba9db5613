"""What the document promises about itself and about each answer."""

import json
from collections.abc import Iterator
from fnmatch import fnmatch

import requests
import schemathesis
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from schemathesis import BaseSchema
from schemathesis.core.failures import Failure, FailureGroup

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import DeclaredResponse, Operation
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

DOCUMENT = "GET the OpenAPI document"
MODELS = "Creating a New API Endpoint: response models and status codes"
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
    scenarios=("document",),
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
    for pointer, reference in service.document.dangling:
        whole = False
        yield broken(
            DOCUMENT,
            cause=f"reference: {reference}",
            message=f"the reference at {pointer} leads nowhere",
            expected="references that resolve inside the document",
            actual=reference,
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
    schema = schemathesis.openapi.from_dict(service.document.sealed)
    let_in: set[str] = set()
    for exchange in record.answered():
        if exchange.step == "invalid" and exchange.ok:
            let_in.add(str(exchange.facts.get("field")))
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
            yield _match(schema, operation, declared, exchange, let_in)


def _in(media_type: str, declared: frozenset[str]) -> bool:
    return media_type in declared or any(fnmatch(media_type, wanted) for wanted in declared)


def _match(
    schema: BaseSchema,
    operation: Operation,
    declared: DeclaredResponse,
    exchange: Exchange,
    let_in: set[str],
) -> Observation:
    failure = _failure(schema, operation, exchange)
    steps = [str(part) for part in getattr(failure, "instance_path", None) or ()]
    if failure is None or let_in & set(steps):
        return held(operation.label, exchange)
    where = "/" + "/".join("*" if step.isdigit() else step for step in steps)
    keyword = str((getattr(failure, "schema_path", None) or [type(failure).__name__])[-1])
    return broken(
        operation.label,
        exchange,
        cause=f"{exchange.status} {_model(declared) or operation.label} {where} {keyword}",
        message=f"the {exchange.status} breaks its schema's `{keyword}` at {where}",
        expected=f"what the document declares for {exchange.status}",
        actual=str(getattr(failure, "validation_message", failure))[:SHOWN],
    )


def _failure(schema: BaseSchema, operation: Operation, exchange: Exchange) -> Failure | None:
    try:
        schema[operation.path][operation.method].validate_response(_converted(exchange))
    except FailureGroup as group:
        return next((e for e in group.exceptions if isinstance(e, Failure)), None)
    except Failure as failure:
        return failure
    return None


def _model(declared: DeclaredResponse) -> str | None:
    """The component that the response refers to, itself or as the items of a list."""
    for schema in declared.content.values():
        for place in (schema or {}, (schema or {}).get("items") or {}):
            if isinstance(place, dict) and isinstance(place.get("$ref"), str):
                return str(place["$ref"])
    return None


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
