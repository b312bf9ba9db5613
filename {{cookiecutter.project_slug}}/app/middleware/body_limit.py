"""A bound on the size of request bodies."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.error_handler import problem_response

DETAIL = "The request body is too large."


class BodyLimitMiddleware:
    """Refuses a body by its declared length before it is read, and one without by counting.

    FastAPI's `max_body_size` does so as well, in plain text: another shape than all other errors.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a receive that counts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if declared.isdigit() and int(declared) > self.max_bytes:
            response = problem_response(
                scope, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DETAIL, headers={"Connection": "close"}
            )
            await response(scope, receive, send)
            return
        seen = 0

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DETAIL)
            return message

        await self.app(scope, count, send)
