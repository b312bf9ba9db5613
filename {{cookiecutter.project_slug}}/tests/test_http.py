"""What holds for all of HTTP: probes, documentation, headers, origins, request ids."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from prometheus_client.parser import text_string_to_metric_families
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


async def test_not_ready_without_the_database(app: FastAPI, client: AsyncClient) -> None:
    async def refuse() -> None:
        raise ConnectionRefusedError

    app.state.engine = create_async_engine("sqlite+aiosqlite://", async_creator=refuse)
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
    async with app.router.lifespan_context(app), make_client(app) as client:
        assert "strict-transport-security" in (await client.get("/health/live")).headers


async def test_origins_are_those_of_the_settings(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ("https://good.example",)}))
    async with app.router.lifespan_context(app), make_client(app) as client:
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


def sample(text: str, name: str, **labels: str) -> float:
    """The value of a metric's sample, 0 where there is none."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(sample.value for sample in samples if (sample.name, sample.labels) == (name, labels))


async def test_metrics_count_by_route_and_status(client: AsyncClient) -> None:
    for path in (f"{POSTS}/998", f"{POSTS}/999", f"{POSTS}/x", "/nowhere", "/elsewhere"):
        await client.get(path)
    await client.head(POSTS)
    for path in ("/nowhere", POSTS):
        await client.request("INVENTED", path)
    response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    text, count, one = response.text, "http_requests_total", POSTS + "/{post_id}"
    assert sample(text, count, method="GET", route=one, status="404") == 2
    assert sample(text, count, method="GET", route=one, status="422") == 1
    assert sample(text, count, method="GET", route=POSTS, status="200") == 1
    assert sample(text, count, method="none", route="none", status="404") == 3
    assert sample(text, count, method="none", route=POSTS, status="405") == 1
    assert sample(text, "http_request_duration_seconds_count", method="GET", route=one) == 3
    assert "nowhere" not in text
    assert "INVENTED" not in text


async def test_metrics_count_what_fails(app: FastAPI, client: AsyncClient) -> None:
    app.state.engine = None
    assert is_problem(await client.get(POSTS), 500)
    text = (await client.get("/metrics")).text
    assert sample(text, "http_requests_total", method="GET", route=POSTS, status="500") == 1


async def test_metrics_of_all_workers(
    client: AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "from app.middleware.metrics import Metrics; Metrics().requests.labels('GET', '/x', 200).inc()"
    folder = tmp_path / "metrics"
    folder.mkdir()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environment)
        assert await process.wait() == 0
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    text = (await client.get("/metrics")).text
    assert sample(text, "http_requests_total", method="GET", route="/x", status="200") == 2
