"""Tokens that a service must refuse: altered, unsigned, signed by a stranger, run out."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import jwt

from conformance.model.service import Principal

STRANGERS_KEY = "a key of the auditor's own, which no service can know 0123456789"
AN_HOUR = 3600


def bad_tokens(owner: Principal) -> Iterator[Principal]:
    """Principals with the owner's credentials spoiled, one way each; the name says which."""
    yield Principal("forged", {name: _altered(value) for name, value in owner.headers.items()})
    claims = _claims(owner.headers)
    if claims is not None:
        header, payload = claims
        yield _with(owner, "unsigned", _unsigned(header, payload))
        algorithm = header["alg"] if str(header.get("alg", "")).startswith("HS") else "HS256"
        extra = {k: v for k, v in header.items() if k not in ("alg", "typ")}
        signed = jwt.encode(payload, STRANGERS_KEY, algorithm=algorithm, headers=extra)
        yield _with(owner, "foreign", signed)
    if owner.expired_headers:
        yield Principal("expired", owner.expired_headers)


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
    extra = {k: v for k, v in header.items() if k not in ("alg", "typ")}
    try:
        token = jwt.encode(payload, key, algorithm=algorithm, headers=extra)
    except (jwt.PyJWTError, NotImplementedError, TypeError) as error:
        raise ValueError(str(error)) from error
    return dict(_with(Principal("", headers), "", token).headers)


def _claims(headers: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The header and the payload of the first JWT (RFC 7519) among the credentials."""
    for value in headers.values():
        token = value.rpartition(" ")[2]
        try:
            return (
                dict(jwt.get_unverified_header(token)),
                dict(jwt.decode(token, options={"verify_signature": False})),
            )
        except jwt.PyJWTError:
            continue
    return None


def _with(owner: Principal, name: str, token: str) -> Principal:
    """The owner's headers with the JWT in them replaced."""
    headers = {}
    for key, value in owner.headers.items():
        scheme, space, found = value.rpartition(" ")
        headers[key] = f"{scheme}{space}{token}" if found.count(".") == 2 else value
    return Principal(name, headers)


def _unsigned(header: dict[str, Any], payload: dict[str, Any]) -> str:
    """RFC 8725 §3.1: an attacker writes `alg: none` and leaves the signature out."""
    parts = (header | {"alg": "none"}, payload)
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return ".".join([*coded, ""])


def _altered(value: str) -> str:
    """One character changed near the end, where each bit of a signature counts."""
    at = max(len(value) - 6, 0)
    return value[:at] + ("A" if value[at : at + 1] != "A" else "B") + value[at + 1 :]
