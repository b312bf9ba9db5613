"""How the application is started, in development and by a server."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Message

from app.__main__ import main
from app.config import Settings, get_settings
from app.main import create_app
from app.models import Base


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database that the environment names, and that is not there yet."""
    path = tmp_path / "new.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    get_settings.cache_clear()
    yield path
    get_settings.cache_clear()


def test_for_development_it_migrates_and_serves_this_machine_alone(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
    monkeypatch.setattr(sys, "argv", ["app", "--port", "8123"])
    main()
    assert served == [("app.main:app", {"host": "127.0.0.1", "port": 8123})]
    connection = sqlite3.connect(database)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert set(Base.metadata.tables) <= tables


async def run_lifespan(app: FastAPI) -> list[str]:
    """Start and stop the application as a server does, through all middleware; what it answers."""
    asked = iter(("lifespan.startup", "lifespan.shutdown"))
    answers: list[str] = []

    async def receive() -> Message:
        return {"type": next(asked)}

    async def send(message: Message) -> None:
        answers.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    return answers


async def test_a_server_starts_and_stops_it(settings: Settings) -> None:
    app = create_app(settings)
    assert await run_lifespan(app) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
