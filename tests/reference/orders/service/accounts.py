"""Accounts: sign up, sign in, who am I. Sign-in is limited: ten failures a minute for one address."""

import hashlib
import hmac
import math
import secrets
import time
import uuid
from http import HTTPStatus
from typing import Any

import jwt
from aiohttp import web

from .errors import Refused, taken
from .forms import read
from .keys import sign, verify
from .models import Account, SignIn, SignUp
from .store import STORE, Row, now

ROUTES = web.RouteTableDef()
LASTS = 3600
FAILURES = 10
WINDOW = 60.0
ROUNDS = 2000
NOBODY = {"salt": b"nobody", "hash": b""}


def hashed(password: str, salt: bytes) -> bytes:
    """Return the hash of a password."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


def unauthorized(message: str) -> Refused:
    """Return a 401 with its challenge (RFC 6750 §3)."""
    return Refused(HTTPStatus.UNAUTHORIZED, message, headers={"WWW-Authenticate": 'Bearer realm="orders"'})


def signed_in(request: web.Request) -> Row:
    """Return the account that the request's token names, or raise 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("A bearer token is needed.")
    try:
        claims = verify(request.app, token.strip())
    except (jwt.InvalidTokenError, RecursionError):
        raise unauthorized("The token is not valid.") from None
    found = (row for row in request.app[STORE].accounts.values() if str(row["id"]) == claims["sub"])
    account = next(found, None)
    if account is None or account["disabled"]:
        raise unauthorized("The account is gone.")
    return account


def shown(row: Row) -> Any:
    """Return what an account may see of itself."""
    return Account.model_validate(row).model_dump(mode="json")


@ROUTES.post("/accounts")
async def sign_up(request: web.Request) -> web.Response:
    """Open an account; the e-mail address is unique, whatever its case."""
    form, store = await read(request, SignUp), request.app[STORE]
    if form.email.lower() in store.accounts:
        raise taken("email")
    salt = secrets.token_bytes(16)
    row = {"id": uuid.uuid4(), "email": form.email, "name": form.name, "created_at": now()}
    secret = {"salt": salt, "hash": hashed(form.password, salt), "disabled": False}
    store.accounts[form.email.lower()] = {**row, **secret}
    return web.json_response(shown(row), status=HTTPStatus.CREATED)


@ROUTES.post("/sessions")
async def sign_in(request: web.Request) -> web.Response:
    """Return a token; an unknown address and a wrong password look and last the same, and count the same."""
    form, store = await read(request, SignIn), request.app[STORE]
    email = form.email.lower()
    failures = store.failed_lately(email, WINDOW)
    if len(failures) >= FAILURES:
        wait = math.ceil(failures[-FAILURES] + WINDOW - time.monotonic())
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Too many failed sign-ins; come again later.",
            headers={"Retry-After": str(max(1, wait))},
        )
    row = store.accounts.get(email, NOBODY)
    right = hmac.compare_digest(row["hash"], hashed(form.password, row["salt"]))
    if not right:
        failures.append(time.monotonic())
        raise unauthorized("The email or the password is wrong.")
    issued = int(time.time())
    claims = {"sub": str(row["id"]), "iat": issued, "exp": issued + LASTS}
    return web.json_response(
        {"token": sign(request.app, claims), "expires_in": LASTS}, headers={"Cache-Control": "no-store"}
    )


@ROUTES.get("/me")
async def me(request: web.Request) -> web.Response:
    """Return the account that is signed in."""
    return web.json_response(shown(signed_in(request)))
