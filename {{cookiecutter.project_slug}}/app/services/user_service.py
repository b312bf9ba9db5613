"""Sign-up, sign-in, and what users may do with themselves."""

from typing import Any, TypeVar

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

# % if cookiecutter.events == "kafka"
from app.events.outbox import emit
# % endif
from app.exceptions import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError
from app.models.user import User
from app.repositories.post_repository import PostRepository
from app.repositories.user_repository import UserRepository
# % if cookiecutter.events == "kafka"
from app.schemas.events import UserRegistered
# % endif
from app.schemas.user import AccountResponse, TokenRequest, UserCreate, UserResponse, UserUpdate
from app.utils.auth import Principal, hash_password, needs_rehash, verify_password
from app.utils.pagination import PageQuery, Slice

# To be changed, or to be shown.
FoundT = TypeVar("FoundT", User, Row[Any])


class UserService:
    """Users see each other's names; each changes and deletes only themself."""

    def __init__(self, session: AsyncSession, users: UserRepository, posts: PostRepository) -> None:
        self.session = session
        self.users = users
        self.posts = posts

    async def register(self, data: UserCreate) -> User:
        """Store a user. Raises `ConflictError` where the address is taken."""
        password_hash = await hash_password(data.password.get_secret_value())
        user = await self.users.add(User(email=data.email, name=data.name, password_hash=password_hash))
        # % if cookiecutter.events == "kafka"
        emit(self.session, UserRegistered(id=user.id, created_at=user.created_at))
        # % endif
        await self.session.commit()
        return user

    async def authenticate(self, data: TokenRequest) -> User:
        """The user of these credentials.

        Raises `UnauthorizedError`, in the same time and words whatever of them was wrong.
        """
        # An address with NUL belongs to nobody, and PostgreSQL would refuse the query.
        user = await self.users.find_by_email(data.username) if "\x00" not in data.username else None
        password = data.password.get_secret_value()
        known = await verify_password(password, user.password_hash if user else None)
        if user is None or not known or not user.is_active:
            raise UnauthorizedError("The email address or the password is wrong.")
        if needs_rehash(user.password_hash):
            user.password_hash = await hash_password(password)
            await self.session.commit()
        return user

    async def get_active_user(self, user_id: int) -> AccountResponse:
        """The user whom a token names. Raises `UnauthorizedError` where they are gone or disabled."""
        user = await self.users.read(user_id)
        if user is None or not user.is_active:
            raise UnauthorizedError("The access token is not valid.")
        return AccountResponse.model_validate(user)

    async def get_user(self, user_id: int) -> UserResponse:
        """A user's public side. Raises `NotFoundError`."""
        return UserResponse.model_validate(self._found(await self.users.read(user_id), user_id))

    async def list_users(self, query: PageQuery) -> Slice[UserResponse]:
        """A page of users, those who came first before the others."""
        items, total = await self.users.list(limit=query.limit, offset=query.offset)
        users = [UserResponse.model_validate(item) for item in items]
        return Slice(users, total, query.limit, query.offset)

    async def update_user(self, user: Principal, user_id: int, data: UserUpdate) -> User:
        """Change what was sent. Raises `NotFoundError`, `ForbiddenError` or `ConflictError`."""
        found = await self._self(user, user_id)
        for field, value in data.model_dump(exclude_unset=True).items():
            setattr(found, field, value)
        await self.users.flush()
        await self.session.commit()
        return found

    async def delete_user(self, user: Principal, user_id: int) -> None:
        """Delete a user without posts. Raises `NotFoundError`, `ForbiddenError` or `ConflictError`."""
        found = await self._self(user, user_id)
        if await self.posts.exists_by_author(user_id):
            raise ConflictError("Delete your posts first.")
        await self.users.delete(found)
        await self.session.commit()

    async def _self(self, user: Principal, user_id: int) -> User:
        found = self._found(await self.users.get(user_id), user_id)
        if found.id != user.id:
            raise ForbiddenError("Users may change and delete only themselves.")
        return found

    @staticmethod
    def _found(user: FoundT | None, user_id: int) -> FoundT:
        if user is None:
            raise NotFoundError(f"There is no user {user_id}.")
        return user
