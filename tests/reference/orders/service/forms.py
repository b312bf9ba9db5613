"""What a request carries: its JSON body and its query."""

import json
import re
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from .errors import Refused, invalid

Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and RFC 8259 does not know."""
    raise ValueError(name)


async def read_json(request: web.Request) -> bytes:
    """Return a body that is JSON, or raise 415 where it is something else and 400 where it cannot be read."""
    if request.content_type != JSON:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.")
    raw = await request.read()
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # refuses lone surrogates
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "The body is not valid JSON.") from None
    return raw


async def read(request: web.Request, model: type[Model]) -> Model:
    """Return the body as a model, or raise 422 with each field that is wrong."""
    raw = await read_json(request)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", invalid(error)) from None


def given(form: BaseModel) -> dict[str, Any]:
    """Return the fields that a body has, without the version that it speaks of."""
    return form.model_dump(exclude_unset=True, exclude={"version"})


def query_integer(request: web.Request, name: str, default: int, minimum: int, maximum: int) -> int:
    """Return an integer of the query within its bounds, or raise 422."""
    text = request.query.get(name)
    if text is None:
        return default
    if not re.fullmatch("-?[0-9]{1,12}", text):
        raise unfit(name, "must be an integer")
    if not minimum <= int(text) <= maximum:
        raise unfit(name, f"must be from {minimum} to {maximum}")
    return int(text)


def unfit(name: str, why: str) -> Refused:
    """Return the refusal of one parameter or field."""
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", {name: why})
