"""What the document promises about itself and about each answer."""

import json
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import requests
import schemathesis
from jsonschema.validators import validator_for
from openapi_spec_validator import (
    OpenAPIV2SpecValidator,
    OpenAPIV30SpecValidator,
    OpenAPIV31SpecValidator,
    OpenAPIV32SpecValidator,
)
from referencing.exceptions import Unresolvable
from schemathesis import BaseSchema
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import Failure, FailureGroup

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import DeclaredResponse, Operation
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.target import schemas
from conformance.target.openapi import MAX_HOPS, Document, seal
from conformance.target.undeclared import ASKED

DOCUMENT = "GET the OpenAPI document"
MODELS = "Creating a New API Endpoint: response models and status codes"
VALIDATORS = {
    "2.": OpenAPIV2SpecValidator,
    "3.0": OpenAPIV30SpecValidator,
    "3.1": OpenAPIV31SpecValidator,
    "3.2": OpenAPIV32SpecValidator,
}
"""By the beginning of the version."""


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
    whole = True
    for pointer, keyword, message in _errors(service.document):
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


def _errors(document: Document) -> Iterator[tuple[str, str, str]]:
    """Where the document breaks its specification, which keyword of it, and how."""
    written = json.loads(json.dumps(seal(document.written or document.raw), default=str))
    version = str(written.get("swagger") or written.get("openapi", ""))
    validator = next((v for prefix, v in VALIDATORS.items() if version.startswith(prefix)), None)
    if validator is None:
        return
    try:
        for error in _told(list(validator(written).iter_errors()), written):
            if "{'type': 'file'}" in str(error.message):
                # OpenAPI 2.0 allows it in responses; the validator does not know.
                continue
            while error.context:
                # Of the alternatives the one that got furthest is the one that was meant.
                error = max(error.context, key=lambda e: len(e.absolute_path))
            pointer = "/" + "/".join(str(part) for part in error.absolute_path)
            if any(pointer.startswith(place) for place in document.leading_out):
                # A reference that leads out is not followed, so what it leads to is not judged.
                continue
            keyword = error.validator if isinstance(error.validator, str) else type(error).__name__
            yield pointer, keyword, str(error.message)
    except (Unresolvable, RecursionError):
        # What leads nowhere is reported by where it stands; a legal circle overtaxes the validator.
        return


def _told(errors: list[Any], written: dict[str, Any]) -> Iterator[Any]:
    """The errors, those of the fast validator told by the slow one, which says what it looked at last."""
    fast = [e for e in errors if not isinstance(e.validator, str) and isinstance(e.schema, dict)]
    # The others are told as they are, those of no schema included: an operationId that comes twice, say.
    yield from (error for error in errors if error not in fast)
    if fast:
        yield from validator_for(fast[0].schema)(fast[0].schema).iter_errors(written)


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
    schema = schemas.load(service.document)
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
            seen = _match(schema, service.document, operation, declared, exchange, let_in)
            if seen is not None:
                yield seen


def _in(media_type: str, declared: frozenset[str]) -> bool:
    return media_type in declared or any(fnmatch(media_type, wanted) for wanted in declared)


def _match(
    schema: BaseSchema,
    document: Document,
    operation: Operation,
    declared: DeclaredResponse,
    exchange: Exchange,
    let_in: set[str],
) -> Observation | None:
    """What the schema says of the answer; None where its references or its method cannot be followed."""
    try:
        failure = _failure(schema, operation, exchange)
    except (SchemathesisError, LookupError):
        return None
    steps = [str(part) for part in getattr(failure, "instance_path", None) or ()]
    if failure is None or let_in & set(steps):
        return held(operation.label, exchange)
    where = "/" + "/".join("*" if step.isdigit() else step for step in steps)
    keyword = str((getattr(failure, "schema_path", None) or [type(failure).__name__])[-1])
    return broken(
        operation.label,
        exchange,
        cause=f"{_part(document, operation, declared, steps)} {keyword}",
        message=f"the {exchange.status} breaks its schema's `{keyword}` at {where}",
        expected=f"what the document declares for {exchange.status}",
        actual=str(getattr(failure, "validation_message", failure)),
    )


def _failure(schema: BaseSchema, operation: Operation, exchange: Exchange) -> Failure | None:
    try:
        schema[operation.path][operation.method].validate_response(_converted(exchange))
    except FailureGroup as group:
        return next((e for e in group.exceptions if isinstance(e, Failure)), None)
    except Failure as failure:
        return failure
    return None


def _part(document: Document, operation: Operation, declared: DeclaredResponse, steps: list[str]) -> str:
    """The place of a fault: in the component nearest to it, else in the answer of the operation."""
    named, below = f"{operation.label} {declared.status}", [*steps]
    schema: Any = next((schema for schema in declared.content.values() if schema), {})
    for at, step in enumerate(["", *steps]):
        if at:
            shape = document.shape(schema)
            schema = shape.get("items") if step.isdigit() else document.properties(shape).get(step)
        for _ in range(MAX_HOPS):
            if not isinstance(schema, dict) or not (reference := _refers(schema)):
                break
            named, below = reference, steps[at:]
            schema = document.deref({"$ref": reference})
        if not isinstance(schema, dict):
            break
    return f"{named} /{'/'.join('*' if step.isdigit() else step for step in below)}"


def _refers(schema: dict[str, Any]) -> str | None:
    """The component that a schema refers to, as it is or as the one part of an `allOf`."""
    parts = schema.get("allOf")
    only = parts[0] if isinstance(parts, list) and len(parts) == 1 else schema
    reference = only.get("$ref") if isinstance(only, dict) else None
    return reference if isinstance(reference, str) else None


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
