"""Complaints about an account's own orders: private as these are."""

from http import HTTPStatus
from typing import Any

from aiohttp import web

from .accounts import signed_in
from .errors import missing
from .forms import given, read, unfit
from .models import Complaint, ComplaintInput, ComplaintPatch
from .store import STORE, Row, now

ROUTES = web.RouteTableDef()
ITEM = "/complaints/{complaint_id:[0-9]{1,18}}"


def shown(request: web.Request, row: Row) -> Any:
    """Return a complaint as JSON data, with what was ordered."""
    about = request.app[STORE].orders.get(row["order_id"])
    order = {"reference": about["reference"], "quantity": about["quantity"]} if about else None
    return Complaint.model_validate({**row, "order": order}).model_dump(mode="json")


def find(request: web.Request) -> Row:
    """Return the complaint that the path names, or raise 401, or 404 where it is not the account's."""
    account = signed_in(request)
    row = request.app[STORE].complaints.get(int(request.match_info["complaint_id"]))
    if row is None or row["owner"] != account["id"]:
        raise missing("complaint")
    return row


def check_order(request: web.Request, account: Row, order_id: int) -> None:
    """Raise 422 where the account has no such order."""
    if order_id not in [row["id"] for row in request.app[STORE].orders_of(account["id"])]:
        raise unfit("order_id", "names no order of yours")


@ROUTES.post("/complaints")
async def create(request: web.Request) -> web.Response:
    """Complain about an order."""
    account, store = signed_in(request), request.app[STORE]
    form = await read(request, ComplaintInput)
    check_order(request, account, form.order_id)
    at = now()
    row = {"id": next(store.numbers), **form.model_dump(), "created_at": at, "updated_at": at}
    store.complaints[row["id"]] = {**row, "owner": account["id"]}
    location = {"Location": f"/complaints/{row['id']}"}
    return web.json_response(shown(request, row), status=HTTPStatus.CREATED, headers=location)


@ROUTES.get(ITEM)
async def show(request: web.Request) -> web.Response:
    """Return a complaint."""
    return web.json_response(shown(request, find(request)))


@ROUTES.patch(ITEM)
async def patch(request: web.Request) -> web.Response:
    """Change fields of a complaint."""
    row, account = find(request), signed_in(request)
    form = await read(request, ComplaintPatch)
    changes = given(form)
    if "order_id" in changes:
        check_order(request, account, form.order_id)
    return web.json_response(shown(request, request.app[STORE].change(row, changes)))


@ROUTES.delete(ITEM)
async def delete(request: web.Request) -> web.Response:
    """Withdraw a complaint."""
    row = find(request)
    del request.app[STORE].complaints[row["id"]]
    return web.Response(status=HTTPStatus.NO_CONTENT)
