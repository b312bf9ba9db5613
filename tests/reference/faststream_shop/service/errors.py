"""The shop's own shape of errors: `{"errors": [{"code", "message", "field"?}]}`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException


class Mistake(BaseModel):
    """One thing that is wrong."""

    code: str
    message: str
    field: str | None = None


class Errors(BaseModel):
    """The body of every answer that refuses."""

    errors: list[Mistake]


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The responses of an operation that may refuse so."""
    return {
        status: {"model": Errors, "description": HTTPStatus(status).phrase}
        for status in sorted({*statuses, 422})
    }


def refuse(status: int, code: str, message: str, field: str | None = None) -> HTTPException:
    """What to raise for a refusal."""
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return HTTPException(status, [{"code": code, "message": message, "field": field}], headers)


def install(app: FastAPI) -> None:
    """Give all refusals that shape: the shop's, the router's, those of validation, and crashes."""

    @app.exception_handler(StarletteHTTPException)
    def refused(_: Request, error: StarletteHTTPException) -> JSONResponse:
        if isinstance(error.detail, list):
            return _answer(error.status_code, error.detail, error.headers)
        code = HTTPStatus(error.status_code).name.lower()
        return _answer(error.status_code, [{"code": code, "message": error.detail}], error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [
            {"code": item["type"], "message": item["msg"], "field": ".".join(map(str, item["loc"][1:]))}
            for item in error.errors()
        ]
        unreadable = any(item["code"] == "json_invalid" for item in wrong)
        return _answer(422, [{**item, "field": None} for item in wrong] if unreadable else wrong, None)

    @app.exception_handler(Exception)
    def crashed(_: Request, __: Exception) -> JSONResponse:
        return _answer(500, [{"code": "internal", "message": "Something went wrong here."}], None)


def _answer(status: int, errors: list[Any], headers: Mapping[str, str] | None) -> JSONResponse:
    body = Errors(errors=[Mistake(**item) for item in errors])
    return JSONResponse(body.model_dump(exclude_none=True), status, dict(headers or {}))
