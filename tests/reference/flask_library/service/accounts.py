"""Accounts: sign up, sign in, and who am I."""

import sqlite3
import uuid
from typing import Any

from flask import Blueprint, current_app, g
from werkzeug.security import check_password_hash, generate_password_hash

from .auth import issue_token, login_required
from .db import get_db, now
from .errors import Taken, unauthorized
from .forms import read_form

bp = Blueprint("accounts", __name__)

HASH = "pbkdf2:sha256:2000"
NOBODY = generate_password_hash("nobody has this password", HASH)


def account_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return what an account may see of itself."""
    return {"id": row["id"], "email": row["email"], "name": row["name"], "created_at": row["created_at"]}


@bp.post("/accounts")
def sign_up() -> tuple[dict[str, Any], int]:
    """Open an account; the email is unique."""
    form = read_form("SignUp")
    db = get_db()
    account = {"id": str(uuid.uuid4()), "email": form["email"], "name": form["name"], "created_at": now()}
    secret = generate_password_hash(form["password"], HASH)
    try:
        db.execute(
            "INSERT INTO account (id, email, name, password_hash, created_at)"
            " VALUES (:id, :email, :name, :password_hash, :created_at)",
            {**account, "password_hash": secret},
        )
    except sqlite3.IntegrityError:
        raise Taken("email") from None
    db.commit()
    return account, 201


@bp.post("/sessions")
def sign_in() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Return a token; an unknown email and a wrong password look and last the same."""
    form = read_form("SignIn")
    row = get_db().execute("SELECT * FROM account WHERE email = ?", (form["email"],)).fetchone()
    known = row["password_hash"] if row else NOBODY
    if not check_password_hash(known, form["password"]) or row is None:
        raise unauthorized("The email or the password is wrong.")
    session = {"token": issue_token(row["id"]), "expires_in": current_app.config["TOKEN_SECONDS"]}
    return session, 200, {"Cache-Control": "no-store"}


@bp.get("/me")
@login_required
def me() -> dict[str, Any]:
    """Return the account that is signed in."""
    return account_json(g.account)
