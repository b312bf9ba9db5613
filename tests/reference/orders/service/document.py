"""The OpenAPI 3.1 document: paths by hand, schemas from the models."""

from typing import Any

from pydantic.json_schema import models_json_schema

from . import models

GIVEN = (
    models.Account,
    models.Complaint,
    models.Error,
    models.Order,
    models.OrderPage,
    models.Product,
    models.ProductList,
    models.ProductPage,
    models.Results,
    models.Token,
    models.Tracking,
)
TAKEN = (
    models.ComplaintInput,
    models.ComplaintPatch,
    models.OrderInput,
    models.OrderPatch,
    models.OrderReplace,
    models.Orders,
    models.ProductInput,
    models.ProductPatch,
    models.Products,
    models.SignIn,
    models.SignUp,
)
REASONS = {
    400: "The body cannot be read",
    401: "Nobody is signed in",
    403: "It belongs to another account",
    404: "There is no such thing",
    406: "There is no such representation",
    409: "Something is taken, or has changed meanwhile",
    412: "The product has changed meanwhile",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "The request is not valid",
    428: "If-Match is missing",
    429: "Too many failed sign-ins",
    503: "The carrier has not answered yet",
}
FIELDS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
BODY = (400, 413, 415, 422)
TEXT = {"type": "string"}
PUBLIC: list[Any] = []


def content(schema: str, *others: str) -> dict[str, Any]:
    """Return a JSON content of the schema of this name, and others that are text."""
    json = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {**json, **{media: {"schema": TEXT} for media in others}}


def fields(*names: str) -> dict[str, Any]:
    """Return header fields that are always there."""
    return {"headers": {name: {"required": True, "schema": TEXT} for name in names}} if names else {}


def failures(*statuses: int) -> dict[str, Any]:
    """Return the error responses of these statuses."""
    return {
        str(status): {
            "description": REASONS[status],
            "content": content("Error"),
            **fields(*([FIELDS[status]] if status in FIELDS else [])),
        }
        for status in statuses
    }


def gives(schema: str, *errors: int, status: int = 200, also: str = "", sets: tuple[str, ...] = ()) -> Any:
    """Return the responses of an operation; `also` is a second media type, `sets` header fields."""
    answer = {"description": "As asked", "content": content(schema, *([also] if also else []))}
    return {str(status): {**answer, **fields(*sets)}, **failures(*errors)}


def takes(schema: str) -> dict[str, Any]:
    """Return the request body of the schema of this name."""
    return {"required": True, "content": content(schema)}


