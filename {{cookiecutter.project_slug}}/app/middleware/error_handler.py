"""The one shape of errors: problem details (RFC 9457), whichever layer the error comes from."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.exceptions import DomainError, TooManyRequestsError
from app.utils.database_errors import passes

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "5"
logger = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """What is wrong with one field: `field` reads `body.title` or `query.limit`."""

    field: str
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457 §3.1); `errors` and `request_id` are extensions (§3.2)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[FieldError] | None = None


class ProblemResponse(JSONResponse):
    """A problem as a response."""

    media_type = MEDIA_TYPE


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route or router that may answer with these errors."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def problem_response(
    scope: Scope,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] | None = None,
) -> ProblemResponse:
    """A problem about a request. A title of HTTP's own goes with `about:blank` (RFC 9457 §4.2.1)."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=scope["path"],
        request_id=scope.get("state", {}).get("request_id"),
        errors=list(errors) if errors is not None else None,
    )
    return ProblemResponse(problem.model_dump(exclude_none=True), int(status), headers)


async def _domain_error(request: Request, error: DomainError) -> ProblemResponse:
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(ceil(error.retry_after))
    return problem_response(request.scope, error.status, error.detail, headers=headers)


async def _http_exception(request: Request, error: HTTPException) -> ProblemResponse:
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed_methods(request))
    return problem_response(request.scope, error.status_code, str(error.detail), headers=headers)


async def _invalid_request(request: Request, error: RequestValidationError) -> ProblemResponse:
    # Only place and message: the input may hold a password.
    errors = [FieldError(field=_field(item), message=item["msg"]) for item in error.errors()]
    names = ", ".join(item.field for item in errors)
    return problem_response(
        request.scope, HTTPStatus.UNPROCESSABLE_ENTITY, f"The request is not valid: {names}.", errors=errors
    )


def _field(item: Mapping[str, Any]) -> str:
    # For malformed JSON the place is an offset.
    place = item["loc"][:1] if item["type"] == "json_invalid" else item["loc"]
    return ".".join(str(part) for part in place)


async def _database_error(request: Request, error: DBAPIError) -> ProblemResponse:
    """What does not pass by itself is a mistake of ours."""
    if passes(error):
        return await _unavailable(request, error)
    raise error


async def _unavailable(request: Request, error: Exception) -> ProblemResponse:
    logger.error("database unavailable", error=type(error).__name__)
    return problem_response(
        request.scope,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer; try again later.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


def _allowed_methods(request: Request) -> list[str]:
    """All methods of the path (RFC 9110 §10.2.1); the router names those of one route only."""
    methods: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        if context.methods and context.path_regex.match(request.scope["path"]):
            methods |= context.methods
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


class UnexpectedErrorMiddleware:
    """Answers what no handler foresaw with a 500 that tells nothing of the inside, and logs it.

    Within the other middleware, so that such an answer has their headers as well.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer if nothing has been."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            logger.exception("unexpected error")
            if started:
                raise
            response = problem_response(
                scope, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side."
            )
            await response(scope, receive, send)


def install_error_handlers(app: FastAPI) -> None:
    """Map all errors to problems, and add the shape to the OpenAPI document."""
    app.add_exception_handler(DomainError, _domain_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _invalid_request)  # type: ignore[arg-type]
    app.add_exception_handler(DBAPIError, _database_error)  # type: ignore[arg-type]
    # Drivers let some of the system's errors through as they are.
    for unavailable in (PoolTimeoutError, ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError):
        app.add_exception_handler(unavailable, _unavailable)

    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema.pop("$defs", {}), Problem=schema)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
