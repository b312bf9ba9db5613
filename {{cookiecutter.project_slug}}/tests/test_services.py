"""Rules of the services, with fakes in place of the database."""

import logging
from collections.abc import Sequence
from typing import Any, cast
from unittest.mock import AsyncMock, patch

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.exceptions import ConflictError, ForbiddenError, NotFoundError, UnauthorizedError
from app.models.base import utc_now
from app.models.post import Post
from app.models.user import User
from app.repositories.post_repository import PostRepository
from app.repositories.user_repository import UserRepository
from app.schemas.post import PostCreate, PostQuery, PostResponse, PostUpdate
from app.schemas.user import TokenRequest, UserCreate, UserResponse, UserUpdate
from app.services.notification_service import NotificationService
from app.services.post_service import PostService
from app.services.user_service import UserService
from app.utils.auth import hash_password
from app.utils.pagination import PageQuery
from tests.conftest import PASSWORD


class FakeSession:
    """Remembers how often it was committed, and what was added beside the repositories."""

    def __init__(self) -> None:
        self.commits = 0
        self.added: list[object] = []
        self.info: dict[str, object] = {}
        self.dirty = self.deleted = self.new = ()

    def add(self, row: object) -> None:
        """Take a row."""
        self.added.append(row)

    async def refresh(self, row: object) -> None:
        """Read a row again: nobody else changes it."""

    async def commit(self) -> None:
        """Count."""
        self.commits += 1


class FakeRows:
    """Rows in a dictionary. `conflict` is raised by the next flush."""

    def __init__(self) -> None:
        self.rows: dict[int, Any] = {}
        self.conflict: ConflictError | None = None

    async def get(self, entity_id: int) -> Any:
        return self.rows.get(entity_id)

    read = get

    async def add(self, entity: Any) -> Any:
        await self.flush()
        entity.id = len(self.rows) + 1
        entity.created_at = entity.updated_at = utc_now()
        self.rows[entity.id] = entity
        return entity

    async def delete(self, entity: Any) -> None:
        del self.rows[entity.id]

    async def flush(self) -> None:
        if self.conflict:
            raise self.conflict


class FakePosts(FakeRows):
    """Posts in a dictionary."""

    async def list_visible(self, viewer_id: int | None, **query: Any) -> tuple[Sequence[Post], int]:
        rows = [post for post in self.rows.values() if post.published or post.author_id == viewer_id]
        return rows[query["offset"] :][: query["limit"]], len(rows)

    async def exists_by_author(self, author_id: int) -> bool:
        return any(post.author_id == author_id for post in self.rows.values())


