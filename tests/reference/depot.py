"""A service that is no plain CRUD: lists by POST, creates by PUT, lookups, actions, bulk, short-lived tokens.

It keeps its word. In memory; `FAULT` names a broken promise, `TOKEN_USES` how often a token lets in.
"""

import os
import secrets
from itertools import count
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field

FAULT = os.environ.get("FAULT", "")
USES = int(os.environ.get("TOKEN_USES", "0"))
LARGEST = 2**31 - 1

app = FastAPI(title="Depot", version="1.0")
bearer = HTTPBearer(auto_error=False)
accounts: dict[str, str] = {}
uses: dict[str, tuple[str, int]] = {}
parts: dict[int, dict[str, Any]] = {}
labels: dict[str, dict[str, Any]] = {}
numbers = count(1)

Text = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Label = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z0-9]+$")]


@app.exception_handler(RequestValidationError)
async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
    """FastAPI's own answer without the input, which may be a password, or no JSON."""
    shown = [{k: v for k, v in one.items() if k in ("loc", "msg", "type")} for one in error.errors()]
    return JSONResponse({"detail": shown}, 422)


class Strict(BaseModel):
    """No unknown fields, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Detail(BaseModel):
    """Every error's body, but for FastAPI's own 422."""

    detail: str


class Account(Strict):
    """Who signs up or in."""

    username: str = Field(min_length=3, max_length=40, pattern="^[a-z0-9]+$")
    password: str = Field(min_length=8, max_length=100)


class Name(BaseModel):
    """An account as it is shown."""

    username: str


class Token(BaseModel):
    """What signing in gives."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"


class PartIn(Strict):
    """A part as it is sent."""

    name: Text
    amount: int = Field(default=1, ge=0, le=LARGEST)


class Part(PartIn):
    """A part as it is kept."""

    id: int
    state: str


class Window(Strict):
    """Which part of a list."""

    size: int = Field(default=20, ge=1, le=100)
    start: int = Field(default=0, ge=0, le=LARGEST)


class Search(Strict):
    """What a list is asked with: all of it in the body."""

    window: Window = Window()
    amount: int | None = Field(default=None, ge=0, le=LARGEST)
    order: Literal["name_asc", "name_desc", "id_asc"] = "id_asc"


class Page(BaseModel):
    """Some parts."""

    items: list[Part]


class State(Strict):
    """What an action sets."""

    state: Literal["new", "sold"]


class LabelIn(Strict):
    """A label as it is sent."""

    color: Text


class LabelOut(LabelIn):
    """A label as it is kept."""

    name: str


