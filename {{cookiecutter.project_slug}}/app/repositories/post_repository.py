"""Queries of posts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, exists, or_, select

from app.models.post import Post
from app.repositories.base_repository import BaseRepository

PUBLIC, DRAFT = Post.published.is_(True), Post.published.is_(False)
PUBLIC_OR_OWN = or_(PUBLIC, Post.author_id == bindparam("viewer_id"))
BY_AUTHOR = Post.author_id == bindparam("author_id")


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
        conditions = [PUBLIC_OR_OWN if viewer_id else PUBLIC]
        if author_id is not None:
            conditions.append(BY_AUTHOR)
        if published is not None:
            conditions.append(PUBLIC if published else DRAFT)
        values = {"viewer_id": viewer_id, "author_id": author_id}
        return await self.list(*conditions, **values, limit=limit, offset=offset)

    async def exists_by_author(self, author_id: int) -> bool:
        """Whether the user has any posts."""
        return bool(await self.session.scalar(select(exists().where(Post.author_id == author_id))))
