"""A service as FastAPI's own documentation has it: no error handler, HTTPException, a detail that varies.

It keeps its word, so the kit must find nothing in it. In memory: it starts at once.
"""

import os
import time
from itertools import count
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException, Path, Query, Response, status
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel, Field

KEY = os.environ.get("KEY", "stock-stock-stock-stock-stock-stock-stock")
LARGEST = 2**31 - 1

app = FastAPI(title="Stock", version="1.0")
bearer = OAuth2PasswordBearer(tokenUrl="token")
users: dict[str, dict[str, Any]] = {}
items: dict[int, dict[str, Any]] = {}
numbers = count(1)

Identifier = Annotated[int, Path(ge=1, le=LARGEST)]


class SignUp(BaseModel):
    """A new user."""

    username: str = Field(min_length=3, max_length=40)
    password: str = Field(min_length=8, max_length=100)


class User(BaseModel):
    """A user as others see them."""

    username: str


class Token(BaseModel):
    """What sign-in answers."""

    access_token: str
    token_type: str = "bearer"


class ItemIn(BaseModel):
    """A new item."""

    name: str = Field(min_length=1, max_length=50)
    price: float = Field(ge=0, le=1_000_000)
    in_stock: bool = True


class ItemPatch(BaseModel):
    """Some fields of an item."""

    name: str | None = Field(default=None, min_length=1, max_length=50)
    price: float | None = Field(default=None, ge=0, le=1_000_000)
    in_stock: bool | None = None


class Item(ItemIn):
    """An item as it is kept."""

    id: int
    owner: str


class Detail(BaseModel):
    """The body of an HTTPException."""

    detail: str


NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Detail}}
REFUSED: dict[int | str, dict[str, Any]] = {401: {"model": Detail}, 403: {"model": Detail}, **NOT_FOUND}


def current_user(token: Annotated[str, Depends(bearer)]) -> str:
    """The name in a valid token."""
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError as error:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Not authenticated", headers={"WWW-Authenticate": "Bearer"}
        ) from error
    name = str(claims["sub"])
    if name not in users:
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return name


Me = Annotated[str, Depends(current_user)]


def find(item_id: int) -> dict[str, Any]:
    """The item, or a 404."""
    if item_id not in items:
        raise HTTPException(404, "Item not found")
    return items[item_id]


def mine(item_id: int, me: str) -> dict[str, Any]:
    """The item, or a 404, or a 403 where it is somebody else's."""
    item = find(item_id)
    if item["owner"] != me:
        raise HTTPException(403, "Not your item")
    return item


@app.post("/users", status_code=201, responses={409: {"model": Detail}})
def sign_up(new: SignUp) -> User:
    """Sign up."""
    if new.username in users:
        raise HTTPException(409, "Name taken")
    users[new.username] = new.model_dump()
    return User(username=new.username)


@app.post("/token", responses={401: {"model": Detail}})
def sign_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    """Sign in."""
    user = users.get(form.username)
    if user is None or user["password"] != form.password:
        raise HTTPException(401, "Wrong name or password", headers={"WWW-Authenticate": "Bearer"})
    claims = {"sub": form.username, "exp": int(time.time()) + 600}
    return Token(access_token=jwt.encode(claims, KEY, algorithm="HS256"))


@app.get("/items")
def list_items(
    limit: Annotated[int, Query(ge=1, le=100)] = 20, offset: Annotated[int, Query(ge=0, le=LARGEST)] = 0
) -> list[Item]:
    """List items in the order of their numbers."""
    return [Item(**item) for item in list(items.values())[offset : offset + limit]]


@app.post("/items", status_code=201, responses=REFUSED)
def create_item(new: ItemIn, me: Me) -> Item:
    """Add an item."""
    number = next(numbers)
    items[number] = {"id": number, "owner": me, **new.model_dump()}
    return Item(**items[number])


@app.get("/items/{item_id}", responses=NOT_FOUND)
def read_item(item_id: Identifier) -> Item:
    """Read an item."""
    return Item(**find(item_id))


@app.put("/items/{item_id}", responses=REFUSED)
def replace_item(item_id: Identifier, new: ItemIn, me: Me) -> Item:
    """Replace an item."""
    item = mine(item_id, me)
    item.update(new.model_dump())
    return Item(**item)


@app.patch("/items/{item_id}", responses=REFUSED)
def change_item(item_id: Identifier, changes: ItemPatch, me: Me) -> Item:
    """Change an item."""
    item = mine(item_id, me)
    item.update({k: v for k, v in changes.model_dump(exclude_unset=True).items() if v is not None})
    return Item(**item)


@app.delete("/items/{item_id}", status_code=204, responses=REFUSED)
def delete_item(item_id: Identifier, me: Me) -> Response:
    """Delete an item."""
    mine(item_id, me)
    del items[item_id]
    return Response(status_code=204)
