"""Where an order is, as its carrier says: who asks first has to come again while the carrier is asked."""

from http import HTTPStatus

from aiohttp import web

from .errors import Refused
from .orders import ITEM, find
from .store import STORE

ROUTES = web.RouteTableDef()
WAIT = 1
"""Seconds that the carrier takes to answer."""


@ROUTES.get(f"{ITEM}/tracking")
async def track(request: web.Request) -> web.Response:
    """Return where the order is; 503 until the carrier has answered."""
    row, asked = find(request), request.app[STORE].looked_up
    if row["id"] not in asked:
        asked.add(row["id"])
        headers = {"Retry-After": str(WAIT)}
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The carrier has not answered yet.", headers=headers)
    return web.json_response({"carrier": "Pigeon & Sons", "state": "packed"})
