"""A service of N independent resources, in memory: `python -m bench.many PORT N`."""

import sys
from itertools import count
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

OPERATIONS = 6
"""Of each resource."""


class New(BaseModel):
    """A new thing."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=50)
    size: int = Field(ge=0, le=1000)


class Change(BaseModel):
    """What may be changed."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=50)
    size: int | None = Field(default=None, ge=0, le=1000)


class Thing(New):
    """A thing as it is kept."""

    id: int


class Problem(BaseModel):
    """An error."""

    detail: str


MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}


def make(resources: int) -> FastAPI:
    """The application."""
    app = FastAPI(title="Many", version="1")
    app.add_exception_handler(RequestValidationError, refused)
    for number in range(resources):
        _add(app, f"things{number}")
    return app


def refused(_request: Request, error: Exception) -> JSONResponse:
    """A 422 without the input, which need not be writable as JSON."""
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [{key: e[key] for key in ("type", "loc", "msg")} for e in errors]}, 422)


def _add(app: FastAPI, name: str) -> None:
    things: dict[int, Thing] = {}
    numbers = count(1)

    def find(thing_id: int) -> Thing:
        if thing_id not in things:
            raise HTTPException(404, "There is no such thing.")
        return things[thing_id]

    @app.get(f"/{name}", operation_id=f"list_{name}")
    def list_() -> list[Thing]:
        return list(things.values())

    @app.post(f"/{name}", status_code=201, operation_id=f"create_{name}")
    def create(new: New) -> Thing:
        number = next(numbers)
        things[number] = Thing(id=number, **new.model_dump())
        return things[number]

    @app.get(f"/{name}/{{thing_id}}", responses=MISSING, operation_id=f"read_{name}")
    def read(thing_id: int) -> Thing:
        return find(thing_id)

    @app.put(f"/{name}/{{thing_id}}", responses=MISSING, operation_id=f"replace_{name}")
    def replace(thing_id: int, new: New) -> Thing:
        things[find(thing_id).id] = Thing(id=thing_id, **new.model_dump())
        return things[thing_id]

    @app.patch(f"/{name}/{{thing_id}}", responses=MISSING, operation_id=f"change_{name}")
    def change(thing_id: int, changes: Change) -> Thing:
        said = {key: value for key, value in changes.model_dump().items() if value is not None}
        things[thing_id] = find(thing_id).model_copy(update=said)
        return things[thing_id]

    @app.delete(f"/{name}/{{thing_id}}", status_code=204, responses=MISSING, operation_id=f"delete_{name}")
    def delete(thing_id: int) -> Response:
        del things[find(thing_id).id]
        return Response(status_code=204)


if __name__ == "__main__":
    uvicorn.run(make(int(sys.argv[2])), port=int(sys.argv[1]), log_level="warning")
