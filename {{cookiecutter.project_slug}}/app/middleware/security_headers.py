"""Headers that tell browsers to be careful."""

from collections.abc import Collection, Mapping

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
        always = HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT} if https else {})
        self.of_api = _encoded(always | {"Content-Security-Policy": API_POLICY})
        self.of_pages = _encoded({name: value for name, value in always.items() if name != "Cache-Control"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the start of the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self.of_pages if scope["path"].startswith(self.pages) else self.of_api

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(item for item in ours if item[0] not in own)]
            await send(message)

        await self.app(scope, receive, add)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As ASGI sends them, made once and not for each response."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
