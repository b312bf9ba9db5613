"""What tests share: a database a test, an application on it, and clients that speak for users."""

import os

# `app.main` reads the settings when it is imported. The tests have their own, whatever `.env` says.
os.environ["DATABASE_URL"] = "sqlite+aiosqlite://"
os.environ["JWT_SECRET"] = "a secret of the tests, of at least 32 bytes"

# % if cookiecutter.events == "kafka"
# No broker: what is emitted stays in the outbox, where tests can see it.
os.environ["KAFKA_RUN_IN_SERVICE"] = "false"

# % endif
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.config import Settings
from app.main import create_app
from app.models import Base
from app.repositories.post_repository import PostRepository
from app.repositories.user_repository import UserRepository

PASSWORD = "correct horse battery"
UserClient = Callable[[str], Awaitable[AsyncClient]]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; tests sign up and in all the time."""
    cheap = PasswordHasher(1, 8, 1)
    monkeypatch.setattr("app.utils.auth.hasher", cheap)
    monkeypatch.setattr("app.utils.auth._DUMMY_HASH", cheap.hash("nobody has this password"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a test: a database file of its own, or the server that TEST_DATABASE_URL names."""
    own = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    return Settings(database_url=os.environ.get("TEST_DATABASE_URL", own))


def drop_all(connection: Connection) -> None:
    """Empty the database, whatever an earlier test left in it."""
    tables = MetaData()
    tables.reflect(connection)
    tables.drop_all(connection)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """An application whose database has all tables and no rows."""
    application = create_app(settings)
    async with application.state.engine.begin() as connection:
        await connection.run_sync(drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def session(app: FastAPI) -> AsyncIterator[AsyncSession]:
    """A session beside those of the application."""
    async with app.state.session_factory() as opened:
        yield opened


def post_repository(session: AsyncSession) -> PostRepository:
    """Posts in a session, beside those of the application."""
    return PostRepository(session, cast("AsyncEngine", session.bind))


def user_repository(session: AsyncSession) -> UserRepository:
    """Users in a session, beside those of the application."""
    return UserRepository(session, cast("AsyncEngine", session.bind))


def make_client(app: FastAPI, *, client: tuple[str, int] = ("127.0.0.1", 1), **options: Any) -> AsyncClient:
    """A client that calls the application without a network, from the address `client`."""
    transport = ASGITransport(app=app, raise_app_exceptions=False, client=client)
    return AsyncClient(transport=transport, base_url="http://test", **options)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client that nobody has signed in."""
    async with make_client(app) as opened:
        yield opened


@pytest.fixture
async def user_client(app: FastAPI, client: AsyncClient) -> UserClient:
    """Signs up a user of the given name, and returns a client that speaks for them."""

    async def sign_up_and_in(name: str) -> AsyncClient:
        email = f"{name}@example.com"
        made = await client.post("/api/v1/users", json={"email": email, "name": name, "password": PASSWORD})
        assert made.status_code == 201, made.text
        form = {"username": email, "password": PASSWORD}
        token = (await client.post("/api/v1/auth/token", data=form)).json()["access_token"]
        return make_client(app, headers={"Authorization": f"Bearer {token}"})

    return sign_up_and_in


@pytest.fixture
async def alice(user_client: UserClient) -> AsyncIterator[AsyncClient]:
    """A client that speaks for Alice."""
    async with await user_client("alice") as opened:
        yield opened


@pytest.fixture
async def bob(user_client: UserClient) -> AsyncIterator[AsyncClient]:
    """A client that speaks for Bob."""
    async with await user_client("bob") as opened:
        yield opened
