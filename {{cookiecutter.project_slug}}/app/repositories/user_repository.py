"""Queries of users."""

from sqlalchemy import select

from app.models.user import User
from app.repositories.base_repository import BaseRepository


class UserRepository(BaseRepository[User]):
    """Reads and writes users."""

    model = User

    async def find_by_email(self, email: str) -> User | None:
        """The user with this address, in whatever case it is written."""
        found: User | None = await self.session.scalar(select(User).where(User.email == email.lower()))
        return found
