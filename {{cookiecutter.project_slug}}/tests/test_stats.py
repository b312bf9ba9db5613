"""Statistics over HTTP."""

from unittest.mock import AsyncMock

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.outbox import AuthorStats
from app.repositories.stats_repository import StatsRepository
from tests.events_support import NOW
from tests.test_posts import is_problem


async def my_id(client: AsyncClient) -> int:
    return int((await client.get("/api/v1/users/me")).json()["id"])


async def test_nothing_counted_yet(alice: AsyncClient) -> None:
    user_id = await my_id(alice)
    response = await alice.get(f"/api/v1/users/{user_id}/stats")
    assert response.status_code == 200
    assert response.json() == {"user_id": user_id, "posts": 0, "last_post_at": None}


async def test_what_the_events_have_told(app: FastAPI, alice: AsyncClient) -> None:
    user_id = await my_id(alice)
    async with app.state.session_factory() as session, session.begin():
        session.add(AuthorStats(user_id=user_id, posts=2, last_post_at=NOW))
    assert (await alice.get(f"/api/v1/users/{user_id}/stats")).json() == {
        "user_id": user_id,
        "posts": 2,
        "last_post_at": "2030-01-02T03:04:05.678901Z",
    }


async def test_they_are_nobody_elses_business(
    alice: AsyncClient, bob: AsyncClient, client: AsyncClient
) -> None:
    path = f"/api/v1/users/{await my_id(alice)}/stats"
    refused = await bob.get(path)
    assert is_problem(refused, 403)
    assert refused.json()["detail"] == "Users may see only their own statistics."
    assert is_problem(await client.get(path), 401)


@pytest.mark.parametrize(("user_id", "status"), [("999", 404), ("0", 422), ("x", 422), ("2147483648", 422)])
async def test_no_such_user(alice: AsyncClient, user_id: str, status: int) -> None:
    assert is_problem(await alice.get(f"/api/v1/users/{user_id}/stats"), status)


async def test_of_two_that_begin_to_count_at_once_one_makes_the_row(
    app: FastAPI, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.state.session_factory() as first, first.begin():
        await StatsRepository(first).ensure(3)
    # The second has looked before the first one's commit.
    monkeypatch.setattr(session, "get", AsyncMock(return_value=None))
    stats = StatsRepository(session)
    await stats.ensure(3)
    await stats.add_posts(3, 1, NOW)
    await session.commit()
    assert await session.scalar(select(AuthorStats.posts)) == 1
