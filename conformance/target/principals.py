"""Signs up and signs in two users, where the document says how; configuration comes first."""

import json
from urllib.parse import urlencode, urljoin, urlsplit

from conformance.model.bodies import Sampler
from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS
from conformance.model.service import Principal, Service
from conformance.target.openapi import Document
from conformance.target.transport import Transport

SIGN_IN_WORDS = ("token", "login", "signin", "sign-in", "session", "auth")
TOKEN_FIELDS = ("access_token", "token", "jwt", "id_token")
NAME_FIELDS = ("username", "email", "login", "user", "name")


def sign_in_operation(document: Document) -> Operation | None:
    """The operation that turns a password into a token: the OAuth2 token URL, or one named so."""
    for scheme in document.security_schemes.values():
        url = ((scheme.get("flows") or {}).get("password") or {}).get("tokenUrl")
        if url:
            path = "/" + urlsplit(urljoin("/", str(url))).path.strip("/")
            for operation in document.operations:
                if operation.method == "POST" and path.endswith(operation.path.rstrip("/")):
                    return operation
    for operation in document.operations:
        named = any(word in operation.path.lower() for word in SIGN_IN_WORDS)
        if operation.method == "POST" and named and "password" in _fields(document, operation):
            return operation
    return None


def sign_up_operation(document: Document, sign_in: Operation) -> Operation | None:
    """The open POST whose body has a password and which is not the sign-in."""
    for operation in document.operations:
        if operation.method == "POST" and operation is not sign_in and not operation.protected:
            if "password" in _fields(document, operation) and not operation.path_parameters:
                return operation
    return None


def _fields(document: Document, operation: Operation) -> set[str]:
    return set(document.properties(operation.body.schema)) if operation.body else set()


def make_principals(service: Service, transport: Transport, sampler: Sampler) -> None:
    """Add two principals of the kit's own making to `service`, or say why there are none."""
    document = service.document
    sign_in = sign_in_operation(document)
    if sign_in is None:
        service.why_no_principals = "the document declares no sign-in"
        return
    sign_up = service.accounts = sign_up_operation(document, sign_in)
    if sign_up is None or sign_up.body is None:
        service.why_no_principals = "the document declares no sign-up"
        return
    for name in ("alice", "bob"):
        account = sampler.value(sign_up.body.schema)
        made = transport.call(
            sign_up,
            scenario="principals",
            trace=f"principals/{name}",
            step="sign-up",
            principal=ANONYMOUS,
            headers={"content-type": "application/json"},
            body=json.dumps(account).encode(),
        )
        token = _sign_in(sign_in, document, transport, name, account) if made and made.ok else None
        if token is None:
            service.why_no_principals = f"{name} could not sign up and in by {sign_up.label}"
            return
        service.principals.append(Principal(name, {"authorization": f"Bearer {token}"}))


def _sign_in(
    operation: Operation,
    document: Document,
    transport: Transport,
    name: str,
    account: dict[str, object],
) -> str | None:
    wanted = _fields(document, operation) | {"username"}
    form = operation.body is not None and "json" not in operation.body.media_type
    for field in NAME_FIELDS:
        if field not in account:
            continue
        credentials = {
            key: account[key] if key in account else account[field]
            for key in ("username", "email", "login", "password")
            if key in wanted
        }
        body = urlencode(credentials) if form else json.dumps(credentials)
        media = "application/x-www-form-urlencoded" if form else "application/json"
        answer = transport.call(
            operation,
            scenario="principals",
            trace=f"principals/{name}",
            step="sign-in",
            principal=ANONYMOUS,
            headers={"content-type": media},
            body=body.encode(),
        )
        found = answer.response.json if answer and answer.response and answer.ok else None
        for key in TOKEN_FIELDS:
            if isinstance(found, dict) and isinstance(found.get(key), str):
                return str(found[key])
    return None
