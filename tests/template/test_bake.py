"""A bake is clean and works as its README says."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

import asyncpg
import httpx2
import pytest

from conformance.target.dependencies import provided
from tests.template.conftest import Bake, BakedProject, clean_environment

EVENTS = ("kafka", "none")
DATABASES = ("sqlite", "postgresql", "mysql")
pytestmark = pytest.mark.slow


@pytest.fixture(params=[(database, events) for database in DATABASES for events in EVENTS], ids="-".join)
def installed(request: pytest.FixtureRequest, bake: Bake, tmp_path: Path) -> Iterator[BakedProject]:
    """Each combination, and an environment that holds what its own lock names and nothing else."""
    database, events = request.param
    project = bake(database=database, events=events)
    python = tmp_path / "venv" / "bin" / "python"
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")],
        ["pip", "install", "--quiet", "--python", str(python), "-r", "requirements-dev.txt"],
    ):
        subprocess.run(["uv", *command], cwd=project.path, env=clean_environment(), check=True)
    yield BakedProject(project.path, python)
    # Each of them is large.
    shutil.rmtree(tmp_path / "venv")


def test_it_is_clean_and_its_tests_pass(
    request: pytest.FixtureRequest, installed: BakedProject, tmp_path: Path
) -> None:
    """On its own lock. The tests that are slow and differ with no database run with SQLite's alone."""
    installed.run("ruff", "check", "--no-cache", ".")
    installed.run("ruff", "format", "--no-cache", "--check", ".")
    assert "no issues found" in installed.run("mypy", "--cache-dir", str(tmp_path / "mypy"))
    report = tmp_path / "report.xml"
    only = ["-m", "not docker"] if (installed.path / "app" / "kafka").exists() else []
    if "sqlite" in request.node.callspec.id:
        # As its gate runs them: pyproject.toml says how many branches must be covered.
        only.append("--cov")
    elif only:
        slow = ("asyncapi", "events_client", "events_end_to_end", "events_producer")
        only += [f"--ignore=tests/test_{part}.py" for part in slow]
    installed.run("pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *only)
    text = report.read_text(encoding="utf-8")
    assert 'errors="0" failures="0"' in text
    assert text.count("<testcase") > 150


@pytest.fixture(scope="module")
def database_url() -> Iterator[Callable[[str], str]]:
    """Starts a server once, and gives its URL as the kit does."""
    with ExitStack() as stack:

        @cache
        def start(database: str) -> str:
            name = f"{database}_url"
            return stack.enter_context(provided({name}, "embedded", print))[name]

        yield start


@pytest.mark.docker
@pytest.mark.parametrize("events", EVENTS)
@pytest.mark.parametrize("database", DATABASES[1:])
def test_its_tests_pass_on_its_database(
    bake: Bake, database_url: Callable[[str], str], database: str, events: str
) -> None:
    project = bake(database=database, events=events)
    tests = ["tests/test_models.py", "tests/test_migrations.py", "tests/test_posts.py", "tests/test_users.py"]
    if events == "kafka":
        tests += [f"tests/test_events_{part}.py" for part in ("outbox", "relay", "consumer")]
    # As their hosts give them, encrypted where the server of the container can.
    url = database_url(database) + {"postgresql": "?sslmode=prefer", "mysql": "?ssl-mode=REQUIRED"}[database]
    project.run("pytest", "-q", "-p", "no:cacheprovider", *tests, TEST_DATABASE_URL=url)


@pytest.mark.docker
def test_its_events_pass_on_kafka(bake: Bake) -> None:
    out = bake(events="kafka").run("pytest", "-q", "-p", "no:cacheprovider", "-m", "docker")
    assert "4 passed" in out


@contextmanager
def served(project: BakedProject, **environment: str) -> Iterator[httpx2.Client]:
    """The bake, started by the command of its README."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = project.path.parent / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "--port", str(port)],
            cwd=project.path,
            env=clean_environment(**environment),
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


def asked_of_postgresql(url: str, statement: str) -> list[str]:
    """The first column of what a statement gives, on a connection of its own."""

    async def ask() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.mark.docker
def test_reads_on_postgresql_are_one_statement_and_bear_closed_connections(
    bake: Bake, database_url: Callable[[str], str]
) -> None:
    server = database_url("postgresql")
    asked_of_postgresql(server, "CREATE DATABASE of_its_own")
    url = f"{server.rpartition('/')[0]}/of_its_own"
    theirs = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with served(bake(database="postgresql", events="none"), DATABASE_URL=url) as client:
        assert client.get("/api/v1/posts").status_code == 200
        # What a connection did last: neither the end of a transaction nor a ping.
        last = asked_of_postgresql(url, f"SELECT query {theirs}")
        assert last
        assert all("FROM posts" in query for query in last), last
        assert set(asked_of_postgresql(url, f"SELECT pg_terminate_backend(pid) {theirs}")) == {"True"}
        # The server has told each to end, and each ends when it gets to it.
        for _ in range(600):
            if not asked_of_postgresql(url, f"SELECT pid {theirs}"):
                break
            time.sleep(0.05)
        assert client.get("/api/v1/posts").status_code == 200


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
