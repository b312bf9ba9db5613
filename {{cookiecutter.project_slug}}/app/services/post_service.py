"""What may be done with posts, and by whom."""

from typing import Any, TypeVar

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

# % if cookiecutter.events == "kafka"
from app.events.outbox import emit
# % endif
from app.exceptions import ForbiddenError, NotFoundError
from app.models.post import Post
from app.repositories.post_repository import PostRepository
# % if cookiecutter.events == "kafka"
from app.schemas.events import PostCreated, PostDeleted, PostUpdated
# % endif
from app.schemas.post import PostCreate, PostQuery, PostResponse, PostUpdate
from app.utils.auth import Principal
from app.utils.pagination import Slice

# To be changed, or to be shown.
FoundT = TypeVar("FoundT", Post, Row[Any])


class PostService:
    """Published posts are for everybody, drafts for their authors; only authors change and delete."""

    def __init__(self, session: AsyncSession, posts: PostRepository) -> None:
        self.session = session
        self.posts = posts

    async def create_post(self, author: Principal, data: PostCreate) -> Post:
        """Store a post. Raises `ConflictError` where the author has one with this title."""
        post = await self.posts.add(Post(author_id=author.id, **data.model_dump()))
        # % if cookiecutter.events == "kafka"
        emit(self.session, PostCreated.model_validate(post, from_attributes=True))
        # % endif
        await self.session.commit()
        return post

    async def get_post(self, viewer: Principal | None, post_id: int) -> PostResponse:
        """A post that the viewer may see. Raises `NotFoundError`."""
        return PostResponse.model_validate(self._visible(await self.posts.read(post_id), viewer, post_id))

    async def list_posts(self, viewer: Principal | None, query: PostQuery) -> Slice[PostResponse]:
        """A page of the posts that the viewer may see, oldest first."""
        items, total = await self.posts.list_visible(viewer.id if viewer else None, **query.model_dump())
        posts = [PostResponse.model_validate(item) for item in items]
        return Slice(posts, total, query.limit, query.offset)

    async def replace_post(self, user: Principal, post_id: int, data: PostCreate) -> Post:
        """Replace all that an author writes. Raises as `update_post` does."""
        return await self._apply(user, post_id, data.model_dump())

    async def update_post(self, user: Principal, post_id: int, data: PostUpdate) -> Post:
        """Change what was sent. Raises `NotFoundError`, `ForbiddenError` or `ConflictError`."""
        return await self._apply(user, post_id, data.model_dump(exclude_unset=True))

    async def delete_post(self, user: Principal, post_id: int) -> None:
        """Delete a post. Raises `NotFoundError` or `ForbiddenError`."""
        post = await self._own(user, post_id)
        await self.posts.delete(post)
        # % if cookiecutter.events == "kafka"
        emit(self.session, PostDeleted(id=post.id, author_id=post.author_id))
        # % endif
        await self.session.commit()

    async def _apply(self, user: Principal, post_id: int, changes: dict[str, Any]) -> Post:
        post = await self._own(user, post_id)
        changed = {field: value for field, value in changes.items() if getattr(post, field) != value}
        if changed:
            for field, value in changed.items():
                setattr(post, field, value)
            await self.posts.flush()
            # Others may have changed other fields since it was read: what is told is the row as it is now.
            await self.session.refresh(post)
            # % if cookiecutter.events == "kafka"
            emit(self.session, PostUpdated.model_validate(post, from_attributes=True))
            # % endif
            await self.session.commit()
        return post

    async def _own(self, user: Principal, post_id: int) -> Post:
        post = self._visible(await self.posts.get(post_id), user, post_id)
        if post.author_id != user.id:
            raise ForbiddenError("Only its author may change or delete a post.")
        return post

    @staticmethod
    def _visible(post: FoundT | None, viewer: Principal | None, post_id: int) -> FoundT:
        if post is None or not (post.published or (viewer and viewer.id == post.author_id)):
            raise NotFoundError(f"There is no post {post_id}.")
        return post
