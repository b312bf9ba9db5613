"""What the answer to a sign-in lets a client send."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.model.record import Exchange
from conformance.target.openapi import Document

TOKEN_FIELDS = ("access_token", "accessToken", "token", "jwt", "id_token", "key", "auth_token")
PREFIX = re.compile(r"\bprefix:? *[\"'`](?P<named>[A-Za-z]\w*)|\b(?P<shown>[A-Za-z]\w*) [<{\[]")
"""How descriptions of a key in `Authorization` tell its scheme: `prefix "Token"`, `Token <key>`."""
BEARER = "Bearer"


def granted(document: Document, answer: Exchange, account: Mapping[str, Any]) -> dict[str, str] | None:
    """A token in its header, or a cookie; None where the answer holds neither.

    A token is never one of the `account`'s own values.
    """
    if answer.response is None or not answer.ok:
        return None
    token = _token(answer.response.json, set(map(str, account.values())))
    if token:
        return _presented(token, document.security_schemes.values())
    cookies = [v.split(";")[0] for k, v in answer.response.headers if k.lower() == "set-cookie"]
    return {"cookie": "; ".join(cookies)} if cookies else None


def _presented(token: str, schemes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The header field in which a client presents the token (OpenAPI 3.1 §4.8.27)."""
    keyed: list[Mapping[str, Any]] = []
    for scheme in schemes:
        kind, word = scheme.get("type"), str(scheme.get("scheme", BEARER))
        if kind in ("oauth2", "openIdConnect") or (kind == "http" and word.lower() == "bearer"):
            return {"authorization": f"{BEARER} {token}"}
        if kind == "http" and word.lower() not in ("basic", "digest"):
            return {"authorization": f"{word} {token}"}
        if kind == "apiKey" and scheme.get("in") == "header":
            keyed.append(scheme)
    if not keyed:
        return {"authorization": f"{BEARER} {token}"}
    name = str(keyed[0].get("name", "Authorization"))
    if name.lower() != "authorization":
        return {name: token}
    said = PREFIX.search(str(keyed[0].get("description", "")))
    return {name: f"{(said['named'] or said['shown']) if said else BEARER} {token}"}


def _token(data: Any, known: set[str]) -> str | None:
    """A token in a JSON answer, at the top or below."""
    if not isinstance(data, dict):
        return None
    for key in TOKEN_FIELDS:
        value = data.get(key)
        if isinstance(value, str) and len(value) >= 8 and value not in known:
            return value
    return next((t for t in (_token(v, known) for v in data.values()) if t), None)
