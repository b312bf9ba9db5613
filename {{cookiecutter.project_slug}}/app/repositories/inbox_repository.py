"""What consumers have handled."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.base import utc_now
from app.models.outbox import InboxEntry


class AlreadyHandledError(Exception):
    """The consumer has handled this event before; the transaction must end without a commit."""


class InboxRepository:
    """Notes handled events within the handler's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, consumer: str, source: str, event_id: str) -> None:
        """Note an event as handled. Raises AlreadyHandledError, also where another process was quicker."""
        self.session.add(
            InboxEntry(consumer=consumer, source=source, event_id=event_id, handled_at=utc_now())
        )
        try:
            await self.session.flush()
        except IntegrityError as error:
            raise AlreadyHandledError(event_id) from error

    async def purge(self, consumer: str, before: datetime) -> None:
        """Forget what was handled before that moment, which no topic holds any more."""
        await self.session.execute(
            delete(InboxEntry).where(InboxEntry.consumer == consumer, InboxEntry.handled_at < before)
        )
