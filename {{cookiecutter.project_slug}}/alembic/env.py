"""Runs migrations on the database of the settings, or on a connection that is handed in."""

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from app.config import get_settings
from app.database import create_engine
from app.models import Base
from app.models.base import UtcDateTime


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own type by its short name, and import it; leave all else to Alembic."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from app.models.base import UtcDateTime")
        return "UtcDateTime()"
    return False


def run(connection: Connection) -> None:
    """Run what was asked for. SQLite changes a table by copying it: hence batch mode."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_on_settings() -> None:
    """Connect as the application does, and run."""
    engine = create_engine(get_settings(), unhurried=True)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_on_settings())
