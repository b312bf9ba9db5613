"""A first `conformance.toml` for a service, written from its document (`service-conformance init`)."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import UsageProblem
from conformance.model.actions import by_one
from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.record import Record
from conformance.model.resources import Resource, find_resources, parent_of
from conformance.report.text import plain
from conformance.target.document import DEFAULT, obtain
from conformance.target.openapi import Document, parse
from conformance.target.ownership import sweeps
from conformance.target.principals import sign_in_operation, sign_up_operation
from conformance.target.transport import Door, Transport

BARE = re.compile(r"[A-Za-z0-9_-]+")
OUTSIDE = re.compile(
    r"(e?mail|sms|notif(y|ication)|webhook|payment|charge|checkout|invoice|refund|invit(e|ation)|import|backup)",
    re.IGNORECASE,
)
"""Words in a path of what may be felt outside the service: a letter, a payment."""


def read(url: str | None, openapi: str | None, folder: Path) -> tuple[Document, str]:
    """The document of a service, or of a file, and how the configuration names it.

    Asks the service with GET alone. Raises `ConformanceError` where there is no such document.
    """
    if url is None:
        file = folder / str(openapi)
        try:
            return parse(file.read_bytes(), str(openapi)), str(openapi)
        except OSError as error:
            raise UsageProblem(f"{openapi} cannot be read: {error.strerror}.") from error
    transport = Transport(url, Record(), Door(read_only=True))
    try:
        return obtain(openapi, folder, transport, {}).document, openapi or DEFAULT
    finally:
        transport.close()


def write(document: Document, *, url: str | None, openapi: str) -> str:
    """The text: what is known is set, what may be added stands in comments and may be taken out of them.

    A place to fill in has an ellipsis, which no header field may have: the configuration is refused with it.
    """
    parts = (
        _head(document),
        _target(document, url, openapi),
        _principals(document),
        _accounts(document),
        _resources(document),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _head(document: Document) -> Iterator[str]:
    yield f"# How service-conformance audits {plain(document.title) or 'this service'}, as `init` wrote it."
    yield "# Lines in comments are as the kit sees the service by itself, to be changed where that is wrong,"
    yield "# or places to fill in. `service-conformance audit --plan` shows what it makes of this file."


def _target(document: Document, url: str | None, openapi: str) -> Iterator[str]:
    yield "[target]"
    if url:
        scheme, _, rest = url.partition("://")
        yield f"url = {_text('://'.join((scheme, rest.rpartition('@')[2])))}"
        if "@" in rest:
            yield "# The address had credentials, which are not kept here:"
            yield '# headers = { Authorization = "Basic …" }'
    else:
        known = next((s for s in document.servers if s.startswith(("http://", "https://"))), None)
        yield f"# url = {_text(known or 'http://127.0.0.1:8000')}"
    yield '# command = "uvicorn app.main:app --port {port}"  # in place of `url`: the kit starts the service'
    yield f"openapi = {_text(openapi)}"
    swept = [op.label for op in document.operations if sweeps(op.method, op.path, fresh=True)]
    if swept:
        yield "# Never called, as they may touch what an audit did not make:"
        yield from (f"#   {plain(label)}" for label in swept)
    outside = [op.label for op in document.operations if not op.safe and OUTSIDE.search(op.path)]
    yield "# What is never to be called, because it is felt outside the service, say:"
    yield f"# exclude = {_list(outside or ['POST /admin/*'])}"


def _principals(document: Document) -> Iterator[str]:
    schemes = document.security_schemes
    if not schemes:
        yield "# The document declares no security scheme; requests leave without credentials."
        return
    headers = [h for scheme in schemes.values() if (h := _header(scheme))]
    yield f"# Declared: {plain(', '.join(schemes))}. Without principals the kit signs up two, if it can."
    if not headers:
        yield "# None of these travels in a header, and the kit sends credentials in headers only."
        return
    chosen = headers[0]
    for name, about in (
        ("alice", "owns what she makes"),
        ("bob", "must not touch what is alice's"),
        ("carol", "has an account that is switched off"),
    ):
        yield f"# [principals.{name}]  # {about}"
        yield f"# headers = {chosen}"
        if name == "carol":
            yield '# state = "disabled"'
    if "Bearer" in chosen:
        yield "# [tokens]  # with the key that signs them the kit makes tokens that ran out"
        yield '# key = "…"'
        yield '# algorithm = "HS256"'


def _header(scheme: Mapping[str, Any]) -> str | None:
    """The header fields of a scheme as an inline table, with a place to fill in (OpenAPI 3.1 §4.8.27)."""
    kind, where = scheme.get("type"), scheme.get("in")
    if kind in ("oauth2", "openIdConnect"):
        return '{ Authorization = "Bearer …" }'
    if kind == "http":
        basic = str(scheme.get("scheme", "")).lower() == "basic"
        return f'{{ Authorization = "{"Basic" if basic else "Bearer"} …" }}'
    if kind == "apiKey" and where == "header":
        return f'{{ {_key(str(scheme.get("name", "X-API-Key")))} = "…" }}'
    if kind == "apiKey" and where == "cookie":
        return f"{{ Cookie = {_text(str(scheme.get('name', 'session')) + '=…')} }}"
    return None


def _accounts(document: Document) -> Iterator[str]:
    sign_in = sign_in_operation(document)
    sign_up = sign_up_operation(document, sign_in)
    if sign_in is None and sign_up is None:
        return
    yield "[accounts]"
    yield "# How the kit makes the accounts that it audits with."
    for name, operation in (("sign_up", sign_up), ("sign_in", sign_in)):
        yield f"{name} = {_text(operation.label)}" if operation else f'# {name} = "POST /…"'


def _resources(document: Document) -> Iterator[str]:
    resources = find_resources(document)
    if not resources:
        yield "# No resource was found: a collection that can be listed or added to, with items below it."
        yield "# [resources.things]"
        yield '# collection = "/things"'
        yield '# item = "/things/{id}"'
        return
    yield "# The resources as found. A table changes the keys that it has; `delete = false`: there is none."
    names = Counter(_noun(resource) for resource in resources)
    for resource in resources:
        name = _noun(resource) if names[_noun(resource)] == 1 else resource.name.strip("/")
        yield ""
        yield f"# [resources.{_key(name)}]"
        yield from (f"# {line}" for line in _resource(resource, resources))


def _resource(resource: Resource, resources: Iterable[Resource]) -> Iterator[str]:
    above = parent_of(resource, resources)
    yield f"collection = {_text(resource.name)}"
    yield f"item = {_text(resource.item)}"
    if above:
        yield f"parent = {_text(above.name)}"
    yield f"identifier = {_text(resource.key)}"
    unique = list(dict.fromkeys(op.path_names[-1] for op in resource.lookups if by_one(op)))
    if unique:
        yield f"# unique = {_list(unique)}  # a second one is then to be refused with 409"
    for name, operation in (
        ("create", resource.create),
        ("list", resource.list),
        ("read", resource.read),
        ("replace", resource.replace),
        ("update", resource.patch),
        ("delete", resource.delete),
    ):
        if operation:
            yield f"{name} = {_asked(operation) if name == 'list' else _text(operation.label)}"
    for name, several in (("actions", resource.actions), ("bulk", resource.bulk)):
        if several:
            yield f"{name} = {_list([op.label for op in several])}"


def _asked(operation: Operation) -> str:
    """A list; one by POST with the names of what asks for a page of it."""
    paging = paging_of(operation)
    names = {"limit": paging.size, "offset": paging.offset, "page": paging.page, "cursor": paging.cursor}
    known = [f"{kind} = {_text(name)}" for kind, name in names.items() if name]
    if operation.safe or not known:
        return _text(operation.label)
    return f"{{ {', '.join([f'operation = {_text(operation.label)}', *known])} }}"


def _noun(resource: Resource) -> str:
    return resource.name.rpartition("/")[2]


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """A basic string: JSON's is one (TOML 1.0), without surrogate pairs and with DEL escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
