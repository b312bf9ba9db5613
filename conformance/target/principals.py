"""Those who speak to the service: configured, else signed up and in as the document says."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from conformance.config import Config, Tokens
from conformance.errors import UsageProblem
from conformance.model.bodies import Sampler
from conformance.model.operation import Operation
from conformance.model.record import ANONYMOUS, Exchange
from conformance.model.service import Principal, Service
from conformance.target.confusion import public_keys
from conformance.target.granted import granted
from conformance.target.jwks import shown_keys
from conformance.target.openapi import Document
from conformance.target.tokens import expired, misdirected, self_verified, signs_in_private
from conformance.target.transport import Transport

SIGN_IN_WORDS = ("token", "login", "signin", "sign-in", "sign_in", "session", "auth")
SIGN_UP_WORDS = ("register", "signup", "sign-up", "sign_up")
NAME_FIELDS = ("username", "email", "login", "user", "name")
NAMES = ("alice", "bob")


@dataclass(frozen=True, slots=True)
class Account:
    """A principal of the kit's own making, what was sent to sign it up and what came back."""

    principal: Principal
    shown: Mapping[str, Any] = field(repr=False)
    sent: Mapping[str, Any] = field(repr=False)


class Accounts:
    """Makes accounts through the service's own sign-up and sign-in, as many as are asked for."""

    def __init__(self, service: Service, transport: Transport, sampler: Sampler, config: Config) -> None:
        self._service = service
        self._transport = transport
        self._sampler = sampler
        self._tokens = config.tokens
        self.made: list[Account] = []
        document = service.document
        self.sign_in = _named(document, config.accounts.sign_in) or sign_in_operation(document)
        self.sign_up = _named(document, config.accounts.sign_up) or sign_up_operation(document, self.sign_in)

    @property
    def missing(self) -> str:
        """What the document lacks for accounts to be made; empty where it lacks nothing."""
        if self._transport.door.read_only:
            return "nothing may be written, so nobody was signed up"
        return "" if self.sign_up and self.sign_up.body else "the document declares no open sign-up"

    def make(
        self,
        name: str,
        *,
        scenario: str = "principals",
        trace: str = "",
        step: str = "sign-up",
        like: Mapping[str, Any] | None = None,
    ) -> Account | None:
        """Sign up and in; None where either is refused. The sign-up is recorded as `step`.

        `like` gives values for fields of the sign-up, such as another account has.
        """
        if self.sign_up is None or self.sign_up.body is None:
            return None
        said = {"scenario": scenario, "trace": trace or f"principals/{name}"}
        sent = self._sampler.value(self.sign_up.body.schema)
        if like and isinstance(sent, dict):
            sent |= {k: v for k, v in like.items() if k in sent}
        made = self._post(self.sign_up, sent, step=step, **said)
        if made is None or not made.ok or made.response is None or not isinstance(sent, dict):
            return None
        headers = self._headers(sent, said)
        if headers is not None:
            again = {"scenario": "principals", "trace": f"principals/{name}", "step": "sign-in again"}
            self._transport.renewals.know(headers, lambda: self._headers(sent, again))
        headers = headers or granted(self._service.document, made, sent)
        if headers is None:
            return None
        shown = made.response.json if isinstance(made.response.json, dict) else {}
        values = [sent.get(n) for n in NAME_FIELDS] + [shown.get(n) for n in ("id", "uuid", *NAME_FIELDS)]
        identity = frozenset(str(v) for v in values if isinstance(v, str | int))
        principal = Principal(name, headers, _expired(headers, self._tokens), identity=identity)
        account = Account(principal, shown, sent)
        if scenario == "principals":
            self.made.append(account)
        return account

    def misdirected(self, headers: Mapping[str, str]) -> list[Principal]:
        """Whoever has these credentials with tokens made for something else; nobody without [tokens]."""
        if self._tokens is None or self._tokens.key is None:
            return []
        try:
            return list(misdirected(headers, self._tokens.key, self._tokens.algorithm))
        except ValueError as error:
            raise _cannot_sign(error) from error

    def self_verified(self, headers: Mapping[str, str]) -> list[Principal]:
        """Whoever has these credentials in tokens that say themselves how to verify them (RFC 8725 §3.1).

        The service's public keys are the configured ones, else those that it shows.
        """
        keys: list[str] = []
        if signs_in_private(headers):
            given = (self._tokens.public_key, self._tokens.key) if self._tokens else ()
            keys = [pem for text in given if text for pem in public_keys(text)]
            keys = keys or shown_keys(self._service, self._transport, headers)
        return list(self_verified(headers, keys))

    def refusal(self, name: str) -> str:
        """Why `make` gave None: the last thing that was asked for this name, and its answer."""
        asked = [e for e in self._transport.record if e.trace == f"principals/{name}"]
        if not asked:
            return f"nothing could be sent to sign {name} up"
        return f"{name} asked {asked[-1].operation} and got {asked[-1].status or 'no answer'}"

    def _headers(self, account: dict[str, Any], said: dict[str, str]) -> dict[str, str] | None:
        if self.sign_in is None or self.sign_in.body is None:
            return None
        wanted = _fields(self._service.document, self.sign_in)
        for name in NAME_FIELDS:
            if name in account:
                filled = {
                    key: account[key] if key in account else account[name]
                    for key in (*NAME_FIELDS, "password")
                    if key in wanted
                }
                answer = self._post(self.sign_in, filled, **{"step": "sign-in", **said})
                found = granted(self._service.document, answer, account) if answer else None
                if found:
                    return found
        return None

    def _post(self, operation: Operation, data: Any, **said: Any) -> Exchange | None:
        form = operation.body is not None and "json" not in operation.body.media_type
        return self._transport.call(
            operation,
            principal=ANONYMOUS,
            headers={"content-type": "application/x-www-form-urlencoded" if form else "application/json"},
            body=(urlencode(data) if form else json.dumps(data)).encode(),
            facts={"sent": data},
            **said,
        )


