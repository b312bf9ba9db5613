"""Users."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Entity


class User(Entity):
    """Someone who signs in, and writes posts (`Post.author`).

    A user who still has posts cannot be deleted. `email` is kept in lower case.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email", info={"conflict": "A user with this email address exists."}),
        *Entity.__table_args__,
    )

    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)

    def __repr__(self) -> str:
        return f"User(id={self.id!r})"
