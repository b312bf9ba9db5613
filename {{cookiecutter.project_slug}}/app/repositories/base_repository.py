"""What all repositories share."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    ForeignKeyConstraint,
    Row,
    Select,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from app.exceptions import ConflictError, NotFoundError
from app.models.base import Base, Entity

ModelT = TypeVar("ModelT", bound=Entity)
GONE = "It has been deleted meanwhile."
REFERENCE_CONFLICT = "Others refer to it, or it refers to what is gone."
# Where servers name a constraint; what the client sent stands in these messages as well. The first wins.
_NAMES = (
    re.compile(r"for key \\?'(?:\w+\.)?(\w+)\\?'\W*$"),  # MySQL, a unique one
    re.compile(r'violates [a-z ]*constraint "(\w+)"'),  # PostgreSQL
    re.compile(r"CONSTRAINT `(\w+)`"),  # MySQL, a foreign key
)


class BaseRepository(Generic[ModelT]):
    """Rows of one model: to be changed, in the session's transaction, or to be shown, outside of it.

    What is only shown are plain rows, which name their columns: a session would do twice the work for them.
    """

    model: type[ModelT]
    _by_id: ClassVar[Select[Any]]

    def __init__(self, session: AsyncSession, engine: AsyncEngine) -> None:
        self.session = session
        self.engine = engine

    def __init_subclass__(cls) -> None:
        """Build once what every request asks: that takes longer than to send it."""
        super().__init_subclass__()
        cls._by_id = select(cls.model).where(cls.model.id == bindparam("id"))

    async def read(self, entity_id: int) -> Row[Any] | None:
        """The row with this identifier, to be shown."""
        async with self.engine.connect() as connection:
            found: Row[Any] | None = (await connection.execute(self._by_id, {"id": entity_id})).one_or_none()
        return found

    async def get(self, entity_id: int) -> ModelT | None:
        """The row with this identifier, to be changed."""
        found: ModelT | None = await self.session.scalar(self._by_id, {"id": entity_id})
        return found

    async def list(
        self, *conditions: ColumnElement[bool], limit: int, offset: int, **values: object
    ) -> tuple[Sequence[Row[Any]], int]:
        """A page of the rows that meet the conditions, oldest first, and how many there are in all.

        `values` are those of the conditions' parameters: conditions that are made once are compiled once.
        """
        page, count = _statements(self.model, conditions)
        values |= {"limit": limit, "offset": offset}
        async with self.engine.connect() as connection:
            rows = await connection.execute(page, values)
            total = await connection.scalar(count, values)
        return rows.all(), total or 0

    async def add(self, entity: ModelT) -> ModelT:
        """Insert a row. Raises `ConflictError` where a constraint forbids it."""
        self.session.add(entity)
        await self.flush()
        return entity

    async def delete(self, entity: ModelT) -> None:
        """Delete a row. Raises `ConflictError` where others refer to it, `NotFoundError` where it is gone."""
        # `session.delete` would only warn where another request was quicker, and both would tell of it.
        statement = delete(self.model).where(self.model.id == entity.id)
        with _domain_errors():
            result = await self.session.execute(statement.execution_options(synchronize_session=False))
        if isinstance(result, CursorResult) and not result.rowcount:
            raise NotFoundError(GONE)
        self.session.expunge(entity)

    async def flush(self) -> None:
        """Send what changed to the database.

        Raises `ConflictError` where a constraint forbids it, `NotFoundError` where a changed row is gone.
        """
        with _domain_errors():
            await self.session.flush()


@lru_cache
def _statements(
    model: type[Entity], conditions: tuple[ColumnElement[bool], ...]
) -> tuple[Select[Any], Select[Any]]:
    """What gives a page, and what counts all."""
    page = select(model).where(*conditions).order_by(model.id)
    count = select(func.count()).select_from(model).where(*conditions)
    return page.limit(bindparam("limit")).offset(bindparam("offset")), count


@contextmanager
def _domain_errors() -> Iterator[None]:
    try:
        yield
    except StaleDataError as error:
        raise NotFoundError(GONE) from error
    except IntegrityError as error:
        detail = conflict_detail(str(error.orig))
        if detail is None:
            raise
        raise ConflictError(detail) from error


def conflict_detail(message: str) -> str | None:
    """What to tell the client about a violated constraint, None where none of ours is named.

    PostgreSQL and MySQL tell the constraint's name; SQLite the columns of a unique one, and of a
    foreign key nothing.
    """
    found = next(filter(None, (pattern.search(message) for pattern in _NAMES)), None)
    name = found[1] if found else None
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint) and "conflict" in constraint.info:
                columns = ", ".join(f"{table.name}.{column.name}" for column in constraint.columns)
                if constraint.name == name or message == f"UNIQUE constraint failed: {columns}":
                    return str(constraint.info["conflict"])
            if isinstance(constraint, ForeignKeyConstraint) and constraint.name == name:
                return REFERENCE_CONFLICT
    return REFERENCE_CONFLICT if message == "FOREIGN KEY constraint failed" else None
