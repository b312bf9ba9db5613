"""The outbox: what is emitted is kept with its change, or not at all."""

import asyncio
import json
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.outbox import emit, waking
from app.exceptions import NotFoundError
from app.models import User
from app.models.base import utc_now
from app.models.outbox import AuthorStats, InboxEntry, OutboxEvent, RelayLease
from app.repositories.outbox_repository import OutboxRepository
from app.schemas.events import PUBLISHED, UserRegistered
from app.services.post_service import PostService
from tests.conftest import post_repository
from tests.events_support import NOW, post_created


async def rows(app: FastAPI) -> list[OutboxEvent]:
    """All rows of the outbox, as another session sees them."""
    async with app.state.session_factory() as session:
        return list((await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))).all())


def someone() -> User:
    """A user who is not stored yet."""
    return User(email="eve@example.com", name="Eve", password_hash="x")


async def test_committed_with_its_change(app: FastAPI, session: AsyncSession) -> None:
    session.add(someone())
    await session.flush()
    emit(session, post_created(post_id=7))
    await session.commit()
    (row,) = await rows(app)
    assert (row.topic, row.aggregate_id, row.type) == ("posts", "7", "PostCreated")
    assert json.loads(row.payload) == {
        "id": 7,
        "author_id": 3,
        "title": "Hello",
        "published": True,
        "created_at": "2030-01-02T03:04:05.678901Z",
    }
    assert (row.sent_at, row.failed_at, row.attempts) == (None, None, 0)
    assert abs(row.occurred_at - utc_now()) < timedelta(minutes=1)


async def test_rolled_back_with_its_change(app: FastAPI, session: AsyncSession) -> None:
    emit(session, post_created())
    await session.flush()
    await session.rollback()
    assert await rows(app) == []


async def test_the_last_event_of_changes_at_once_tells_all_of_them(app: FastAPI, alice: AsyncClient) -> None:
    made = (await alice.post("/api/v1/posts", json={"title": "Old", "content": "Text"})).json()
    path = f"/api/v1/posts/{made['id']}"
    for number in range(5):
        changes: list[dict[str, object]] = [{"title": f"New {number}"}, {"published": number % 2 == 0}]
        answers = await asyncio.gather(*(alice.patch(path, json=change) for change in changes))
        assert [answer.status_code for answer in answers] == [200, 200]
        last = json.loads((await rows(app))[-1].payload)
        assert last.items() >= (changes[0] | changes[1]).items()


async def test_of_two_deletes_one_is_told(app: FastAPI, alice: AsyncClient) -> None:
    made = (await alice.post("/api/v1/posts", json={"title": "Old", "content": "Text"})).json()
    author = User(id=made["author_id"])
    async with app.state.session_factory() as first, app.state.session_factory() as second:
        early, late = (PostService(session, post_repository(session)) for session in (first, second))
        _read = await late.posts.get(made["id"])
        await early.delete_post(author, made["id"])
        with pytest.raises(NotFoundError):
            await late.delete_post(author, made["id"])
    assert [row.type for row in await rows(app)].count("PostDeleted") == 1


async def test_refused_while_changes_are_pending(session: AsyncSession) -> None:
    session.add(someone())
    with pytest.raises(RuntimeError, match="flush"):
        emit(session, post_created())
    await session.flush()
    emit(session, post_created())
    emit(session, post_created(post_id=2))


async def test_each_event_has_an_id_and_a_place(app: FastAPI, session: AsyncSession) -> None:
    for post_id in (3, 1, 2):
        emit(session, post_created(post_id))
    await session.commit()
    made = await rows(app)
    assert [row.aggregate_id for row in made] == ["3", "1", "2"]
    assert len({row.event_id for row in made}) == 3


async def test_wakes_after_the_commit_and_not_before(session: AsyncSession) -> None:
    woken: list[bool] = []
    with waking(lambda: woken.append(True)):
        emit(session, post_created())
        await session.flush()
        assert woken == []
        await session.commit()
        assert woken
    woken.clear()
    emit(session, post_created())
    await session.commit()
    assert woken == []


async def test_a_commit_that_emitted_nothing_wakes_nobody(session: AsyncSession) -> None:
    woken: list[bool] = []
    with waking(lambda: woken.append(True)):
        session.add(someone())
        await session.commit()
    assert woken == []


async def test_purge_keeps_what_is_still_of_use(app: FastAPI, session: AsyncSession) -> None:
    for post_id in (1, 2, 3):
        emit(session, post_created(post_id))
    await session.commit()
    old, unsent, failed = await rows(app)
    repository = OutboxRepository(session)
    await repository.mark_sent([old.id])
    assert await repository.count_refusal(failed.id, "too large", max_attempts=1)
    assert [row.id for row in await repository.pending(10)] == [unsent.id]
    await repository.purge(before=utc_now() + timedelta(seconds=1))
    await session.commit()
    assert [row.id for row in await rows(app)] == [unsent.id, failed.id]


def test_events_tell_no_more_than_they_need() -> None:
    fields = {event.__name__: set(event.model_fields) for event in PUBLISHED}
    assert fields["UserRegistered"] == {"id", "created_at"}
    assert not {"email", "name", "password", "password_hash", "content"} & set().union(*fields.values())


def test_the_key_is_the_aggregate() -> None:
    assert UserRegistered(id=12, created_at=NOW).aggregate_id == "12"


def test_a_payload_of_another_type_is_refused() -> None:
    for wrong in ('{"id": "1", "created_at": "2030-01-01T00:00:00Z"}', '{"id": true}', '{"id": 1}'):
        with pytest.raises(ValueError, match="validation error"):
            UserRegistered.model_validate_json(wrong)


def test_a_field_that_a_newer_publisher_added_is_ignored() -> None:
    text = '{"id": 1, "created_at": "2030-01-01T00:00:00Z", "referrer": "x"}'
    assert UserRegistered.model_validate_json(text).id == 1


def test_rows_tell_what_they_are_and_nothing_personal() -> None:
    for row in (
        OutboxEvent(id=1, type="PostCreated", aggregate_id="7", payload="canary"),
        RelayLease(name="relay", holder="one", beat=2),
        InboxEntry(consumer="c", source="/s", event_id="e"),
        AuthorStats(user_id=3, posts=4),
    ):
        assert repr(row).startswith(f"{type(row).__name__}(")
        assert "canary" not in repr(row)
