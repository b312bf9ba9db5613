"""The end of a request's session."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY = "session"
logger = structlog.get_logger(__name__)


class DatabaseSessionMiddleware:
    """Closes the session that a request has opened, if it has, before its response is sent.

    So no connection waits for a slow client, and what was not committed is rolled back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and close."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def close_first(message: Message) -> None:
            if KEY in state:
                await _close(state.pop(KEY))
            await send(message)

        try:
            await self.app(scope, receive, close_first)
        finally:
            if KEY in state:
                await _close(state.pop(KEY))


async def _close(session: AsyncSession) -> None:
    """What the request has done is committed by now, or never will be: no trouble here changes its answer."""
    try:
        # Else it holds no connection.
        if session.in_transaction():
            await session.close()
    except Exception:
        logger.exception("session not closed")
        await session.invalidate()
