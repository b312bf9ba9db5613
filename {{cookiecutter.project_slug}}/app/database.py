"""The engine and its sessions."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.config import Settings
from app.utils.database_url import connect_arguments

SessionFactory = async_sessionmaker[AsyncSession]
# Seconds until a server that does not answer is given up; the drivers' own limits are a minute or none.
CONNECT_SECONDS = 5
CONNECT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "asyncpg": {"timeout": CONNECT_SECONDS},
    "asyncmy": {"connect_timeout": CONNECT_SECONDS},
    "aiosqlite": {"timeout": CONNECT_SECONDS},
}


def create_engine(settings: Settings, *, unhurried: bool = False) -> AsyncEngine:
    """An engine for the settings' database; `unhurried` for migrations, whose statements may take long.

    On PostgreSQL each statement is a transaction of its own unless a session asks for more, or a migration:
    that spares reads two round trips. SQLite begins none to read, and for MySQL the change of mode would be
    one more.
    """
    # What rows hold must not get into logs: errors tell the statement alone.
    options: dict[str, Any] = {"hide_parameters": True}
    url, arguments = connect_arguments(make_url(settings.database_url))
    driver = url.get_driver_name()
    in_memory = url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")
    if not in_memory:
        options |= {
            "pool_size": settings.database_pool_size,
            "pool_timeout": settings.database_pool_timeout,
            # Asking the server before each request costs a round trip; asyncpg knows without.
            "pool_pre_ping": driver == "asyncmy",
        }
    arguments |= CONNECT_ARGUMENTS.get(driver, {})
    if not unhurried:
        arguments |= _statement_limits(driver, settings.database_statement_timeout)
        if driver == "asyncpg":
            options["isolation_level"] = "AUTOCOMMIT"
    engine = create_async_engine(url, connect_args=arguments, **options)
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    if driver == "asyncpg":
        event.listen(engine.sync_engine, "checkout", _replace_closed)
    return engine


def create_session_factory(engine: AsyncEngine) -> SessionFactory:
    """Sessions in transactions, whose objects stay readable after the commit.

    Nothing is loaded behind one's back.
    """
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    return async_sessionmaker(engine, expire_on_commit=False)


def _statement_limits(driver: str, seconds: float) -> dict[str, Any]:
    """What ends a statement that takes longer. SQLite waits for its lock alone, CONNECT_SECONDS long."""
    if driver == "asyncpg":
        return {"command_timeout": seconds}
    if driver == "asyncmy":
        # The driver tells the server nothing when it gives up, which is why the server has to before: by
        # itself it waits 50 seconds for a row, and a year for a table.
        most = max(1, int(seconds))
        locks = f"innodb_lock_wait_timeout={most}, lock_wait_timeout={most}"
        command = f"SET SESSION {locks}, max_execution_time={most * 1000}"
        return {"read_timeout": most + 1, "init_command": command}
    return {}


def _replace_closed(
    _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Have the pool connect anew where the server has closed a connection, as it does when it restarts."""
    if entry.driver_connection is not None and entry.driver_connection.is_closed():
        raise DisconnectionError


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """SQLite ignores foreign keys unless asked, and lets a writer block readers without its log."""
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
