"""The document as a whole: servers, paths and components."""

from typing import Any

from conformance.target.swagger2.nodes import Node, items, kept, named, nodes, pairs
from conformance.target.swagger2.operation import IN_BODY, OperationConverter
from conformance.target.swagger2.schema import SchemaConverter

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
FLOWS = {
    "implicit": ("implicit", ("authorizationUrl",)),
    "password": ("password", ("tokenUrl",)),
    "application": ("clientCredentials", ("tokenUrl",)),
    "accessCode": ("authorizationCode", ("authorizationUrl", "tokenUrl")),
}


def upgrade(raw: dict[str, Any]) -> dict[str, Any]:
    """The document as OpenAPI 3.0.3; `raw` is left as it is.

    What is malformed is left out and raises nothing: whether `raw` is valid is judged elsewhere. An
    operation's own `schemes` are left out as well, for the target's address comes from the user. Where
    no media type is given, JSON is assumed.
    """
    schema = SchemaConverter()
    convert = OperationConverter(raw, schema)
    components = {
        "schemas": {name: schema(node) for name, node in named(raw.get("definitions"))},
        "parameters": {
            name: parameter
            for name, node in named(raw.get("parameters"))
            if node.get("in") not in IN_BODY and (parameter := convert.parameter(node))
        },
        "responses": {name: convert.response(node, {}) for name, node in named(raw.get("responses"))},
        "securitySchemes": {
            name: scheme
            for name, node in named(raw.get("securityDefinitions"))
            if (scheme := _security_scheme(node))
        },
    }
    return {
        "openapi": "3.0.3",
        **kept(raw, ("info", "tags", "externalDocs", "security")),
        **_servers(raw),
        "paths": {path: _path_item(item, convert) for path, item in nodes(raw.get("paths"))},
        "components": {name: table for name, table in components.items() if table},
    }


def _path_item(item: Node, convert: OperationConverter) -> Node:
    shared = items(item.get("parameters"))
    return {
        **kept(item, ("$ref",)),
        **convert.parameters(shared),
        **{
            method: convert.operation(item[method], shared)
            for method in METHODS
            if isinstance(item.get(method), dict)
        },
    }


def _servers(raw: Node) -> Node:
    host, base = raw.get("host"), raw.get("basePath")
    path = base if isinstance(base, str) else ""
    if not isinstance(host, str) or not host:
        return {"servers": [{"url": path}]} if path else {}
    schemes = [scheme for scheme in items(raw.get("schemes")) if isinstance(scheme, str)]
    # Without a scheme it is the one by which the document came.
    urls = [f"{scheme}://{host}{path}" for scheme in schemes] or [f"//{host}{path}"]
    return {"servers": [{"url": url} for url in urls]}


def _security_scheme(node: Node) -> Node | None:
    described = kept(node, ("description",))
    kind, flow = node.get("type"), node.get("flow")
    if kind == "basic":
        return {"type": "http", "scheme": "basic", **described}
    if kind == "apiKey":
        return {"type": "apiKey", **kept(node, ("name", "in")), **described}
    if kind == "oauth2" and isinstance(flow, str) and flow in FLOWS:
        name, urls = FLOWS[flow]
        scopes = {scope: str(text) for scope, text in pairs(node.get("scopes"))}
        return {"type": "oauth2", "flows": {name: {**kept(node, urls), "scopes": scopes}}, **described}
    return None
