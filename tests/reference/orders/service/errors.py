"""Every error in one shape: `{"code", "message", "violations"?: [{"at", "why"}]}`."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import ValidationError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOG = logging.getLogger("orders")


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A request that is refused: its status, what is said, and the header fields that belong to it."""

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        violations: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.violations, self.headers = dict(violations or {}), dict(headers or {})


def payload(status: int, message: str, violations: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an error as data."""
    code = HTTPStatus(status).name.lower()
    said = [{"at": at, "why": why} for at, why in (violations or {}).items()]
    return {"code": code, "message": message, **({"violations": said} if said else {})}


def invalid(error: ValidationError, prefix: str = "") -> dict[str, str]:
    """Return what is wrong by place; never the value, which may be a password."""
    return {
        prefix + ".".join(str(part) for part in problem["loc"]) or "body": problem["msg"]
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    }


def missing(what: str) -> Refused:
    """Return the refusal for something that is not there."""
    return Refused(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def taken(field: str) -> Refused:
    """Return the refusal for what must be unique."""
    return Refused(HTTPStatus.CONFLICT, f"This {field} is taken.", {field: "is taken"})


def respond(error: Refused) -> web.Response:
    """Return the response of a refusal."""
    body = payload(error.status, error.message, error.violations)
    return web.json_response(body, status=error.status, headers=error.headers)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the errors of the router, the handlers and their crashes alike."""
    try:
        return await handler(request)
    except Refused as error:
        return respond(error)
    except web.HTTPException as error:
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return respond(Refused(HTTPStatus(error.status), error.reason, headers=allow))
    except Exception:
        LOG.exception("%s %s failed", request.method, request.path)
        return respond(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here."))


def dumped(data: Any) -> str:
    """Return JSON text as the service writes it."""
    return json.dumps(data, ensure_ascii=False)
