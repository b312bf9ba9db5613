"""A small shop on aiohttp: products that change under a tag, private orders with a version, complaints."""

from aiohttp import web

from . import accounts, batches, complaints, keys, orders, products, tracking
from .document import document
from .errors import answer_errors
from .store import STORE, Store

LARGEST = 256 * 1024
"""Bytes of a body."""


async def name_itself(_request: web.Request, response: web.StreamResponse) -> None:
    """Name the service; versions are nobody's business."""
    response.headers["Server"] = "orders"
    response.headers.setdefault("Cache-Control", "private, no-cache")


async def openapi(_request: web.Request) -> web.Response:
    """Return the OpenAPI document."""
    return web.json_response(document())


def create_app(key: str | None) -> web.Application:
    """Make the application; `key` (PEM, of P-256) signs its tokens, a fresh one where there is none."""
    app = web.Application(middlewares=[answer_errors], client_max_size=LARGEST)
    keys.keep(app, key)
    app[STORE] = Store()
    app.router.add_get("/openapi.json", openapi)
    for module in (accounts, batches, products, orders, tracking, complaints, keys):
        app.router.add_routes(module.ROUTES)
    app.on_response_prepare.append(name_itself)
    return app