def parameter(where: str, name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    """Return a parameter."""
    return {"name": name, "in": where, "required": required, "schema": schema}


def operation(name: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an operation."""
    return {"operationId": name, "responses": responses, **more}


IF_MATCH = {"parameters": [parameter("header", "If-Match", required=True, type="string")]}
IF_NONE_MATCH = parameter("header", "If-None-Match", type="string")
KEY = parameter("header", "Idempotency-Key", type="string", minLength=8, maxLength=64)
PRODUCT = parameter("path", "product_id", required=True, type="string", format="uuid")
COMPLAINT = parameter("path", "complaint_id", required=True, type="integer", minimum=1, maximum=10**18 - 1)
ORDER = parameter("path", "order_id", required=True, type="integer", minimum=1, maximum=10**18 - 1)
SIZE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
CONDITIONAL = (401, 403, 404, 412, 428)
NOTHING = {"description": "Gone"}
SAME = {"description": "The client has it", **fields("ETag")}

PATHS: dict[str, Any] = {
    "/accounts": {
        "post": operation(
            "sign_up",
            gives("Account", 409, *BODY, status=201),
            requestBody=takes("SignUp"),
            security=PUBLIC,
        )
    },
    "/sessions": {
        "post": operation(
            "sign_in", gives("Token", 401, 429, *BODY), requestBody=takes("SignIn"), security=PUBLIC
        )
    },
    "/me": {"get": operation("me", gives("Account", 401))},
    "/products": {
        "get": operation(
            "list_products",
            gives("ProductPage", 422),
            parameters=[parameter("query", "cursor", type="string"), parameter("query", "page_size", **SIZE)],
            security=PUBLIC,
        ),
        "post": operation(
            "create_product",
            gives("Product", 401, 409, *BODY, status=201, sets=("Location", "ETag")),
            requestBody=takes("ProductInput"),
        ),
    },
    "/products/bulk": {
        "post": operation(
            "create_products",
            gives("ProductList", 401, 409, *BODY, status=201),
            requestBody=takes("Products"),
        )
    },
    "/products/{product_id}": {
        "parameters": [PRODUCT],
        "get": operation(
            "get_product",
            {**gives("Product", 404, 406, also="application/xml", sets=("ETag",)), "304": SAME},
            parameters=[IF_NONE_MATCH],
            security=PUBLIC,
        ),
        "put": operation(
            "replace_product",
            gives("Product", *CONDITIONAL, 409, *BODY, sets=("ETag",)),
            requestBody=takes("ProductInput"),
            **IF_MATCH,
        ),
        "patch": operation(
            "update_product",
            gives("Product", *CONDITIONAL, 409, *BODY, sets=("ETag",)),
            requestBody=takes("ProductPatch"),
            **IF_MATCH,
        ),
        "delete": operation("delete_product", {"204": NOTHING, **failures(*CONDITIONAL)}, **IF_MATCH),
    },
    "/orders": {
        "get": operation(
            "list_orders",
            gives("OrderPage", 401, 406, 422, also="text/csv"),
            parameters=[
                parameter("query", "limit", **SIZE),
                parameter("query", "offset", type="integer", minimum=0, maximum=10**9, default=0),
            ],
        ),
        "post": operation(
            "create_order",
            gives("Order", 401, *BODY, status=201, sets=("Location",)),
            requestBody=takes("OrderInput"),
            parameters=[KEY],
        ),
    },
    "/orders/batch": {
        "post": operation(
            "create_orders", gives("Results", 401, *BODY, status=207), requestBody=takes("Orders")
        )
    },
    "/orders/{order_id}": {
        "parameters": [ORDER],
        "get": operation("get_order", gives("Order", 401, 404)),
        "put": operation(
            "replace_order", gives("Order", 401, 404, 409, *BODY), requestBody=takes("OrderReplace")
        ),
        "patch": operation(
            "update_order", gives("Order", 401, 404, 409, *BODY), requestBody=takes("OrderPatch")
        ),
        "delete": operation("delete_order", {"204": NOTHING, **failures(401, 404)}),
    },
    "/orders/{order_id}/tracking": {
        "parameters": [ORDER],
        "get": operation("track_order", gives("Tracking", 401, 404, 503)),
    },
    "/complaints": {
        "post": operation(
            "create_complaint",
            gives("Complaint", 401, *BODY, status=201, sets=("Location",)),
            requestBody=takes("ComplaintInput"),
        ),
    },
    "/complaints/{complaint_id}": {
        "parameters": [COMPLAINT],
        "get": operation("get_complaint", gives("Complaint", 401, 404)),
        "patch": operation(
            "update_complaint", gives("Complaint", 401, 404, *BODY), requestBody=takes("ComplaintPatch")
        ),
        "delete": operation("delete_complaint", {"204": NOTHING, **failures(401, 404)}),
    },
}


def document() -> dict[str, Any]:
    """Return the document."""
    template = "#/components/schemas/{model}"
    kinds: list[Any] = [(m, "serialization") for m in GIVEN] + [(m, "validation") for m in TAKEN]
    schemas = models_json_schema(kinds, ref_template=template)[1]["$defs"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1.0.0"},
        "paths": PATHS,
        "security": [{"bearer": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