class FakeUsers(FakeRows):
    """Users in a dictionary."""

    async def add(self, entity: User) -> User:
        entity.is_active = True
        user: User = await super().add(entity)
        return user

    async def find_by_email(self, email: str) -> User | None:
        assert "\x00" not in email, "PostgreSQL refuses such a query"
        return next((user for user in self.rows.values() if user.email == email.lower()), None)

    async def list(self, *, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return list(self.rows.values())[offset:][:limit], len(self.rows)


ALICE, BOB = User(id=1, name="Alice"), User(id=2, name="Bob")
DATA = PostCreate(title="A title", content="Some content", published=True)


@pytest.fixture
def session() -> FakeSession:
    """A session that counts."""
    return FakeSession()


@pytest.fixture
def posts() -> FakePosts:
    """No posts."""
    return FakePosts()


@pytest.fixture
def users() -> FakeUsers:
    """No users."""
    return FakeUsers()


@pytest.fixture
def post_service(session: FakeSession, posts: FakePosts) -> PostService:
    """The service on the fakes."""
    return PostService(cast("AsyncSession", session), cast("PostRepository", posts))


@pytest.fixture
def user_service(session: FakeSession, users: FakeUsers, posts: FakePosts) -> UserService:
    """The service on the fakes."""
    return UserService(
        cast("AsyncSession", session), cast("UserRepository", users), cast("PostRepository", posts)
    )


async def sign_up(service: UserService, email: str = "alice@example.com") -> User:
    """A user with the tests' password."""
    return await service.register(
        UserCreate.model_validate({"email": email, "name": "A", "password": PASSWORD})
    )


async def test_create_commits_once(post_service: PostService, session: FakeSession) -> None:
    post = await post_service.create_post(ALICE, DATA)
    assert (post.author_id, post.title, session.commits) == (ALICE.id, "A title", 1)


async def test_a_conflict_is_not_committed(
    post_service: PostService, posts: FakePosts, session: FakeSession
) -> None:
    posts.conflict = ConflictError("taken")
    with pytest.raises(ConflictError, match="taken"):
        await post_service.create_post(ALICE, DATA)
    assert (session.commits, session.added) == (0, [])


async def test_a_draft_is_found_by_its_author_alone(post_service: PostService) -> None:
    draft = await post_service.create_post(ALICE, DATA.model_copy(update={"published": False}))
    shown = PostResponse.model_validate(draft)
    assert await post_service.get_post(ALICE, draft.id) == shown
    assert (await post_service.list_posts(ALICE, PostQuery())).items == [shown]
    for other in (BOB, None):
        with pytest.raises(NotFoundError):
            await post_service.get_post(other, draft.id)
        assert (await post_service.list_posts(other, PostQuery())).items == []


async def test_pages_tell_where_they_are(post_service: PostService) -> None:
    for _ in range(3):
        await post_service.create_post(ALICE, DATA)
    page = await post_service.list_posts(None, PostQuery(limit=2, offset=1))
    assert ([post.id for post in page.items], page.total, page.limit, page.offset) == ([2, 3], 3, 2, 1)


async def test_update_applies_what_was_sent(post_service: PostService, session: FakeSession) -> None:
    post = await post_service.create_post(ALICE, DATA)
    await post_service.update_post(ALICE, post.id, PostUpdate(title="New"))
    assert (post.title, post.content, post.published, session.commits) == ("New", "Some content", True, 2)


async def test_replace_applies_all(post_service: PostService) -> None:
    post = await post_service.create_post(ALICE, DATA)
    await post_service.replace_post(ALICE, post.id, PostCreate(title="New", content="Other"))
    assert (post.title, post.content, post.published) == ("New", "Other", False)


async def test_nothing_new_is_not_committed(post_service: PostService, session: FakeSession) -> None:
    post = await post_service.create_post(ALICE, DATA)
    await post_service.replace_post(ALICE, post.id, DATA)
    assert session.commits == 1


async def test_others_change_nothing(
    post_service: PostService, posts: FakePosts, session: FakeSession
) -> None:
    post = await post_service.create_post(ALICE, DATA)
    with pytest.raises(ForbiddenError, match=r"^Only its author may change or delete a post\.$"):
        await post_service.update_post(BOB, post.id, PostUpdate(title="Mine"))
    with pytest.raises(ForbiddenError, match=r"^Only its author may"):
        await post_service.delete_post(BOB, post.id)
    assert (posts.rows, post.title, session.commits) == ({post.id: post}, "A title", 1)


async def test_delete_commits(post_service: PostService, posts: FakePosts, session: FakeSession) -> None:
    post = await post_service.create_post(ALICE, DATA)
    await post_service.delete_post(ALICE, post.id)
    assert (posts.rows, session.commits) == ({}, 2)


async def test_register_stores_a_hash(user_service: UserService, session: FakeSession) -> None:
    user = await sign_up(user_service)
    assert user.password_hash.startswith("$argon2id$")
    assert (PASSWORD in user.password_hash, session.commits) == (False, 1)


async def test_authenticate(user_service: UserService, session: FakeSession) -> None:
    user = await sign_up(user_service)
    form = TokenRequest.model_validate({"username": "Alice@example.com", "password": PASSWORD})
    assert await user_service.authenticate(form) is user
    assert session.commits == 1
    user.is_active = False
    with pytest.raises(UnauthorizedError):
        await user_service.authenticate(form)


async def test_authenticate_hashes_again_where_the_hash_is_old(
    user_service: UserService, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await sign_up(user_service)
    old = user.password_hash
    monkeypatch.setattr("app.services.user_service.needs_rehash", lambda _hash: True)
    await user_service.authenticate(
        TokenRequest.model_validate({"username": user.email, "password": PASSWORD})
    )
    assert user.password_hash != old
    assert session.commits == 2


async def test_a_hash_of_another_kind_lets_nobody_in(user_service: UserService) -> None:
    user = await sign_up(user_service)
    for stored in ("plain text", await hash_password("another password")):
        user.password_hash = stored
        with pytest.raises(UnauthorizedError):
            await user_service.authenticate(
                TokenRequest.model_validate({"username": user.email, "password": PASSWORD})
            )


async def test_users_change_themselves_only(user_service: UserService, session: FakeSession) -> None:
    alice, bob = await sign_up(user_service), await sign_up(user_service, "bob@example.com")
    changed = await user_service.update_user(alice, alice.id, UserUpdate(name="Alice"))
    assert (changed.name, changed.email, session.commits) == ("Alice", "alice@example.com", 3)
    with pytest.raises(ForbiddenError, match=r"^Users may change and delete only themselves\.$"):
        await user_service.update_user(bob, alice.id, UserUpdate(name="Bob"))
    with pytest.raises(ForbiddenError):
        await user_service.delete_user(bob, alice.id)
    with pytest.raises(NotFoundError):
        await user_service.update_user(alice, 99, UserUpdate(name="Nobody"))
    shown = [UserResponse.model_validate(user) for user in (alice, bob)]
    assert (await user_service.list_users(PageQuery())).items == shown
    page = await user_service.list_users(PageQuery(limit=1, offset=0))
    assert (page.items, page.total) == (shown[:1], 2)


async def test_a_user_with_posts_stays(
    user_service: UserService, post_service: PostService, users: FakeUsers
) -> None:
    alice = await sign_up(user_service)
    post = await post_service.create_post(alice, DATA)
    with pytest.raises(ConflictError, match=r"^Delete your posts first\.$"):
        await user_service.delete_user(alice, alice.id)
    await post_service.delete_post(alice, post.id)
    await user_service.delete_user(alice, alice.id)
    assert users.rows == {}


async def test_a_token_of_a_user_who_is_gone(user_service: UserService) -> None:
    with pytest.raises(UnauthorizedError, match=r"^The access token is not valid\.$"):
        await user_service.get_active_user(1)


async def test_a_wrong_password_and_an_impossible_address_get_the_same_words(
    user_service: UserService,
) -> None:
    user = await sign_up(user_service)
    for email, password in ((user.email, "wrong"), ("nobody@example.com", PASSWORD), ("a\x00b", PASSWORD)):
        form = TokenRequest.model_validate({"username": email, "password": password})
        with pytest.raises(UnauthorizedError, match=r"^The email address or the password is wrong\.$"):
            await user_service.authenticate(form)


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """What the notifications' log lines tell, in order."""
    told = ("event", "user_id", "subject", "length", "domain", "exception")
    records = [vars(record)["msg"] for record in caplog.records if "notification" in record.name]
    return [{name: value for name, value in record.items() if name in told} for record in records]


async def test_a_welcome(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = NotificationService()
    await service.welcome(7, '"carol@home"@example.com')
    message, done = logged(caplog)
    assert message == {"event": "message", "subject": "Welcome", "length": 22, "domain": "example.com"}
    assert done == {"event": "notification sent", "user_id": 7}
    # Who it was for is personal.
    assert "carol" not in caplog.text

    with patch.object(service, "send", AsyncMock()) as send:
        await service.welcome(7, "carol@example.com")
    send.assert_awaited_once_with("carol@example.com", "Welcome", "Your account is ready.")


async def test_a_welcome_that_fails_is_logged_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    service = NotificationService()
    with patch.object(service, "send", side_effect=OSError("no mail server")):
        await service.welcome(7, "carol@example.com")
    (line,) = logged(caplog)
    assert (line["event"], line["user_id"]) == ("notification failed", 7)
    assert "no mail server" in str(line["exception"])
