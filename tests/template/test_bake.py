"""A bake is clean and works as its README says."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from tests.template.conftest import Bake, BakedProject, clean_environment

EVENTS = ("kafka", "none")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("events", EVENTS)
def test_style_and_types_are_clean(bake: Bake, events: str) -> None:
    project = bake(events=events)
    project.run("ruff", "check", "--no-cache", ".")
    project.run("ruff", "format", "--no-cache", "--check", ".")
    assert "no issues found" in project.run("mypy")


@pytest.mark.parametrize("events", EVENTS)
def test_its_tests_pass(bake: Bake, events: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    bake(events=events).run("pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}")
    text = report.read_text(encoding="utf-8")
    assert 'errors="0" failures="0"' in text
    assert text.count("<testcase") > 100


@contextmanager
def served(project: BakedProject) -> Iterator[httpx2.Client]:
    """The bake, started by the command of its README."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = project.path.parent / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "--port", str(port)],
            cwd=project.path,
            env=clean_environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            for _ in range(600):
                with suppress(httpx2.TransportError):
                    if client.get("/health/ready").status_code == 200:
                        break
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield client
    finally:
        process.terminate()
        status = process.wait(30)
    assert status in (0, -15), log.read_text()


@pytest.mark.parametrize("events", EVENTS)
def test_it_serves_posts_and_users(bake: Bake, events: str) -> None:
    account = {"email": "alice@example.com", "name": "Alice", "password": "correct horse battery"}
    with served(bake(events=events)) as client:
        assert client.post("/api/v1/users", json=account).status_code == 201
        form = {"username": account["email"], "password": account["password"]}
        token = client.post("/api/v1/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        post = {"title": "A title", "content": "Some content", "published": True}
        made = client.post("/api/v1/posts", json=post)
        assert made.status_code == 201
        assert client.get(made.headers["location"]).json() == made.json()
        assert client.get("/docs").status_code == client.get("/redoc").status_code == 200
        document = json.dumps(client.get("/openapi.json").json())
        assert ("x-publishes" in document) == (events == "kafka")


@pytest.mark.parametrize("missing", ["DATABASE_URL", "JWT_SECRET"])
def test_a_missing_setting_is_named(bake: Bake, tmp_path: Path, missing: str) -> None:
    project = bake()
    given = {"DATABASE_URL": "sqlite+aiosqlite://", "JWT_SECRET": "x" * 32, "PYTHONPATH": str(project.path)}
    environment = {k: v for k, v in os.environ.items() if k not in given} | given
    del environment[missing]
    done = subprocess.run(
        [sys.executable, "-m", "app"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == f"Wrong settings: {missing}: Field required. See .env.example.\n"
