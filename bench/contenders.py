"""What is measured: how each contender is started, and that all of them give the same answers."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[1]
SECRET = "a secret of the benchmark alone, long enough"  # noqa: S105 - signs tokens of a database made for this run
START = 60.0


@dataclass(frozen=True)
class Contender:
    """An ASGI application, the folder that it is imported from, and the database that it uses."""

    name: str
    application: str
    folder: Path


@dataclass(frozen=True)
class Serving:
    """A contender that answers on 127.0.0.1."""

    contender: Contender
    port: int
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serving(contender: Contender, database_url: str, clients: int, python: Path) -> Iterator[Serving]:
    """Start it with one worker, as in production, and end it. Raises SystemExit where it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": str(clients),
        "JWT_SECRET": SECRET,
        "ENVIRONMENT": "production",
        # The relay and the consumer are processes of their own in production.
        "KAFKA_RUN_IN_SERVICE": "false",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
    }
    # Their log lines are part of the work; where they go is not.
    command = [str(python), "-m", "uvicorn", contender.application, "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(  # noqa: S603 - our own command line
        command, cwd=contender.folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(contender.name, process, port)
        yield Serving(contender, port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"http://127.0.0.1:{port}/api/v1/posts/1").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"bench: {name} did not start (status {process.poll()}).")


def check_same(servers: list[Serving], token: str) -> None:
    """Raise SystemExit unless all give the same answers: who does less would be faster."""
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/api/v1/posts/7", "/api/v1/posts?limit=10&offset=20"):
        answers = {
            server.contender.name: httpx2.get(f"http://127.0.0.1:{server.port}{path}", headers=headers).json()
            for server in servers
        }
        first = next(iter(answers.values()))
        for name, answer in answers.items():
            if answer != first:
                raise SystemExit(f"bench: {name} answers {path} otherwise: {answer} instead of {first}.")
