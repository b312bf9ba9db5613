"""What libraries say of a document, and of answers beside it. They are slow to import."""

import json
from collections.abc import Iterator
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
from requests.structures import CaseInsensitiveDict
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import Failure, FailureGroup

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.target import schemas
from conformance.target.openapi import Document, seal

VALIDATORS = {
    "2.": OpenAPIV2SpecValidator,
    "3.0": OpenAPIV30SpecValidator,
    "3.1": OpenAPIV31SpecValidator,
    "3.2": OpenAPIV32SpecValidator,
}
"""By the beginning of the version."""


def errors(document: Document) -> Iterator[tuple[str, str, str]]:
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


class Responses:
    """Answers beside the schemas that a document gives them."""

    def __init__(self, document: Document) -> None:
        self._schema = schemas.load(document)

    def failure(self, operation: Operation, exchange: Exchange) -> Failure | None:
        """What the schema of its status says against an answer; None where nothing.

        Raises LookupError where the operation or what it refers to cannot be followed.
        """
        try:
            self._schema[operation.path][operation.method].validate_response(_converted(exchange))
        except FailureGroup as group:
            return next((e for e in group.exceptions if isinstance(e, Failure)), None)
        except Failure as failure:
            return failure
        except SchemathesisError as error:
            raise LookupError(str(error)) from error
        return None


def _converted(exchange: Exchange) -> schemathesis.Response:
    """The exchange in the form that schemathesis judges."""
    response = exchange.response
    if response is None:
        raise ValueError("an exchange without an answer has nothing to validate")
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), []).append(value)
    # It left already: to prepare it once more would take longer than to judge the answer.
    request = requests.PreparedRequest()
    request.method, request.url = exchange.request.method, exchange.request.url
    request.headers = CaseInsensitiveDict()
    return schemathesis.Response(
        status_code=response.status,
        headers=headers,
        content=response.body,
        request=request,
        elapsed=response.elapsed,
        verify=True,
    )
