"""Idempotency-Key: the same request again has the same answer and does nothing more."""

import hashlib
from http import HTTPStatus

from aiohttp import web

from .errors import Refused
from .forms import unfit
from .store import STORE, Row

LONGEST = 64


def key_of(request: web.Request, account: Row) -> tuple[str, str] | None:
    """Return the account's key; None where none is sent. Raises 422 where it is too short or too long."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 8 <= len(key) <= LONGEST:
        raise unfit("Idempotency-Key", f"must have 8 to {LONGEST} characters")
    return str(account["id"]), key


def answered_before(request: web.Request, key: tuple[str, str] | None, body: bytes) -> Row | None:
    """Return the answer that the key had; None where it had none. Raises 422 where the body was another."""
    found = request.app[STORE].answered.get(key) if key else None
    if found is None:
        return None
    digest, answer = found
    if digest != hashlib.sha256(body).digest():
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "This key was used with another body.")
    return answer


def remember(request: web.Request, key: tuple[str, str] | None, body: bytes, answer: Row) -> None:
    """Keep the answer for the next request of this key."""
    if key is not None:
        request.app[STORE].answered[key] = (hashlib.sha256(body).digest(), answer)
