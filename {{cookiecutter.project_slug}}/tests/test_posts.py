"""Posts over HTTP."""

from unittest.mock import AsyncMock

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.database import SessionFactory
from app.exceptions import NotFoundError
from app.models import User
from app.schemas.post import PostResponse, PostUpdate
from app.services.post_service import PostService
from tests.conftest import post_repository

POSTS = "/api/v1/posts"
BODY = {"title": "A title", "content": "Some content", "published": True}


async def create(client: AsyncClient, **fields: object) -> dict[str, object]:
    """A post of the client's user."""
    response = await client.post(POSTS, json={**BODY, **fields})
    assert response.status_code == 201, response.text
    made: dict[str, object] = response.json()
    return made


def is_problem(response: Response, status: int) -> bool:
    """Whether the response is an error of the one shape."""
    return (
        response.status_code == status
        and response.headers["content-type"] == "application/problem+json"
        and response.json()["status"] == status
        and response.json()["request_id"] == response.headers["x-request-id"]
    )


async def test_create_and_read(alice: AsyncClient, client: AsyncClient) -> None:
    response = await alice.post(POSTS, json=BODY)
    assert response.status_code == 201
    made = response.json()
    assert made | BODY == made
    assert made["created_at"] <= made["updated_at"]
    assert made["created_at"].endswith("Z")
    read = await client.get(response.headers["location"])
    assert (read.status_code, read.json()) == (200, made)


async def test_create_needs_a_token(client: AsyncClient) -> None:
    response = await client.post(POSTS, json=BODY)
    assert is_problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " \t "}, "body.title"),
        ({"title": ""}, "body.title"),
        ({"title": "x" * 201}, "body.title"),
        ({"title": "a\x00b"}, "body.title"),
        ({"title": 1}, "body.title"),
        ({"content": None}, "body.content"),
        ({"published": 1}, "body.published"),
        ({"published": "true"}, "body.published"),
        ({"author_id": 7}, "body.author_id"),
    ],
)
async def test_create_refuses_bad_fields(alice: AsyncClient, change: dict[str, object], field: str) -> None:
    response = await alice.post(POSTS, json={**BODY, **change})
    assert is_problem(response, 422)
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def test_text_comes_back_as_it_was_sent(alice: AsyncClient) -> None:
    for title in ("x" * 200, " spaced ", "Žluťoučký 🐎", "line\nbreak", "'; DROP TABLE posts; --"):
        assert (await create(alice, title=title))["title"] == title


async def test_a_title_is_unique_for_its_author(alice: AsyncClient, bob: AsyncClient) -> None:
    await create(alice)
    assert is_problem(await alice.post(POSTS, json=BODY), 409)
    await create(bob)


async def test_read_of_a_missing_post(client: AsyncClient) -> None:
    assert is_problem(await client.get(f"{POSTS}/1"), 404)


@pytest.mark.parametrize("post_id", ["0", "-1", "x", "2147483648", "99999999999999999999"])
async def test_read_refuses_what_is_no_identifier(client: AsyncClient, post_id: str) -> None:
    assert is_problem(await client.get(f"{POSTS}/{post_id}"), 422)


async def test_only_its_author_sees_a_draft(
    alice: AsyncClient, bob: AsyncClient, client: AsyncClient
) -> None:
    made = await create(alice, published=False)
    path = f"{POSTS}/{made['id']}"
    assert (await alice.get(path)).json() == made
    assert (await alice.get(POSTS)).json()["items"] == [made]
    for other in (bob, client):
        assert is_problem(await other.get(path), 404)
        assert (await other.get(POSTS)).json()["total"] == 0
    assert is_problem(await bob.put(path, json=BODY), 404)
    assert is_problem(await bob.patch(path, json={"title": "Mine"}), 404)
    assert is_problem(await bob.delete(path), 404)
    assert (await alice.get(path)).json() == made


async def test_pages_are_disjoint_and_complete(alice: AsyncClient, client: AsyncClient) -> None:
    made = [await create(alice, title=f"Post {number}") for number in range(5)]
    seen = []
    for offset in (0, 2, 4, 6):
        page = (await client.get(POSTS, params={"limit": 2, "offset": offset})).json()
        assert (page["total"], page["limit"], page["offset"]) == (5, 2, offset)
        seen += page["items"]
    assert seen == made


async def test_filters(alice: AsyncClient, bob: AsyncClient) -> None:
    published, draft = await create(alice), await create(alice, title="Draft", published=False)
    other = await create(bob)
    for query, expected in (
        ("", [published, draft, other]),
        ("published=false", [draft]),
        (f"author_id={other['author_id']}", [other]),
        (f"author_id={published['author_id']}&published=true", [published]),
    ):
        assert (await alice.get(f"{POSTS}?{query}")).json()["items"] == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=2147483648", "titel=x"]
)
async def test_list_refuses_bad_queries(client: AsyncClient, query: str) -> None:
    response = await client.get(f"{POSTS}?{query}")
    assert is_problem(response, 422)
    assert response.json()["errors"][0]["field"] == f"query.{query.partition('=')[0]}"


