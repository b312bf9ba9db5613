"""The database of all contenders: the service's own tables, with the same rows for everybody."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from bench.contenders import SECRET

USERS, POSTS = 100, 1000


def migrate(python: Path, folder: Path, url: str) -> None:
    """Make the tables with the service's own migrations."""
    command = [str(python), "-m", "alembic", "upgrade", "head"]
    env = {"DATABASE_URL": url, "JWT_SECRET": SECRET}
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)  # noqa: S603 - our own


async def fill(url: str) -> None:
    """Some users, and published posts with identifiers from 1 on."""
    async with _connection(url) as connection:
        await connection.execute(
            "INSERT INTO users (email, name, password_hash, is_active, created_at, updated_at)"
            " SELECT 'user' || i || '@example.com', 'User', '-', true, now(), now()"
            " FROM generate_series(1, $1::int) i",
            USERS,
        )
        await connection.execute(
            "INSERT INTO posts (author_id, title, content, published, created_at, updated_at)"
            " SELECT 1 + i % $2, 'Title ' || i, repeat('Some words. ', 20), true, now(), now()"
            " FROM generate_series(1, $1::int) i",
            POSTS,
            USERS,
        )
        await connection.execute("ANALYZE")


async def forget(url: str) -> None:
    """Remove what a run created, so that every run finds tables of the same size."""
    async with _connection(url) as connection:
        await connection.execute("TRUNCATE outbox_events")
        await connection.execute("DELETE FROM posts WHERE id > $1", POSTS)
        await connection.execute("VACUUM ANALYZE posts")


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()
