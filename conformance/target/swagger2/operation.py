"""Operations of OpenAPI 2.0: parameters, bodies, forms and responses."""

from collections.abc import Mapping
from typing import Any

from conformance.target.swagger2.nodes import Node, items, kept, mapping, named, nodes, pairs
from conformance.target.swagger2.schema import SchemaConverter, located, simple_schema

KEPT = ("tags", "summary", "description", "externalDocs", "operationId", "deprecated", "security")
KEPT_PARAMETER = ("name", "in", "description", "required", "allowEmptyValue")
IN_BODY = ("body", "formData")
MEDIA_TYPE = "application/json"
"""What is assumed where neither `consumes` nor `produces` says anything."""
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
STYLES = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
"""`csv` and `multi` are `form`; 3.0 has nothing for `tsv`, which becomes `form` too."""
MAX_HOPS = 32


class OperationConverter:
    """Converts what is in and below operations; `raw` is the whole document."""

    def __init__(self, raw: Node, schema: SchemaConverter) -> None:
        self._raw = raw
        self._schema = schema

    def operation(self, node: Node, shared: list[Any]) -> Node:
        """One operation; `shared` are the parameters of its path.

        3.0 has no body for a whole path: what the path shares goes to each of its operations.
        """
        own = items(node.get("parameters"))
        return {
            **kept(node, KEPT),
            **self.parameters(own),
            **self._request_body([self._followed(p) for p in shared], [self._followed(p) for p in own], node),
            "responses": {
                status: self.response(response, node) for status, response in nodes(node.get("responses"))
            },
        }

    def parameters(self, listed: list[Any]) -> Node:
        """`parameters` where any is outside the body."""
        found = [self.parameter(node) for node in listed if self._followed(node).get("in") not in IN_BODY]
        return {"parameters": [node for node in found if node]} if any(found) else {}

    def parameter(self, node: Any) -> Node | None:
        """A parameter outside the body; None where it has no name or no place."""
        node = mapping(node)
        if isinstance(node.get("$ref"), str):
            return {"$ref": located(node["$ref"])}
        if not isinstance(node.get("name"), str) or node.get("in") not in ("path", "query", "header"):
            return None
        style: Node = {}
        if node.get("type") == "array":
            style = _array_style(node) if node["in"] == "query" else {"style": "simple"}
        return {**kept(node, KEPT_PARAMETER), **style, "schema": self._schema(simple_schema(node))}

    def response(self, node: Node, operation: Node) -> Node:
        """A response; a shared one has the document's media types, so who has its own gets a copy."""
        if isinstance(node.get("$ref"), str) and not isinstance(operation.get("produces"), list):
            return {"$ref": located(node["$ref"])}
        node = self._followed(node)
        content: Node = {}
        if isinstance(node.get("schema"), dict):
            media = {"schema": self._schema(node["schema"])}
            content = dict.fromkeys(self._media_types(operation, "produces") or [MEDIA_TYPE], media)
        for name, example in pairs(node.get("examples")):
            content[name] = {**content.get(name, {}), "example": example}
        headers = {
            name: {**kept(header, ("description",)), "schema": self._schema(simple_schema(header))}
            for name, header in named(node.get("headers"))
        }
        return {
            "description": str(node.get("description", "")),
            **({"headers": headers} if headers else {}),
            **({"content": content} if content else {}),
        }

    def _request_body(self, shared: list[Node], own: list[Node], operation: Node) -> Node:
        consumes = self._media_types(operation, "consumes")
        whole = next((node for node in [*own, *shared] if node.get("in") == "body"), None)
        if whole is not None:
            media = {"schema": self._schema(whole.get("schema"))}
            body = {
                **kept(whole, ("description",)),
                "required": whole.get("required") is True,
                "content": dict.fromkeys(consumes or [MEDIA_TYPE], media),
            }
            return {"requestBody": body}
        fields = {
            node["name"]: node
            for node in [*shared, *own]
            if node.get("in") == "formData" and isinstance(node.get("name"), str)
        }
        return {"requestBody": self._form(fields, consumes)} if fields else {}

    def _form(self, fields: Mapping[str, Node], consumes: list[str]) -> Node:
        required = [name for name, field in fields.items() if field.get("required") is True]
        schema = {
            "type": "object",
            "properties": {
                name: {**self._schema(simple_schema(field)), **kept(field, ("description",))}
                for name, field in fields.items()
            },
            **({"required": required} if required else {}),
        }
        arrays = {name: _array_style(f) for name, f in fields.items() if f.get("type") == "array"}
        files = any(field.get("type") == "file" for field in fields.values())
        media = [name for name in consumes if name.split(";")[0].strip().lower() in (FORM, MULTIPART)]
        content: Node = {}
        for name in media or [MULTIPART if files else FORM]:
            # Only URL-encoded forms have styles (OpenAPI 3.0.3, Encoding Object).
            encoded = arrays and not name.strip().lower().startswith(MULTIPART)
            content[name] = {"schema": schema, **({"encoding": arrays} if encoded else {})}
        return {"required": bool(required), "content": content}

    def _media_types(self, operation: Node, key: str) -> list[str]:
        """`consumes` or `produces`: an operation's own, even if empty, takes the place of the document's."""
        own = operation.get(key)
        listed = own if isinstance(own, list) else items(self._raw.get(key))
        return [name for name in listed if isinstance(name, str)]

    def _followed(self, node: Any) -> Node:
        """A parameter or response with its own `$ref` followed; empty where it leads nowhere."""
        found = mapping(node)
        for _ in range(MAX_HOPS):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            root, _, rest = reference.partition("/")
            section, _, name = rest.partition("/")
            table = self._raw.get(section) if root == "#" and section in ("parameters", "responses") else None
            found = mapping(mapping(table).get(name.replace("~1", "/").replace("~0", "~")))
        return {}


def _array_style(node: Node) -> Node:
    form = node.get("collectionFormat")
    style = STYLES.get(form, "form") if isinstance(form, str) else "form"
    return {"style": style, "explode": form == "multi"}
