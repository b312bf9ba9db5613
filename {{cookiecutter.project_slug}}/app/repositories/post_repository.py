"""Queries of posts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, exists, or_, select

from app.models.post import Post
from app.repositories.base_repository import BaseRepository


class PostRepository(BaseRepository[Post]):
    """Reads and writes posts."""

    model = Post

    async def list_visible(
        self,
        viewer_id: int | None,
        *,
        author_id: int | None,
        published: bool | None,
        limit: int,
        offset: int,
    ) -> tuple[Sequence[Row[Any]], int]:
        """A page of what the viewer may see: published posts and their own drafts."""
        conditions = [
            or_(Post.published, Post.author_id == viewer_id) if viewer_id else Post.published.is_(True)
        ]
        if author_id is not None:
            conditions.append(Post.author_id == author_id)
        if published is not None:
            conditions.append(Post.published.is_(published))
        return await self.list(*conditions, limit=limit, offset=offset)

    async def exists_by_author(self, author_id: int) -> bool:
        """Whether the user has any posts."""
        return bool(await self.session.scalar(select(exists().where(Post.author_id == author_id))))
