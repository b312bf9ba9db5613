"""Migrations lead to the models, each of them both ways."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncConnection

from app.config import Settings
from app.database import create_engine
from app.models import Base
from tests.conftest import drop_all

CONFIG = Path(__file__).parents[1] / "alembic.ini"
REVISIONS = [script.revision for script in ScriptDirectory.from_config(Config(CONFIG)).walk_revisions()][::-1]


@pytest.fixture
async def connection(settings: Settings) -> AsyncIterator[AsyncConnection]:
    """A connection to a database without tables."""
    engine = create_engine(settings)
    async with engine.connect() as opened:
        await opened.run_sync(drop_all)
        await opened.commit()
        yield opened
    await engine.dispose()


async def migrate(connection: AsyncConnection, to: Callable[[Config, str], None], revision: str) -> None:
    """Run a command of Alembic's on the connection."""

    def run(sync_connection: Connection) -> None:
        config = Config(CONFIG)
        config.attributes["connection"] = sync_connection
        to(config, revision)

    await connection.run_sync(run)
    await connection.commit()


async def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(Config(CONFIG))
    assert REVISIONS
    assert script.get_heads() == [REVISIONS[-1]]


async def test_each_migration_goes_up_down_and_up_again(connection: AsyncConnection) -> None:
    for revision in REVISIONS:
        await migrate(connection, command.upgrade, revision)
        await migrate(connection, command.downgrade, "-1")
        await migrate(connection, command.upgrade, revision)
    await migrate(connection, command.downgrade, "base")
    tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert set(tables) <= {"alembic_version", "sqlite_sequence"}


async def test_migrations_lead_to_the_models(connection: AsyncConnection) -> None:
    await migrate(connection, command.upgrade, "head")

    def differences(sync_connection: Connection) -> list[object]:
        context = MigrationContext.configure(sync_connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    assert await connection.run_sync(differences) == []
    tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert set(Base.metadata.tables) <= set(tables)
