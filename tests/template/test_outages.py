"""What the service needs is away, slow or full: 503 with Retry-After, nothing lost, and it mends itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from testcontainers.community.postgres import PostgresContainer

from conformance.target.dependencies import POSTGRESQL
from tests.chaos import topics
from tests.chaos.run import drained, launch, ready, until
from tests.chaos.stack import Broker, Stack, free_port
from tests.chaos.variants import OUTBOX, bake
from tests.chaos.witness import Witness

pytestmark = [pytest.mark.docker, pytest.mark.slow]
POSTS = "/api/v1/posts"
# No answer takes longer; the service's own limits are far below.
BOUND = 90.0
LIMITS = {
    "DATABASE_POOL_SIZE": "1",
    "DATABASE_POOL_TIMEOUT": "1",
    "DATABASE_STATEMENT_TIMEOUT": "3",
}
# More than the pool may open.
CROWD = 15
FULL = """
CREATE FUNCTION witness.full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
"""


@pytest.fixture
def servers() -> Iterator[tuple[PostgresContainer, Broker]]:
    """Containers that keep their addresses when they are stopped and started."""
    database, broker = PostgresContainer(POSTGRESQL, driver=None), Broker()
    database.with_bind_ports(5432, free_port())
    try:
        database.start()
        broker.start_first()
        yield database, broker
    finally:
        broker.remove()
        database.stop()


class Scene:
    """A running service, a user of it, and what it runs on."""

    def __init__(self, stack: Stack, engine: AsyncEngine, database: Any, client: httpx2.AsyncClient) -> None:
        self.stack = stack
        self.engine = engine
        self.database = database
        self.client = client
        self.made = 0
        self._titles = iter(range(1000))

    async def post(self) -> httpx2.Response:
        """Try to write a post; the answer."""
        body = {"title": f"Post {next(self._titles)}", "content": "Text."}
        answer = await self.client.post(POSTS, json=body)
        self.made += answer.status_code == 201
        return answer

    async def refused(self) -> None:
        """Reads and writes get the one answer that says to come again."""
        for answer in (await self.post(), await self.client.get(POSTS)):
            unavailable(answer)
        assert (await self.client.get("/health/live")).status_code == 200

    async def works_again(self) -> None:
        """By itself, and all that was acknowledged arrives once."""

        async def writes() -> bool:
            return (await self.post()).status_code == 201

        await until(writes, "the service does not recover")
        witness = Witness(self.engine)
        await drained(self.stack, witness)
        (posts,), (counted,) = (await witness.posts()).values(), (await witness.statistics()).values()
        assert posts == counted >= self.made
        assert await asyncio.to_thread(topics.dead_letters, self.stack.broker.address) == 0


def unavailable(answer: httpx2.Response) -> None:
    """A problem (RFC 9457) with 503 and Retry-After."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0


@asynccontextmanager
async def scene(folder: Path, servers: tuple[PostgresContainer, Broker]) -> AsyncIterator[Scene]:
    """The bake, its three processes running."""
    database, broker = servers
    stack = Stack(bake(folder, OUTBOX), database.get_connection_url(), broker, LIMITS)
    stack.migrate()
    url = database.get_connection_url().replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url, pool_pre_ping=True)
    try:
        traffic = await launch(stack, Witness(engine), 0)
        await traffic.start(authors=1, clients_each=0)
        (author,) = traffic.authors
        async with httpx2.AsyncClient(
            base_url=stack.base_url, timeout=BOUND, headers=author.headers
        ) as client:
            yield Scene(stack, engine, database.get_wrapped_container(), client)
        await traffic.stop()
    finally:
        for process in stack.processes.values():
            process.kill()
        await engine.dispose()


@asynccontextmanager
async def locked(engine: AsyncEngine, table: str) -> AsyncIterator[None]:
    """Somebody holds a table for themselves."""
    async with engine.begin() as connection:
        await connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@asynccontextmanager
async def full(engine: AsyncEngine, table: str) -> AsyncIterator[None]:
    """The disk takes no more rows of a table."""
    async with engine.begin() as connection:
        await connection.execute(
            text(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION witness.full()")
        )
    yield
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP TRIGGER full_disk ON {table}"))


@contextmanager
def frozen(container: Any) -> Iterator[None]:
    """A server that keeps its connections and answers nothing."""
    container.pause()
    try:
        yield
    finally:
        container.unpause()


async def play(folder: Path, servers: tuple[PostgresContainer, Broker]) -> None:
    """One outage after the other, on one service."""
    async with scene(folder, servers) as now:
        async with now.engine.begin() as connection:
            await connection.execute(text(FULL))
        await now.works_again()

        now.database.stop()
        await now.refused()
        unavailable(await now.client.get("/health/ready"))
        now.database.start()
        await ready(now.stack.base_url)
        await now.works_again()

        with frozen(now.database):
            await now.refused()
        await now.works_again()

        async with locked(now.engine, "posts"):
            await now.refused()
            # Those who wait for the lock hold the pool's connections, the others wait for one.
            for answer in await asyncio.gather(*(now.post() for _ in range(CROWD))):
                unavailable(answer)
        await now.works_again()

        async with full(now.engine, "posts"):
            unavailable(await now.post())
        async with full(now.engine, "inbox_entries"):
            # The consumer's own trouble: its tries end long before, and no event is put aside.
            assert (await now.post()).status_code == 201
            await asyncio.sleep(5)
        await now.works_again()

        with frozen(now.stack.broker.container):
            assert (await now.post()).status_code == 201
        await now.works_again()
        assert now.stack.restart_ended() == []


def test_outages(tmp_path: Path, servers: tuple[PostgresContainer, Broker]) -> None:
    asyncio.run(play(tmp_path / "bake", servers))
