"""Products: whoever is signed in adds them, their creator changes them, and only under their present tag."""

import re
import uuid
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree

from aiohttp import web

from .accounts import signed_in
from .conditions import require_match, tag_of, unchanged
from .errors import Refused, dumped, missing, taken
from .forms import JSON, given, query_integer, read, unfit
from .models import Product, ProductInput, ProductPatch
from .negotiation import chosen
from .store import STORE, Row

ROUTES = web.RouteTableDef()
ITEM = "/products/{product_id}"
XML = "application/xml"
OFFERED = (JSON, XML)


def shown(row: Row) -> Any:
    """Return a product as JSON data."""
    return Product.model_validate(row).model_dump(mode="json")


def written(row: Row, media: str) -> str:
    """Return a product as text of a media type."""
    if media == JSON:
        return dumped(shown(row))
    root = ElementTree.Element("product")
    for name, value in shown(row).items():
        if value is not None:
            # XML 1.0 §2.2 has no control characters but these three.
            text = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", str(value))
            ElementTree.SubElement(root, name).text = text
    return ElementTree.tostring(root, encoding="unicode")


def tag(row: Row, media: str) -> str:
    """Return the tag of a product in a media type."""
    return tag_of(written(row, media))


def respond(row: Row, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> web.Response:
    """Return the response with a product in JSON."""
    text = written(row, JSON)
    fields = {"ETag": tag(row, JSON), "Vary": "Accept", **headers}
    return web.Response(text=text, status=status, content_type=JSON, headers=fields)


def find(request: web.Request) -> Row:
    """Return the product that the path names, or raise 404."""
    try:
        row = request.app[STORE].products.get(uuid.UUID(request.match_info["product_id"]))
    except ValueError:
        row = None
    if row is None:
        raise missing("product")
    return row


def own(request: web.Request) -> Row:
    """Return the product if it is the signed-in account's, or raise 401, 404 or 403."""
    account, row = signed_in(request), find(request)
    if row["created_by"] != account["id"]:
        raise Refused(HTTPStatus.FORBIDDEN, "Only its creator may change a product.")
    return row


def place(row: Row) -> str:
    """Return a product's place in the list, which later products do not move."""
    return f"{row['created_at'].timestamp():.6f}-{row['id'].hex}"


@ROUTES.get("/products")
async def index(request: web.Request) -> web.Response:
    """List products, newest first, from the one after the cursor."""
    size = query_integer(request, "page_size", 20, 1, 100)
    cursor = request.query.get("cursor")
    rows = sorted(request.app[STORE].products.values(), key=place, reverse=True)
    if cursor is not None and not re.fullmatch(r"[0-9]{1,12}\.[0-9]{6}-[0-9a-f]{32}", cursor):
        raise unfit("cursor", "is none of this list's")
    after = [row for row in rows if cursor is None or place(row) < cursor]
    page = after[:size]
    further = place(page[-1]) if len(after) > size else None
    return web.json_response({"items": [shown(row) for row in page], "next_cursor": further})


@ROUTES.post("/products")
async def create(request: web.Request) -> web.Response:
    """Add a product, or raise 409 where there is one of that SKU."""
    account = signed_in(request)
    form, store = await read(request, ProductInput), request.app[STORE]
    if store.sku_taken(form.sku):
        raise taken("sku")
    row = store.add_product(account["id"], form.model_dump())
    return respond(row, HTTPStatus.CREATED, Location=f"/products/{row['id']}")


@ROUTES.get(ITEM)
async def show(request: web.Request) -> web.Response:
    """Return a product in JSON or XML; 304 where the client has it."""
    row, media = find(request), chosen(request, OFFERED)
    text = written(row, media)
    fields = {"ETag": tag(row, media), "Vary": "Accept"}
    if unchanged(request, fields["ETag"]):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=fields)
    return web.Response(text=text, content_type=media, headers=fields)


@ROUTES.put(ITEM)
async def replace(request: web.Request) -> web.Response:
    """Replace a product."""
    row = own(request)
    form = await read(request, ProductInput)
    return changed(request, row, form.model_dump())


@ROUTES.patch(ITEM)
async def patch(request: web.Request) -> web.Response:
    """Change fields of a product."""
    row = own(request)
    form = await read(request, ProductPatch)
    return changed(request, row, given(form))


def changed(request: web.Request, row: Row, form: Row) -> web.Response:
    """Change the product if it is still the one that the client has seen."""
    store = request.app[STORE]
    require_match(request, tag(row, JSON))
    if "sku" in form and store.sku_taken(form["sku"], but=row["id"]):
        raise taken("sku")
    return respond(store.change(row, form))


@ROUTES.delete(ITEM)
async def delete(request: web.Request) -> web.Response:
    """Delete a product."""
    row = own(request)
    require_match(request, tag(row, JSON))
    del request.app[STORE].products[row["id"]]
    return web.Response(status=HTTPStatus.NO_CONTENT)