def configured(config: Config) -> Iterator[Principal]:
    """The principals of the configuration, those that are active first."""
    for state in ("active", "disabled"):
        for name, table in config.principals.items():
            if table.state == state:
                gone = table.expired_headers or _expired(table.headers, config.tokens)
                yield Principal(name, table.headers, gone, table.state)


def _expired(headers: Mapping[str, str], tokens: Tokens | None) -> dict[str, str] | None:
    if tokens is None or tokens.key is None:
        return None
    try:
        return expired(headers, tokens.key, tokens.algorithm)
    except ValueError as error:
        raise _cannot_sign(error) from error


def _cannot_sign(error: ValueError) -> UsageProblem:
    return UsageProblem(f"[tokens] cannot sign: {error}.")


def introduce(service: Service, accounts: Accounts, config: Config) -> None:
    """Give the service its principals: the configured ones, else two of the kit's own making.

    Where there are none, `service.why_no_principals` says why.
    """
    service.accounts = accounts.sign_up
    if config.principals:
        known = list(configured(config))
        service.principals = [p for p in known if p.state == "active"]
        service.disabled = [p for p in known if p.state == "disabled"]
    if service.principals:
        return
    service.why_no_principals = accounts.missing
    if service.why_no_principals:
        return
    for name in NAMES:
        made = accounts.make(name)
        if made is None:
            service.why_no_principals = accounts.refusal(name)
            return
        service.principals.append(made.principal)


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
        fields = _fields(document, operation)
        signs_up = any(word in operation.path.lower() for word in SIGN_UP_WORDS)
        if operation.method == "POST" and named and "password" in fields and not signs_up:
            return operation
    return None


def sign_up_operation(document: Document, sign_in: Operation | None) -> Operation | None:
    """The open POST whose body has a password and which is not the sign-in."""
    for operation in document.operations:
        opens = operation.method == "POST" and not operation.protected and not operation.path_names
        if opens and operation is not sign_in and "password" in _fields(document, operation):
            return operation
    return None


def _named(document: Document, label: str | None) -> Operation | None:
    if label is None:
        return None
    found = next((op for op in document.operations if op.label == label), None)
    if found is None:
        raise UsageProblem(f"[accounts] names {label!r}, which the document does not have.")
    return found


def _fields(document: Document, operation: Operation) -> set[str]:
    return set(document.properties(operation.body.schema)) if operation.body else set()
