"""The projection of what users have written."""

from datetime import datetime

from sqlalchemy import case, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.outbox import AuthorStats


class StatsRepository:
    """Counts in the database, so that consumers of several partitions do not undo each other."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, user_id: int) -> AuthorStats | None:
        """What is known of this user."""
        return await self.session.get(AuthorStats, user_id)

    async def ensure(self, user_id: int) -> None:
        """Have a row for this user."""
        if await self.session.get(AuthorStats, user_id):
            return
        try:
            async with self.session.begin_nested():
                self.session.add(AuthorStats(user_id=user_id, posts=0))
        except IntegrityError:
            # Another consumer was quicker.
            return

    async def add_posts(self, user_id: int, number: int, last_post_at: datetime | None = None) -> None:
        """Count `number` more posts (or less), the last of them written then. The row must be there."""
        values: dict[str, object] = {"posts": AuthorStats.posts + number}
        if last_post_at is not None:
            known = AuthorStats.last_post_at
            values["last_post_at"] = case((known > last_post_at, known), else_=last_post_at)
        await self.session.execute(
            update(AuthorStats)
            .where(AuthorStats.user_id == user_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
