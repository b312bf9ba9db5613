"""Errors have one shape on every layer, in answers and in the OpenAPI document."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ssl import SSLCertVerificationError
from typing import Any
from unittest.mock import AsyncMock

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from app.config import Settings
from app.exceptions import ValidationError
from app.main import create_app
from app.services.post_service import PostService
from tests.conftest import PASSWORD, make_client
from tests.test_posts import BODY, POSTS, is_problem


async def test_a_path_that_is_not_there(client: AsyncClient) -> None:
    for path in ("/nowhere", f"{POSTS}/", f"{POSTS}/1/nowhere"):
        response = await client.get(path)
        assert is_problem(response, 404)
        assert response.json()["instance"] == path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", POSTS, "GET, HEAD, POST"),
        ("POST", f"{POSTS}/1", "DELETE, GET, HEAD, PATCH, PUT"),
        ("HEAD", "/api/v1/auth/token", "POST"),
        ("PUT", "/health/live", "GET, HEAD"),
    ],
)
async def test_allow_lists_all_methods_of_the_path(
    client: AsyncClient, method: str, path: str, allowed: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    assert method == "HEAD" or is_problem(response, 405)


async def test_head_is_get_without_content(client: AsyncClient) -> None:
    get, head = await client.get(POSTS), await client.head(POSTS)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("content", "media_type", "status", "field"),
    [
        (b"{", "application/json", 422, "body"),
        (b"", "application/json", 422, "body"),
        (b"[]", "application/json", 422, "body"),
        (b"null", "application/json", 422, "body"),
        (b'{"title": "a", "content": "b"}', "text/plain", 422, "body"),
        (b'{"title": "\\ud800", "content": "b"}', "application/json", 422, "body.title"),
        (b'{"title": NaN, "content": "b"}', "application/json", 422, "body.title"),
        (b'{"\\ud800": 1, "title": "a", "content": "b"}', "application/json", 422, "body"),
        (b"\xff", "application/json", 400, None),
        (b"[" * 100_000, "application/json", 400, None),
        (b'{"title": ' + b"9" * 10_000 + b"}", "application/json", 400, None),
    ],
)
async def test_a_body_that_cannot_be_read(
    alice: AsyncClient, content: bytes, media_type: str, status: int, field: str | None
) -> None:
    response = await alice.post(POSTS, content=content, headers={"content-type": media_type})
    assert is_problem(response, status)
    assert [error["field"] for error in response.json().get("errors", [])] == ([field] if field else [])


async def test_a_body_that_is_too_large(alice: AsyncClient, settings: Settings) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(settings.max_body_bytes // 65_536 + 1):
            yield b"x" * 65_536

    for content in (b"x" * (settings.max_body_bytes + 1), chunks()):
        response = await alice.post(POSTS, content=content, headers={"content-type": "application/json"})
        assert is_problem(response, 413)


async def test_an_unexpected_error_tells_nothing(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(PostService, "get_post", fail)
    response = await client.get(f"{POSTS}/1")
    assert is_problem(response, 500)
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "a secret of the inside" in caplog.text


async def test_an_answer_that_breaks_off_is_seen_to_break_off(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"half of it"
        raise RuntimeError("the other half is gone")

    app.add_api_route("/half", lambda: StreamingResponse(chunks()), response_model=None)
    # The server closes the connection then: a whole answer cannot be made of it any more.
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        with pytest.raises(RuntimeError, match="other half"):
            await client.get("/half")
    assert "unexpected error" in caplog.text


class CodedError(Exception):
    """An error of PostgreSQL's as its driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("10.0.0.1 has trouble")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", None, OSError("no route to 10.0.0.1")),
        DBAPIError("SELECT 1", None, OSError("10.0.0.1 shuts down"), connection_invalidated=True),
        ConnectionRefusedError("10.0.0.1 refuses"),
        PoolTimeoutError("all connections to 10.0.0.1 are in use"),
        SSLCertVerificationError("10.0.0.1 is somebody else"),
        DBAPIError("SELECT 1", None, CodedError("53100")),
        DBAPIError("SELECT 1", None, CodedError("40P01")),
    ],
)
async def test_a_database_that_does_not_answer(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(PostService, "get_post", fail)
    response = await client.get(f"{POSTS}/1")
    assert is_problem(response, 503)
    assert response.headers["retry-after"] == "5"
    assert "10.0.0.1" not in response.text
    assert "SELECT" not in response.text


async def test_a_pool_that_is_exhausted(settings: Settings) -> None:
    small = settings.model_copy(update={"database_pool_size": 1, "database_pool_timeout": 0.05})
    app = create_app(small)
    async with app.router.lifespan_context(app), make_client(app) as client, AsyncExitStack() as held:

        async def take_all() -> None:
            while True:
                await held.enter_async_context(app.state.engine.connect())

        with pytest.raises(PoolTimeoutError):
            await take_all()
        response = await client.get(POSTS)
        assert is_problem(response, 503)
        assert response.headers["retry-after"] == "5"
        await held.aclose()
        assert (await client.get("/health/ready")).status_code == 200


@pytest.mark.parametrize("failing", [False, True])
async def test_a_connection_is_given_back_before_the_answer(
    app: FastAPI, alice: AsyncClient, bob: AsyncClient, monkeypatch: pytest.MonkeyPatch, failing: bool
) -> None:
    made = (await alice.post(POSTS, json=BODY)).json()
    held = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def see(message: Message) -> None:
            held.append(app.state.engine.pool.checkedout())
            await send(message)

        await app(scope, receive, see)

    if failing:
        monkeypatch.setattr(AsyncSession, "close", AsyncMock(side_effect=ConnectionError))
    async with AsyncClient(transport=ASGITransport(watched), base_url="http://test") as client:
        # It has read the post to change it, and then refuses.
        response = await client.patch(f"{POSTS}/{made['id']}", json=BODY, headers=bob.headers)
    assert is_problem(response, 403)
    assert held == [0, 0]


async def test_an_error_of_the_database_is_logged_without_what_rows_hold(
    app: FastAPI, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async with app.state.engine.begin() as connection:
        await connection.execute(text("CREATE UNIQUE INDEX not_in_the_models ON users (name)"))
    body = {"email": "carol@example.com", "name": "Carol", "password": PASSWORD}
    assert (await client.post("/api/v1/users", json=body)).status_code == 201
    assert is_problem(await client.post("/api/v1/users", json=body | {"email": "other@example.com"}), 500)
    assert "IntegrityError" in caplog.text
    for secret in (PASSWORD, "$argon2", "other@example.com"):
        assert secret not in caplog.text


async def test_a_query_that_is_wrong_is_our_mistake(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ProgrammingError("SELEC 1", None, Exception("syntax error"))

    monkeypatch.setattr(PostService, "get_post", fail)
    response = await client.get(f"{POSTS}/1")
    assert is_problem(response, 500)
    assert "SELEC" not in response.text


async def test_a_rule_of_the_domain(alice: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValidationError("A rule that no schema can tell.")

    monkeypatch.setattr(PostService, "create_post", refuse)
    response = await alice.post(POSTS, json=BODY)
    assert is_problem(response, 422)
    assert response.json()["detail"] == "A rule that no schema can tell."


def operations(app: FastAPI) -> dict[str, dict[str, Any]]:
    """The document's operations by method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
    }


def test_every_operation_is_described(app: FastAPI) -> None:
    for label, operation in operations(app).items():
        assert operation["tags"], label
        assert operation["summary"], label
        assert operation["description"], label
        for status, response in operation["responses"].items():
            if status == "204":
                assert "content" not in response, label
            elif int(status) < 400:
                assert response["content"]["application/json"]["schema"], label
            else:
                assert response["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }, label


def test_errors_are_declared_where_they_occur(app: FastAPI) -> None:
    for label, operation in operations(app).items():
        declared = set(operation["responses"])
        if label.startswith(("GET /health", "GET /api/v1/users/me")):
            continue
        assert {"422", "500", "503"} <= declared, label
        if "requestBody" in operation:
            assert {"400", "413"} <= declared, label
        if "security" in operation:
            assert "401" in declared, label


def test_the_frameworks_own_error_shape_is_gone(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    assert {"Problem", "FieldError"} <= set(schemas)
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)


def test_public_operations_say_that_a_token_is_optional(app: FastAPI) -> None:
    assert {} in operations(app)[f"GET {POSTS}"]["security"]
    assert {} not in operations(app)[f"POST {POSTS}"]["security"]
