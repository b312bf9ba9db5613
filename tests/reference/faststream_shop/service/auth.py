"""Who asks: opaque tokens, of which the shop keeps a digest."""

import hashlib
import secrets
import sqlite3
import time
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from .db import Db
from .errors import refuse

_SECONDS = 3600
# Small on purpose: the tests sign many up.
_COST = {"n": 2**10, "r": 8, "p": 1}
_bearer = HTTPBearer(auto_error=False)


def hash_password(password: str) -> str:
    """A salted hash."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{hashlib.scrypt(password.encode(), salt=salt, **_COST).hex()}"


def password_fits(password: str, stored: str) -> bool:
    """Whether it is the one that was hashed."""
    salt, _, digest = stored.partition(":")
    found = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_COST)
    return secrets.compare_digest(found.hex(), digest)


NOBODY = hash_password("nobody has this password")


def issue_token(connection: sqlite3.Connection, customer_id: str) -> str:
    """A new token of the customer."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        "INSERT INTO token VALUES (?, ?, ?)", (_digest(token), customer_id, time.time() + _SECONDS)
    )
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _customer(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)], connection: Db) -> str:
    row = (
        given
        and connection.execute(
            "SELECT customer_id FROM token WHERE digest = ? AND expires_at > ?",
            (_digest(given.credentials), time.time()),
        ).fetchone()
    )
    if not row:
        raise refuse(401, "unauthorized", "A valid token is needed.")
    return str(row["customer_id"])


# The id of the customer who asks.
Me = Annotated[str, Depends(_customer)]
