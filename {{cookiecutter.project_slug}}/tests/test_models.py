"""Models, repositories and constraints on a database."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastapi import FastAPI
from sqlalchemy import inspect, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, InvalidRequestError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.exceptions import ConflictError
from app.models import Base, Post, User
from app.models.base import UtcDateTime
from app.repositories.base_repository import conflict_detail
from tests.conftest import post_repository, user_repository


def a_user(email: str = "alice@example.com") -> User:
    """A user that is not stored."""
    return User(email=email, name="Alice", password_hash="x")


async def a_post(session: AsyncSession) -> Post:
    """A stored post of a stored user."""
    user = await user_repository(session).add(a_user())
    return await post_repository(session).add(Post(author_id=user.id, title="A title", content="Text"))


async def test_times_keep_their_moment_and_zone(session: AsyncSession) -> None:
    post = await a_post(session)
    moment = datetime(2030, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=5)))
    post.created_at = moment
    await session.commit()
    found = await session.scalar(select(Post.created_at).execution_options(populate_existing=True))
    assert found == moment
    assert found.tzinfo == UTC


async def test_a_time_without_a_zone_is_refused(session: AsyncSession) -> None:
    post = await a_post(session)
    post.created_at = datetime(2030, 1, 2)  # noqa: DTZ001 - it is what is refused
    with pytest.raises(StatementError, match="zone"):
        await session.flush()


def test_no_time_is_no_time() -> None:
    column, dialect = UtcDateTime(), sqlite.dialect()
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None


async def test_a_change_moves_updated_at_alone(session: AsyncSession) -> None:
    post = await a_post(session)
    created, updated = post.created_at, post.updated_at
    post.title = "New"
    await session.commit()
    await session.refresh(post)
    assert post.created_at == created
    assert post.updated_at > updated


async def test_relations_are_loaded_on_demand_only(session: AsyncSession) -> None:
    await a_post(session)
    await session.commit()
    session.expunge_all()
    post = await session.scalar(select(Post))
    assert post is not None
    with pytest.raises(InvalidRequestError, match="lazy"):
        _ = post.author
    loaded = await session.scalar(
        select(Post).options(selectinload(Post.author)).execution_options(populate_existing=True)
    )
    assert loaded is not None
    assert loaded.author.name == "Alice"


async def test_unique_constraints_are_conflicts(session: AsyncSession) -> None:
    post = await a_post(session)
    await session.commit()
    posts, users = post_repository(session), user_repository(session)
    author_id = post.author_id
    with pytest.raises(ConflictError, match="title"):
        await posts.add(Post(author_id=author_id, title="A title", content="Other"))
    await session.rollback()
    with pytest.raises(ConflictError, match="email"):
        await users.add(a_user())


async def test_foreign_keys_are_conflicts(session: AsyncSession) -> None:
    post = await a_post(session)
    await session.commit()
    user = await session.get(User, post.author_id)
    assert user is not None
    with pytest.raises(ConflictError, match="refer"):
        await user_repository(session).delete(user)
    await session.rollback()
    with pytest.raises(ConflictError, match="refer"):
        await post_repository(session).add(Post(author_id=999, title="Other", content="Text"))


TITLE, EMAIL, REFERENCE = "You have a post", "A user with this email", "Others refer"


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        ("UNIQUE constraint failed: posts.author_id, posts.title", TITLE),
        ("FOREIGN KEY constraint failed", REFERENCE),
        ('duplicate key value violates unique constraint "uq_users_email"\nDETAIL:  Key (email)=(a)', EMAIL),
        ('insert on table "posts" violates foreign key constraint "fk_posts_author_id_users"', REFERENCE),
        ("""(1062, "Duplicate entry '1-A' for key 'posts.uq_posts_author_id_title'")""", TITLE),
        (
            "(1451, 'Cannot delete a parent row (CONSTRAINT `fk_posts_author_id_users` ...)')",
            REFERENCE,
        ),
        # Titles that read like a server's words about another constraint.
        (
            'duplicate key value violates unique constraint "uq_posts_author_id_title"\nDETAIL:  Key'
            " (author_id, title)=(1, for key 'users.uq_users_email') already exists.",
            TITLE,
        ),
        (
            """(1062, 'Duplicate entry \\'1-violates constraint "uq_users_email"\\' for key"""
            """ \\'posts.uq_posts_author_id_title\\'')""",
            TITLE,
        ),
        ("NOT NULL constraint failed: users.email", None),
        ('duplicate key value violates unique constraint "uq_of_somebody_else"', None),
    ],
)
def test_a_conflict_is_known_by_its_constraint(message: str, detail: str | None) -> None:
    found = conflict_detail(message)
    assert found is None if detail is None else found and found.startswith(detail)


async def test_what_is_no_conflict_is_an_error(session: AsyncSession) -> None:
    with pytest.raises(IntegrityError):
        await user_repository(session).add(User(email="a@example.com", name="A"))


async def test_one_of_two_sign_ups_at_once_wins(app: FastAPI) -> None:
    async def sign_up() -> str:
        async with app.state.session_factory() as session:
            try:
                await user_repository(session).add(a_user())
                await session.commit()
            except ConflictError:
                return "conflict"
            return "stored"

    assert sorted(await asyncio.gather(*(sign_up() for _ in range(5)))) == ["conflict"] * 4 + ["stored"]


def test_every_model_is_described() -> None:
    for mapper in Base.registry.mappers:
        assert mapper.class_.__doc__, mapper.class_
        assert "__repr__" in vars(mapper.class_), mapper.class_
        assert all(relation.lazy == "raise" for relation in inspect(mapper.class_).relationships)


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"


def test_repr_tells_which_one() -> None:
    assert repr(User(id=7, email="secret@example.com", name="A", password_hash="secret")) == "User(id=7)"
    assert repr(Post(id=3, author_id=7, published=True)) == "Post(id=3, author_id=7, published=True)"
