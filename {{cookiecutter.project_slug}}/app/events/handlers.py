"""What is done with events. A handler runs in the transaction that also notes the event as handled.

So it may count: an event that is delivered twice is handled once. What it does beyond the database,
it must do so that a second time is harmless.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from app.repositories.stats_repository import StatsRepository
from app.schemas.events import PostCreated, PostDeleted, UserRegistered
from app.services.stats_service import StatsProjection


async def open_statistics(session: AsyncSession, event: UserRegistered) -> None:
    """A new user has no posts yet."""
    await _projection(session).open(event.id)


async def count_post(session: AsyncSession, event: PostCreated) -> None:
    """Its author has a post more."""
    await _projection(session).count_post(event.author_id, event.created_at)


async def discount_post(session: AsyncSession, event: PostDeleted) -> None:
    """Its author has a post less."""
    await _projection(session).discount_post(event.author_id)


def _projection(session: AsyncSession) -> StatsProjection:
    return StatsProjection(StatsRepository(session))
