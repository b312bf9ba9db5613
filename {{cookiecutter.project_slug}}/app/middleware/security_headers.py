"""Headers that tell browsers to be careful."""

from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # What is private to a user must not stay in a cache that others share.
    "Cache-Control": "no-store",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class SecurityHeadersMiddleware:
    """Adds the headers to every response that has not set its own.

    `pages` are path prefixes that are web pages and load scripts: they get no content policy, and
    may be cached.
    """

    def __init__(self, app: ASGIApp, *, pages: Collection[str], https: bool) -> None:
        self.app = app
        self.pages = tuple(pages)
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the start of the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        page = scope["path"].startswith(self.pages)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if not (page and name == "Cache-Control"):
                        headers.setdefault(name, value)
                if not page:
                    headers.setdefault("Content-Security-Policy", API_POLICY)
                if self.https:
                    headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
            await send(message)

        await self.app(scope, receive, add)
