"""A service of N independent resources, in memory: `python -m bench.many PORT N`."""

import sys
from itertools import count
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field


class New(BaseModel):
    """A new thing."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=50)
    size: int = Field(ge=0, le=1000)


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
    for number in range(resources):
        _add(app, f"things{number}")
    return app


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

    @app.delete(f"/{name}/{{thing_id}}", status_code=204, responses=MISSING, operation_id=f"delete_{name}")
    def delete(thing_id: int) -> Response:
        del things[find(thing_id).id]
        return Response(status_code=204)


if __name__ == "__main__":
    uvicorn.run(make(int(sys.argv[2])), port=int(sys.argv[1]), log_level="warning")
