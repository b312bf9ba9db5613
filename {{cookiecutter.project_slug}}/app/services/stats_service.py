"""What users have written."""

from datetime import datetime

from app.exceptions import ForbiddenError, NotFoundError
from app.models.outbox import AuthorStats
from app.repositories.stats_repository import StatsRepository
from app.repositories.user_repository import UserRepository
from app.utils.auth import Principal


class StatsService:
    """Shows users their own statistics: drafts count as well, and are nobody else's business."""

    def __init__(self, stats: StatsRepository, users: UserRepository) -> None:
        self.stats = stats
        self.users = users

    async def get_stats(self, viewer: Principal, user_id: int) -> AuthorStats:
        """What the events have told of a user by now. Raises `NotFoundError` or `ForbiddenError`."""
        if await self.users.read(user_id) is None:
            raise NotFoundError(f"There is no user {user_id}.")
        if user_id != viewer.id:
            raise ForbiddenError("Users may see only their own statistics.")
        return await self.stats.get(user_id) or AuthorStats(user_id=user_id, posts=0, last_post_at=None)


class StatsProjection:
    """Keeps the statistics up to date, within the transaction of an event's consumer."""

    def __init__(self, stats: StatsRepository) -> None:
        self.stats = stats

    async def open(self, user_id: int) -> None:
        """Begin to count."""
        await self.stats.ensure(user_id)

    async def count_post(self, user_id: int, created_at: datetime) -> None:
        """The user has written a post."""
        await self.stats.ensure(user_id)
        await self.stats.add_posts(user_id, 1, created_at)

    async def discount_post(self, user_id: int) -> None:
        """A post of the user is gone."""
        await self.stats.ensure(user_id)
        await self.stats.add_posts(user_id, -1)
