"""Passwords and access tokens."""

from datetime import timedelta
from typing import Protocol

import jwt
from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.config import Settings
from app.exceptions import UnauthorizedError
from app.models.base import MAX_ID, utc_now

ALGORITHM = "HS256"
hasher = PasswordHasher()
# Verified where there is no such user, so that the time of an answer does not tell who exists.
_DUMMY_HASH = hasher.hash("nobody has this password")


class Principal(Protocol):
    """Whom a request speaks for: a user, of whom the rules need no more than this."""

    @property
    def id(self) -> int:
        """The user's identifier."""


async def hash_password(password: str) -> str:
    """An Argon2id hash (RFC 9106), made in a thread: it takes tens of milliseconds."""
    return await run_sync(hasher.hash, password)


async def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one; takes as long where there is no hash at all."""
    return await run_sync(_verify, password, password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        hasher.verify(password_hash or _DUMMY_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(password_hash)


def create_access_token(user_id: int, settings: Settings) -> str:
    """A signed token (RFC 7519) for the user, valid for some minutes."""
    now = utc_now()
    claims = {
        "sub": str(user_id),
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "iat": now,
        "exp": now + timedelta(minutes=settings.access_token_minutes),
    }
    return jwt.encode(claims, settings.jwt_secret.get_secret_value(), ALGORITHM)


def read_access_token(token: str, settings: Settings) -> int:
    """The identifier of the token's user.

    Raises `UnauthorizedError` where signature, algorithm, issuer, audience or expiry are not right.
    """
    try:
        claims = jwt.decode(
            token,
            settings.jwt_secret.get_secret_value(),
            algorithms=[ALGORITHM],
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            options={"require": ["sub", "iss", "aud", "iat", "exp"]},
        )
        user_id = int(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as error:
        raise UnauthorizedError("The access token is not valid.") from error
    if not 1 <= user_id <= MAX_ID:
        raise UnauthorizedError("The access token is not valid.")
    return user_id
