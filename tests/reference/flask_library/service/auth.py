"""Who asks: bearer tokens (JWT, HS256) that run out."""

import functools
import time
from collections.abc import Callable
from sqlite3 import Row
from typing import ParamSpec, TypeVar

import jwt
from flask import current_app, g, request

from .db import get_db
from .errors import unauthorized

P = ParamSpec("P")
R = TypeVar("R")


def issue_token(account_id: str) -> str:
    """Return a token that names the account."""
    issued = int(time.time())
    claims = {"sub": account_id, "iat": issued, "exp": issued + current_app.config["TOKEN_SECONDS"]}
    return jwt.encode(claims, current_app.config["JWT_SECRET"], algorithm="HS256")


def read_token(token: str) -> str:
    """Return the account's id, or raise 401."""
    try:
        claims = jwt.decode(
            token,
            current_app.config["JWT_SECRET"],
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        raise unauthorized("The token has expired.") from None
    except (jwt.InvalidTokenError, RecursionError):
        raise unauthorized("The token is not valid.") from None
    return str(claims["sub"])


def load_account() -> Row:
    """Return the account that the request's token names, or raise 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("A bearer token is needed.")
    account_id = read_token(token.strip())
    account: Row | None = get_db().execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    if account is None or account["disabled"]:
        raise unauthorized("The account is gone.")
    return account


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let only a signed-in account into the view; it is `g.account` there."""

    @functools.wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        g.account = load_account()
        return view(*args, **kwargs)

    return wrapped


def account_id() -> str:
    """Return the id of the account that is signed in."""
    return str(g.account["id"])


def signed_in() -> bool:
    """Tell whether this request was let in as someone."""
    return "account" in g