async def test_replace_resets_what_is_left_out(alice: AsyncClient) -> None:
    made = await create(alice)
    response = await alice.put(f"{POSTS}/{made['id']}", json={"title": "New", "content": "Other"})
    assert response.status_code == 200
    changed = response.json()
    assert changed == {
        **made,
        "title": "New",
        "content": "Other",
        "published": False,
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] > str(made["updated_at"])
    assert (await alice.get(f"{POSTS}/{made['id']}")).json() == changed


async def test_replace_refuses_half_a_post(alice: AsyncClient) -> None:
    made = await create(alice)
    assert is_problem(await alice.put(f"{POSTS}/{made['id']}", json={"title": "New"}), 422)


async def test_update_keeps_what_is_left_out(alice: AsyncClient) -> None:
    made = await create(alice)
    response = await alice.patch(f"{POSTS}/{made['id']}", json={"title": "New"})
    assert response.status_code == 200
    changed = response.json()
    assert changed == {**made, "title": "New", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > str(made["updated_at"])
    assert (await alice.get(f"{POSTS}/{made['id']}")).json() == changed


async def test_the_later_of_two_changes_tells_both(app: FastAPI, alice: AsyncClient) -> None:
    made = PostResponse.model_validate_json((await alice.post(POSTS, json=BODY)).content)
    author = User(id=made.author_id)
    sessions: SessionFactory = app.state.session_factory
    async with sessions() as first, sessions() as second:
        early, late = (PostService(session, post_repository(session)) for session in (first, second))
        # Read before the other's change, and written after it.
        read = await late.posts.get(made.id)
        await early.update_post(author, made.id, PostUpdate(title="New"))
        post = await late.update_post(author, made.id, PostUpdate(content="Other"))
    assert post is read
    assert (post.title, post.content) == ("New", "Other")


async def test_update_with_nothing_new_changes_nothing(alice: AsyncClient) -> None:
    made = await create(alice)
    for body in ({}, {"title": made["title"]}):
        assert (await alice.patch(f"{POSTS}/{made['id']}", json=body)).json() == made


async def test_update_refuses_null_and_a_taken_title(alice: AsyncClient) -> None:
    await create(alice, title="Taken")
    made = await create(alice)
    assert is_problem(await alice.patch(f"{POSTS}/{made['id']}", json={"title": None}), 422)
    assert is_problem(await alice.patch(f"{POSTS}/{made['id']}", json={"title": "Taken"}), 409)
    assert (await alice.get(f"{POSTS}/{made['id']}")).json() == made


async def test_delete_removes_one_post_once(alice: AsyncClient) -> None:
    made, sibling = await create(alice), await create(alice, title="Sibling")
    path = f"{POSTS}/{made['id']}"
    response = await alice.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert is_problem(await alice.get(path), 404)
    assert is_problem(await alice.delete(path), 404)
    assert (await alice.get(POSTS)).json()["items"] == [sibling]


@pytest.mark.parametrize("change", [None, PostUpdate(title="New")])
async def test_what_is_deleted_meanwhile_is_missing(
    app: FastAPI, alice: AsyncClient, monkeypatch: pytest.MonkeyPatch, change: PostUpdate | None
) -> None:
    made = PostResponse.model_validate_json((await alice.post(POSTS, json=BODY)).content)
    author = User(id=made.author_id)
    sessions: SessionFactory = app.state.session_factory
    async with sessions() as first, sessions() as second:
        early, late = (PostService(session, post_repository(session)) for session in (first, second))
        # Both read it before the first deletes it.
        monkeypatch.setattr(late.posts, "get", AsyncMock(return_value=await late.posts.get(made.id)))
        await early.delete_post(author, made.id)
        with pytest.raises(NotFoundError, match="meanwhile"):
            await (late.update_post(author, made.id, change) if change else late.delete_post(author, made.id))


async def test_identifiers_are_not_used_again(alice: AsyncClient) -> None:
    made = await create(alice)
    await alice.delete(f"{POSTS}/{made['id']}")
    assert (await create(alice))["id"] != made["id"]


async def test_only_the_author_changes_and_deletes(alice: AsyncClient, bob: AsyncClient) -> None:
    made = await create(alice)
    path = f"{POSTS}/{made['id']}"
    assert is_problem(await bob.put(path, json=BODY), 403)
    assert is_problem(await bob.patch(path, json={"title": "Mine"}), 403)
    assert is_problem(await bob.delete(path), 403)
    assert (await alice.get(path)).json() == made
