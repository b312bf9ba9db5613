"""Orders: private to their account; a change names the version that it changes."""

import csv
import io
from http import HTTPStatus
from typing import Any

from aiohttp import web

from . import idempotency
from .accounts import signed_in
from .errors import Refused, missing
from .forms import JSON, given, query_integer, read, read_json
from .models import Order, OrderInput, OrderPatch, OrderReplace
from .negotiation import chosen
from .store import STORE, Row

ROUTES = web.RouteTableDef()
ITEM = "/orders/{order_id:[0-9]{1,18}}"
CSV = "text/csv"
FIELDS = tuple(Order.model_fields)


def shown(row: Row) -> Any:
    """Return an order as JSON data."""
    return Order.model_validate(row).model_dump(mode="json")


def find(request: web.Request) -> Row:
    """Return the order that the path names, or raise 401, or 404 where it is not the account's."""
    account = signed_in(request)
    row = request.app[STORE].orders.get(int(request.match_info["order_id"]))
    if row is None or row["owner"] != account["id"]:
        raise missing("order")
    return row


@ROUTES.get("/orders")
async def index(request: web.Request) -> web.Response:
    """List the account's orders, oldest first, in JSON or CSV."""
    account, media = signed_in(request), chosen(request, (JSON, CSV))
    limit = query_integer(request, "limit", 20, 1, 100)
    offset = query_integer(request, "offset", 0, 0, 10**9)
    rows = request.app[STORE].orders_of(account["id"])
    page = [shown(row) for row in rows[offset : offset + limit]]
    if media == JSON:
        return web.json_response({"items": page, "total": len(rows)}, headers={"Vary": "Accept"})
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS)
    writer.writeheader()
    writer.writerows(page)
    return web.Response(text=text.getvalue(), content_type=CSV, headers={"Vary": "Accept"})


@ROUTES.post("/orders")
async def create(request: web.Request) -> web.Response:
    """Place an order; with an Idempotency-Key, only once."""
    account, store = signed_in(request), request.app[STORE]
    key = idempotency.key_of(request, account)
    body = await read_json(request)
    form = await read(request, OrderInput)
    answer = idempotency.answered_before(request, key, body)
    if answer is None:
        answer = shown(store.add_order(account["id"], form.model_dump()))
        idempotency.remember(request, key, body, answer)
    location = {"Location": f"/orders/{answer['id']}"}
    return web.json_response(answer, status=HTTPStatus.CREATED, headers=location)


@ROUTES.get(ITEM)
async def show(request: web.Request) -> web.Response:
    """Return an order."""
    return web.json_response(shown(find(request)))


@ROUTES.put(ITEM)
async def replace(request: web.Request) -> web.Response:
    """Replace an order of this version."""
    row = find(request)
    form = await read(request, OrderReplace)
    return changed(request, row, form.version, form.model_dump(exclude={"version"}))


@ROUTES.patch(ITEM)
async def patch(request: web.Request) -> web.Response:
    """Change fields of an order of this version."""
    row = find(request)
    form = await read(request, OrderPatch)
    return changed(request, row, form.version, given(form))


def changed(request: web.Request, row: Row, version: int, form: Row) -> web.Response:
    """Change the order if it still has the version that the client has seen, or raise 409."""
    if row["version"] != version:
        raise Refused(HTTPStatus.CONFLICT, f"The order has version {row['version']} by now.")
    return web.json_response(shown(request.app[STORE].change(row, {**form, "version": version + 1})))


@ROUTES.delete(ITEM)
async def delete(request: web.Request) -> web.Response:
    """Take an order back."""
    row = find(request)
    del request.app[STORE].orders[row["id"]]
    return web.Response(status=HTTPStatus.NO_CONTENT)
