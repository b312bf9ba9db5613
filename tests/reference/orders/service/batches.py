"""Several at once: products all or none, orders each for itself."""

import json
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from . import orders, products
from .accounts import signed_in
from .errors import Refused, invalid, payload
from .forms import read, read_json, unfit
from .models import OrderInput, Products
from .store import STORE

ROUTES = web.RouteTableDef()
MOST = 50


@ROUTES.post("/products/bulk")
async def add_products(request: web.Request) -> web.Response:
    """Add all of the products, or none."""
    account, store = signed_in(request), request.app[STORE]
    forms = (await read(request, Products)).root
    skus = [form.sku for form in forms]
    taken = {f"{i}.sku": "is taken" for i, sku in enumerate(skus) if store.sku_taken(sku) or sku in skus[:i]}
    if taken:
        raise Refused(HTTPStatus.CONFLICT, "Some of the SKUs are taken; nothing was added.", taken)
    rows = [store.add_product(account["id"], form.model_dump()) for form in forms]
    return web.json_response([products.shown(row) for row in rows], status=HTTPStatus.CREATED)


@ROUTES.post("/orders/batch")
async def place_orders(request: web.Request) -> web.Response:
    """Place each order that is valid, and say of each what became of it (207)."""
    account, store = signed_in(request), request.app[STORE]
    data = json.loads(await read_json(request))
    if not isinstance(data, list) or not 1 <= len(data) <= MOST:
        raise unfit("body", f"must be a list of 1 to {MOST} orders")
    results = []
    for item in data:
        try:
            form = OrderInput.model_validate_json(json.dumps(item))
        except ValidationError as error:
            problem = payload(HTTPStatus.UNPROCESSABLE_ENTITY, "The order is not valid.", invalid(error))
            results.append({"status": 422, "problem": problem})
        else:
            row = store.add_order(account["id"], form.model_dump())
            results.append({"status": 201, "order": orders.shown(row)})
    return web.json_response({"results": results}, status=HTTPStatus.MULTI_STATUS)
