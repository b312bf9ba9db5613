"""The outbox as the relay sees it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.base import utc_now
from app.models.outbox import OutboxEvent

_ERROR_LENGTH = 500


class OutboxRepository:
    """Reads and marks the rows to be sent. It flushes; its caller owns the transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """The oldest rows that are still to be sent, in the order of their emission."""
        query = (
            select(OutboxEvent)
            .where(OutboxEvent.sent_at.is_(None), OutboxEvent.failed_at.is_(None))
            .order_by(OutboxEvent.id)
            .limit(limit)
        )
        return (await self.session.scalars(query)).all()

    async def mark_sent(self, ids: Collection[int]) -> None:
        """The broker has acknowledged these rows."""
        await self.session.execute(
            update(OutboxEvent).where(OutboxEvent.id.in_(ids)).values(sent_at=utc_now(), last_error=None)
        )

    async def count_refusal(self, row_id: int, error: str, max_attempts: int) -> bool:
        """The broker refused this row; whether that was the last try, and the row is set aside."""
        mine = OutboxEvent.id == row_id
        await self.session.execute(
            update(OutboxEvent)
            .where(mine)
            .values(attempts=OutboxEvent.attempts + 1, last_error=error[:_ERROR_LENGTH])
        )
        attempts = await self.session.scalar(select(OutboxEvent.attempts).where(mine))
        if attempts is None or attempts < max_attempts:
            return False
        await self.session.execute(update(OutboxEvent).where(mine).values(failed_at=utc_now()))
        return True

    async def purge(self, before: datetime) -> None:
        """Drop what was sent before that moment. What was set aside stays until somebody decides."""
        await self.session.execute(delete(OutboxEvent).where(OutboxEvent.sent_at < before))
