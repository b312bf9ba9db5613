"""Posts."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Entity
from app.models.user import User


class Post(Entity):
    """A text by a user; a draft, which its author alone sees, until it is published.

    `author` is never loaded implicitly: a query that wants it says so (`selectinload`).
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("author_id", "title", info={"conflict": "You have a post with this title."}),
        # What the public list reads, in its order.
        Index(None, "published", "id"),
        *Entity.__table_args__,
    )

    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    published: Mapped[bool] = mapped_column(default=False)

    author: Mapped[User] = relationship(lazy="raise")

    def __repr__(self) -> str:
        return f"Post(id={self.id!r}, author_id={self.author_id!r}, published={self.published!r})"
