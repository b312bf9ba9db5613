"""What holds for all of HTTP: probes, documentation, headers, origins, request ids."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy.ext.asyncio import create_async_engine

from app.config import Settings
from app.main import create_app
from tests.conftest import make_client
from tests.test_posts import POSTS, is_problem


async def test_live(client: AsyncClient) -> None:
    response = await client.get("/health/live")
    assert (response.status_code, response.json()["status"]) == (200, "ok")


async def test_ready_says_what_answers(client: AsyncClient) -> None:
    response = await client.get("/health/ready")
    assert (response.status_code, response.json()["checks"]["database"]) == (200, "ok")


async def test_not_ready_without_the_database(app: FastAPI, client: AsyncClient, tmp_path: Path) -> None:
    await app.state.engine.dispose()
    app.state.engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/missing/app.db")
    response = await client.get("/health/ready")
    assert is_problem(response, 503)
    assert "retry-after" in response.headers
    assert (await client.get("/health/live")).status_code == 200


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_documentation_needs_no_other_host(client: AsyncClient, page: str) -> None:
    response = await client.get(page)
    assert response.status_code == 200
    assert "//" not in response.text.replace("<!-- ", "").replace("</", "")
    assets = [part.split('"')[0] for part in response.text.split('="/static')[1:]]
    assert assets
    for asset in assets:
        assert (await client.get(f"/static{asset}")).status_code == 200


async def test_security_headers(client: AsyncClient) -> None:
    for path in (POSTS, "/nowhere"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "strict-transport-security" not in headers


async def test_https_is_demanded_in_production(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"environment": "production"}))
    async with make_client(app) as client:
        assert "strict-transport-security" in (await client.get("/health/live")).headers
    await app.state.engine.dispose()


async def test_origins_are_those_of_the_settings(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ("https://good.example",)}))
    async with make_client(app) as client:
        for origin, expected in (
            ("https://good.example", "https://good.example"),
            ("https://evil.example", None),
        ):
            response = await client.get("/health/live", headers={"Origin": origin})
            assert response.headers.get("access-control-allow-origin") == expected
            preflight = await client.options(
                POSTS, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
            )
            assert preflight.headers.get("access-control-allow-origin") == expected
            assert preflight.status_code == 200 if expected else is_problem(preflight, 400)
    await app.state.engine.dispose()


async def test_options_of_no_preflight_is_like_any_other_method(client: AsyncClient) -> None:
    for headers in ({}, {"Access-Control-Request-Method": "GET"}):
        response = await client.options(POSTS, headers=headers)
        assert is_problem(response, 405)
        assert response.headers["allow"] == "GET, HEAD, POST"


async def test_request_ids(client: AsyncClient) -> None:
    given = await client.get("/health/live", headers={"X-Request-ID": "abc-1"})
    assert given.headers["x-request-id"] == "abc-1"
    made = {(await client.get("/health/live")).headers["x-request-id"] for _ in range(2)}
    assert len(made) == 2
    for hostile in ("x" * 65, "a b", "a{}"):
        response = await client.get("/health/live", headers={"X-Request-ID": hostile})
        assert response.headers["x-request-id"] != hostile


async def test_a_request_is_one_log_line_without_its_query(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.get(POSTS, params={"titel": "secret"}, headers={"X-Request-ID": "abc-1"})
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("app.middleware")]
    assert "abc-1" in line
    assert "422" in line
    assert "secret" not in line
