"""Triggers in the database that write down what was committed, whatever the service says of it.

They write in the transaction of the change: what is rolled back, they never saw. The row's lock, which the
change holds, puts the changes of one key in their order.
"""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.chaos.observation import Applied, Change, Content

# A title or a name that begins so is refused when its transaction commits: all was flushed, nothing is kept.
REFUSED = "Refused at commit"

_DDL = """
CREATE SCHEMA witness;
CREATE TABLE witness.changes (
    seq bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), type text NOT NULL,
    key text NOT NULL, author int NOT NULL, title text, published bool, moment timestamptz);
CREATE TABLE witness.applied (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), author int NOT NULL,
    delta int NOT NULL);
CREATE FUNCTION witness.see_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO witness.changes (type, key, author) VALUES ('PostDeleted', OLD.id, OLD.author_id);
    ELSE
        INSERT INTO witness.changes (type, key, author, title, published, moment) VALUES (
            CASE TG_OP WHEN 'INSERT' THEN 'PostCreated' ELSE 'PostUpdated' END, NEW.id, NEW.author_id,
            NEW.title, NEW.published, CASE TG_OP WHEN 'INSERT' THEN NEW.created_at ELSE NEW.updated_at END);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION witness.see_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness.changes (type, key, author, moment)
    VALUES ('UserRegistered', NEW.id, NEW.id, NEW.created_at);
    RETURN NULL;
END $$;
CREATE FUNCTION witness.see_statistics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness.applied (author, delta) VALUES (NEW.user_id, NEW.posts - OLD.posts);
    RETURN NULL;
END $$;
CREATE FUNCTION witness.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'refused at commit' USING ERRCODE = 'serialization_failure';
END $$;
CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON posts
    FOR EACH ROW EXECUTE FUNCTION witness.see_post();
CREATE TRIGGER see AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION witness.see_user();
CREATE TRIGGER see AFTER UPDATE ON author_stats FOR EACH ROW
    WHEN (NEW.posts <> OLD.posts) EXECUTE FUNCTION witness.see_statistics();
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.title LIKE 'Refused at commit%') EXECUTE FUNCTION witness.refuse();
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.name LIKE 'Refused at commit%') EXECUTE FUNCTION witness.refuse();
"""


def content_of(type_: str, author: int, title: object, published: object, moment: datetime | None) -> Content:
    """What the event of a change says beside its key."""
    when = moment.astimezone(UTC) if moment else None
    if type_ == "UserRegistered":
        return (when,)
    return (author,) if type_ == "PostDeleted" else (author, title, published, when)


class Witness:
    """Reads what was committed, and how far the service is with it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def install(self) -> None:
        """Add the triggers to a database that has the service's tables."""
        async with self._engine.begin() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(_DDL)

    async def now(self) -> datetime:
        """This moment by the database's clock."""
        return await self._scalar("SELECT clock_timestamp()")  # type: ignore[return-value]

    async def committed(self) -> int:
        """How many changes there are by now."""
        return await self._number("SELECT count(*) FROM witness.changes")

    async def has_committed(self, title: str) -> bool:
        """Whether a post with this title has been committed."""
        async with self._engine.connect() as connection:
            query = text("SELECT count(*) FROM witness.changes WHERE title = :title")
            return bool(await connection.scalar(query, {"title": title}))

    async def has_applied_since(self, moment: datetime) -> bool:
        """Whether a post that was created after that moment has been counted."""
        last = await self._scalar("SELECT max(last_post_at) FROM author_stats")
        return isinstance(last, datetime) and last > moment

    async def unsent(self) -> int:
        """Rows of the outbox that wait."""
        return await self._number(
            "SELECT count(*) FROM outbox_events WHERE sent_at IS NULL AND failed_at IS NULL"
        )

    async def set_aside(self) -> int:
        """Rows of the outbox that were given up."""
        return await self._number("SELECT count(*) FROM outbox_events WHERE failed_at IS NOT NULL")

    async def changes(self) -> list[Change]:
        """All committed changes, in their order."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(text("SELECT * FROM witness.changes ORDER BY seq"))
            return [
                Change(
                    row.seq,
                    row.at,
                    row.type,
                    row.key,
                    row.author,
                    content_of(row.type, row.author, row.title, row.published, row.moment),
                )
                for row in rows
            ]

    async def applied(self) -> list[Applied]:
        """All steps of the projection, in their order."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(text("SELECT at, author, delta FROM witness.applied ORDER BY id"))
            return [Applied(row.at, row.author, row.delta) for row in rows]

    async def posts(self) -> dict[int, int]:
        """How many posts each author has."""
        return await self._pairs("SELECT author_id, count(*) FROM posts GROUP BY author_id")

    async def statistics(self) -> dict[int, int]:
        """How many the projection says."""
        return await self._pairs("SELECT user_id, posts FROM author_stats")

    async def handled(self) -> set[str]:
        """The ids of the events in the inbox."""
        async with self._engine.connect() as connection:
            return set(await connection.scalars(text("SELECT event_id FROM inbox_entries")))

    async def _pairs(self, query: str) -> dict[int, int]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(text(query))
            return {row[0]: row[1] for row in rows}

    async def _number(self, query: str) -> int:
        value = await self._scalar(query)
        return value if isinstance(value, int) else 0

    async def _scalar(self, query: str) -> object:
        async with self._engine.connect() as connection:
            return await _scalar(connection, query)


async def _scalar(connection: AsyncConnection, query: str) -> object:
    value: object = await connection.scalar(text(query))
    return value
