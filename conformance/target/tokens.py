"""Tokens that a service must refuse: altered, unsigned, signed by a stranger, run out."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jwt

from conformance.model.service import Principal
from conformance.target import confusion
from conformance.target.credentials import is_credential_header

STRANGERS_KEY = "a key of the auditor's own, which no service can know 0123456789"
AN_HOUR = 3600
ELSEWHERE = "https://elsewhere.example"
KINDS = ("token_use", "token_type", "purpose", "typ", "type", "use")
"""Claims that tell what a token is for: to ask with, to renew a session, to confirm an address."""
JWT = re.compile(r"eyJ[\w-]*\.eyJ[\w-]*\.[\w-]*")
"""The compact form of RFC 7515 §3.1, alone or in a cookie: two JSON objects, a signature."""


def bad_tokens(owner: Principal) -> Iterator[Principal]:
    """Principals with the owner's credentials spoiled, one way each; the name says which."""
    yield Principal("forged", _spoiled(owner.headers, _altered))
    yield Principal("truncated", _spoiled(owner.headers, _cut))
    schemes = {
        n: v.partition(" ")[0] for n, v in owner.headers.items() if n.lower() == "authorization" and " " in v
    }
    if schemes:
        yield Principal("scheme alone", {**owner.headers, **schemes})
    claims = _claims(owner.headers)
    if claims is not None:
        header, payload = claims
        yield _with(owner, "unsigned", _unsigned(header, payload))
        yield Principal("unsealed", {n: JWT.sub(_unsealed, v) for n, v in owner.headers.items()})
        yield _with(owner, "foreign", confusion.foreign(header, payload, STRANGERS_KEY))
    if owner.expired_headers:
        yield Principal("expired", owner.expired_headers)


def self_verified(headers: Mapping[str, str], keys: Iterable[str]) -> Iterator[Principal]:
    """The same credentials in tokens that say themselves how to verify them; the name says in which way.

    `keys` are the service's public keys. Nobody where there is no JWT.
    """
    claims = _claims(headers)
    for name, token in confusion.confused(*claims, keys) if claims else ():
        yield _with(Principal("", headers), name, token)


def signs_in_private(headers: Mapping[str, str]) -> bool:
    """Whether there is a JWT whose signature is verified with a public key (RFC 7518 §3.1)."""
    claims = _claims(headers)
    return claims is not None and str(claims[0].get("alg", ""))[:2] in ("RS", "PS", "ES", "Ed")


def misdirected(headers: Mapping[str, str], key: str, algorithm: str) -> Iterator[Principal]:
    """The same credentials, signed with the service's key, made for something else; the name says for what.

    First `resigned`, where nothing is changed: what is right of it is right of the others. A claim is changed
    only where the good token carries it (RFC 7519 §4.1.1, §4.1.3, §4.1.5; RFC 8725 §3.11).

    Raises `ValueError` where the key does not suit the algorithm.
    """
    claims = _claims(headers)
    if claims is None:
        return
    header, payload = claims
    changes: dict[str, dict[str, Any]] = {"resigned": {}}
    if "aud" in payload:
        changes["other audience"] = {"aud": ELSEWHERE}
    if "iss" in payload:
        changes["other issuer"] = {"iss": ELSEWHERE}
    if "nbf" in payload:
        changes["not yet valid"] = {"nbf": int(time.time()) + AN_HOUR}
    kind = next((name for name in KINDS if isinstance(payload.get(name), str)), None)
    if kind is not None:
        changes["other kind"] = {kind: "refresh" if payload[kind] != "refresh" else "access"}
    for name, changed in changes.items():
        yield _with(Principal("", headers), name, _signed(header, payload | changed, key, algorithm))


def expired(headers: Mapping[str, str], key: str, algorithm: str) -> dict[str, str] | None:
    """The same credentials an hour after their end, signed with the service's key; None for no JWT.

    Raises `ValueError` where the key does not suit the algorithm.
    """
    claims = _claims(headers)
    if claims is None:
        return None
    header, payload = claims
    now = int(time.time())
    payload |= {"exp": now - AN_HOUR}
    for name in ("iat", "nbf"):
        if name in payload:
            payload[name] = now - 2 * AN_HOUR
    return dict(_with(Principal("", headers), "", _signed(header, payload, key, algorithm)).headers)


def _signed(header: dict[str, Any], payload: dict[str, Any], key: str, algorithm: str) -> str:
    extra = {k: v for k, v in header.items() if k not in ("alg", "typ")}
    try:
        return jwt.encode(payload, key, algorithm=algorithm, headers=extra)
    except (jwt.PyJWTError, NotImplementedError, TypeError) as error:
        raise ValueError(str(error)) from error


def _claims(headers: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The header and the payload of the first JWT (RFC 7519) among the credentials."""
    for token in JWT.findall(" ".join(headers.values())):
        try:
            return (
                dict(jwt.get_unverified_header(token)),
                dict(jwt.decode(token, options={"verify_signature": False})),
            )
        except jwt.PyJWTError:
            continue
    return None


def _with(owner: Principal, name: str, token: str) -> Principal:
    """The owner's headers with the JWTs in them replaced."""
    return Principal(name, {key: JWT.sub(lambda _: token, value) for key, value in owner.headers.items()})


def _unsigned(header: dict[str, Any], payload: dict[str, Any]) -> str:
    """RFC 8725 §3.1: an attacker writes `alg: none` and leaves the signature out."""
    parts = (header | {"alg": "none"}, payload)
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return ".".join([*coded, ""])


def _unsealed(token: re.Match[str]) -> str:
    """The token as it came, but for its signature."""
    return token[0].rpartition(".")[0] + "."


def _spoiled(headers: Mapping[str, str], spoil: Callable[[str], str]) -> dict[str, str]:
    """With each credential spoiled; where no header is known to carry one, with each header spoiled."""
    secret = {name for name in headers if is_credential_header(name)} or set(headers)
    return {
        name: (_in_cookies(value, spoil) if name.lower() == "cookie" else spoil(value))
        if name in secret
        else value
        for name, value in headers.items()
    }


def _in_cookies(value: str, spoil: Callable[[str], str]) -> str:
    pairs = (pair.partition("=") for pair in value.split(";"))
    return ";".join(f"{name}{equals}{spoil(content)}" for name, equals, content in pairs)


def _altered(value: str) -> str:
    """One character changed near the end, where each bit of a signature counts."""
    at = max(len(value) - 6, value.rfind(" ") + 1)
    return value[:at] + ("A" if value[at : at + 1] != "A" else "B") + value[at + 1 :]


def _cut(value: str) -> str:
    """Without its last ten characters, but with its scheme."""
    return value[: max(len(value) - 10, value.rfind(" ") + 1)].rstrip()
