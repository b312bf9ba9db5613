"""As `test_outages`, on MySQL, which waits for locks as long as nobody limits it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from testcontainers.community.mysql import MySqlContainer

from conformance.target.dependencies import MYSQL
from tests.chaos.run import ready, until
from tests.chaos.stack import Process, free_port
from tests.template.conftest import Bake, clean_environment
from tests.template.test_outages import BOUND, LIMITS, POSTS, frozen, unavailable

pytestmark = [pytest.mark.docker, pytest.mark.slow]
SIGN_UP = {"email": "ann@example.com", "name": "Ann", "password": "correct horse"}


@pytest.fixture
def server() -> Iterator[MySqlContainer]:
    """A server that keeps its address when it is stopped and started."""
    database = MySqlContainer(MYSQL, dialect="asyncmy").with_bind_ports(3306, free_port())
    with database:
        yield database


@asynccontextmanager
async def signed_in(base_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with an account."""
    async with httpx2.AsyncClient(base_url=base_url, timeout=BOUND) as client:
        assert (await client.post("/api/v1/users", json=SIGN_UP)).status_code == 201
        form = {"username": SIGN_UP["email"], "password": SIGN_UP["password"]}
        token = (await client.post("/api/v1/auth/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@asynccontextmanager
async def held(engine: AsyncEngine, *statements: str) -> AsyncIterator[None]:
    """Somebody's connection has executed statements, and keeps what they lock."""
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
        yield
        # What the session has locked goes with it.
        await connection.invalidate()


async def play(client: httpx2.AsyncClient, engine: AsyncEngine, container: Any) -> None:
    """One outage after the other, on one service."""
    titles = iter(range(1000))

    async def write() -> httpx2.Response:
        return await client.post(POSTS, json={"title": f"Post {next(titles)}", "content": "Text."})

    async def works() -> bool:
        return (await write()).status_code == 201 and (await client.get(POSTS)).status_code == 200

    async def refused() -> None:
        for answer in (await write(), await client.get(POSTS)):
            unavailable(answer)

    made = (await write()).json()["id"]
    async with held(engine, "SELECT id FROM posts FOR UPDATE"):
        unavailable(await client.patch(f"{POSTS}/{made}", json={"content": "Other."}))
        assert (await client.get(f"{POSTS}/{made}")).json()["content"] == "Text."
    await until(works, "no recovery from a lock on a row")

    async with held(engine, "LOCK TABLES posts WRITE"):
        await refused()
    await until(works, "no recovery from a lock on a table")

    with frozen(container):
        await refused()
    await until(works, "no recovery from a frozen server")

    container.stop()
    await refused()
    container.start()
    await until(works, "no recovery from a stopped server")


def test_outages(bake: Bake, server: MySqlContainer, tmp_path: Path) -> None:
    project, driver_url = bake(database="mysql", events="none"), server.get_connection_url()
    url = driver_url.replace("mysql+asyncmy:", "mysql:")
    project.run("alembic", "upgrade", "head", DATABASE_URL=url)
    port = free_port()
    command = [str(project.python), "-m", "uvicorn", "app.main:app", "--port", str(port)]
    environment = clean_environment(DATABASE_URL=url, JWT_SECRET="s" * 48, **LIMITS)
    service = Process("service", command, project.path, environment, tmp_path / "service.log")

    async def run() -> None:
        base_url, engine = f"http://127.0.0.1:{port}", create_async_engine(driver_url)
        try:
            await ready(base_url)
            async with signed_in(base_url) as client:
                await play(client, engine, server.get_wrapped_container())
        finally:
            await engine.dispose()

    service.start()
    try:
        asyncio.run(run())
    finally:
        service.kill()
