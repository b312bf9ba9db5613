"""Sign-up and sign-in."""

import sqlite3
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field

from .auth import NOBODY, hash_password, issue_token, password_fits
from .bodies import Body, Line
from .db import Db, now
from .errors import answers, refuse
from .events import Customer as CustomerData
from .events import CustomerJoined
from .outbox import emit

router = APIRouter(tags=["customers"])


class SignUp(Body):
    """A new customer."""

    login: str = Field(pattern="^[a-z][a-z0-9]{2,29}$")
    password: str = Field(min_length=8, max_length=80)
    email: str = Field(pattern=r"^[a-z0-9.]{1,40}@[a-z0-9]{1,30}\.[a-z]{2,9}$")
    address: Line


class Customer(BaseModel):
    """A customer as they see themselves."""

    id: UUID
    login: str
    email: str
    address: str
    joined_at: datetime


class SignIn(Body):
    """What proves who somebody is."""

    login: str = Field(max_length=30)
    password: str = Field(max_length=80)


class Token(BaseModel):
    """What proves it from then on."""

    token: str


@router.post("/customers", status_code=201, responses=answers(409))
def sign_up(form: SignUp, connection: Db) -> Customer:
    """Open an account."""
    customer = Customer(
        id=uuid4(), joined_at=datetime.fromisoformat(now()), **form.model_dump(exclude={"password"})
    )
    try:
        connection.execute(
            "INSERT INTO customer (id, login, email, address, password_hash, joined_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                str(customer.id),
                form.login,
                form.email,
                form.address,
                hash_password(form.password),
                customer.joined_at.isoformat(),
            ),
        )
    except sqlite3.IntegrityError:
        raise refuse(409, "taken", "This login is taken.", "login") from None
    data = CustomerData(id=str(customer.id), joined_at=customer.joined_at)
    emit(connection, CustomerJoined(time=customer.joined_at, data=data))
    return customer


@router.post("/sign-in", responses=answers(401))
def sign_in(form: SignIn, connection: Db) -> Token:
    """Get a token; an unknown login and a wrong password look and last the same."""
    row = connection.execute("SELECT * FROM customer WHERE login = ?", (form.login,)).fetchone()
    if not password_fits(form.password, row["password_hash"] if row else NOBODY) or row is None:
        raise refuse(401, "unauthorized", "Login or password is wrong.")
    return Token(token=issue_token(connection, row["id"]))