def user(given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """Whose token it is; each lets in only so often."""
    name, left = uses.get(given.credentials if given else "", ("", 0))
    if given is None or not name or (USES and not left):
        raise HTTPException(401, "sign in", {"WWW-Authenticate": "Bearer"})
    uses[given.credentials] = (name, left - 1)
    return name


ERRORS: dict[int | str, dict[str, Any]] = {401: {"model": Detail}, 400: {"model": Detail}}
MISSING: dict[int | str, dict[str, Any]] = {**ERRORS, 404: {"model": Detail}}
User = Annotated[str, Depends(user)]


def found(number: int) -> dict[str, Any]:
    """The part of that number, or a 404."""
    if number not in parts:
        raise HTTPException(404, "no such part")
    return parts[number]


@app.post("/accounts", status_code=201, responses={409: {"model": Detail}, 400: {"model": Detail}})
async def sign_up(form: Account) -> Name:
    """Make an account."""
    if form.username in accounts:
        raise HTTPException(409, "taken")
    accounts[form.username] = form.password
    return Name(username=form.username)


@app.post("/sessions", responses=ERRORS)
async def sign_in(form: Account) -> Token:
    """Get a token."""
    if accounts.get(form.username) != form.password:
        raise HTTPException(401, "wrong name or password", {"WWW-Authenticate": "Bearer"})
    token = secrets.token_hex(16)
    uses[token] = (form.username, USES)
    return Token(access_token=token)


@app.post("/parts", status_code=201, responses={**ERRORS, 409: {"model": Detail}})
async def create_part(form: PartIn, _: User) -> Part:
    """Make a part; its name is its own."""
    if any(part["name"] == form.name for part in parts.values()) and FAULT != "name_not_unique":
        raise HTTPException(409, "there is one of that name")
    number = next(numbers)
    parts[number] = {"id": number, "state": "new", **form.model_dump()}
    return Part(**parts[number])


@app.post("/parts/search", responses=ERRORS)
async def search_parts(wanted: Search, _: User) -> Page:
    """The parts, in pages."""
    chosen = [p for p in parts.values() if wanted.amount in (None, p["amount"]) or FAULT == "filter_ignored"]
    if wanted.order != "id_asc" and FAULT != "order_ignored":
        chosen.sort(key=lambda p: p["name"], reverse=wanted.order == "name_desc")
    if FAULT == "newest_hidden":
        chosen = chosen[:-1]
    start = 0 if FAULT == "start_ignored" else wanted.window.start
    size = 100 if FAULT == "size_ignored" else wanted.window.size
    return Page(items=[Part(**p) for p in chosen[start : start + size]])


@app.post("/parts/bulk_create", status_code=201, responses=ERRORS)
async def create_parts(
    forms: Annotated[list[PartIn], Field(min_length=1, max_length=10)], _: User
) -> list[Part]:
    """Make several parts."""
    made = []
    for form in forms:
        number = next(numbers)
        parts[number] = {"id": number, "state": "new", **form.model_dump()}
        made.append(Part(**parts[number]))
    return made


@app.get("/parts/name/{name}", responses=MISSING)
async def part_by_name(name: Text, _: User) -> Part:
    """The part of that name."""
    for part in parts.values():
        if part["name"] == name:
            return Part(**part)
    raise HTTPException(404, "no such part")


@app.get("/parts/{number}", responses=MISSING)
async def read_part(number: Number, _: User) -> Part:
    """A part."""
    return Part(**found(number))


@app.put("/parts/{number}", responses={**MISSING, 409: {"model": Detail}})
async def replace_part(number: Number, form: PartIn, _: User) -> Part:
    """Change a part."""
    part = found(number)
    if any(p["name"] == form.name for p in parts.values() if p is not part):
        raise HTTPException(409, "there is one of that name")
    part.update(form.model_dump())
    return Part(**part)


@app.delete("/parts/{number}", status_code=204, responses=MISSING)
async def delete_part(number: Number, _: User) -> None:
    """Remove a part."""
    found(number)
    del parts[number]


@app.post("/parts/{number}/set_state", responses=MISSING)
async def set_state(number: Number, form: State, _: User) -> Part:
    """Move a part on."""
    part = found(number)
    part["state"] = form.state
    return Part(**part)


@app.get("/labels", responses=ERRORS)
async def list_labels(_: User) -> list[LabelOut]:
    """All labels."""
    return [LabelOut(**label) for label in labels.values()]


@app.put("/labels/{name}", responses={**ERRORS, 201: {"model": LabelOut}})
async def put_label(name: Label, form: LabelIn, response: Response, _: User) -> LabelOut:
    """Make or change a label."""
    response.status_code = 200 if name in labels else 201
    color = "grey" if FAULT == "color_lost" else form.color
    labels[name] = {"name": name, "color": color}
    return LabelOut(**labels[name])


@app.get("/labels/{name}", responses=MISSING)
async def read_label(name: Label, _: User) -> LabelOut:
    """A label."""
    if name not in labels:
        raise HTTPException(404, "no such label")
    return LabelOut(**labels[name])


@app.delete("/labels/{name}", status_code=204, responses=MISSING)
async def delete_label(name: Label, _: User) -> None:
    """Remove a label."""
    if name not in labels:
        raise HTTPException(404, "no such label")
    if FAULT != "label_stays":
        del labels[name]
