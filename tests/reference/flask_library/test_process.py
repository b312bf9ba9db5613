"""The service as a process: what a client sees on the wire, and how it starts and ends."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .faults import FAULTS

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.reference.flask_library"]


def free_port() -> int:
    """Return a port that nothing uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(fault: str = "") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start the service and yield its port and process; it is ended afterwards."""
    port = free_port()
    process = subprocess.Popen([*COMMAND, "--port", str(port)], cwd=ROOT, env={**os.environ, "FAULT": fault})
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=60)


def get(port: int, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """Send a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def exchange(port: int, text: bytes) -> bytes:
    """Send bytes and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_process_answers_and_ends() -> None:
    with serving() as (port, process):
        response = get(port, "/openapi.json", {})
        assert response.status == 200
        assert response.headers["Server"] == "library"
        assert json.load(response)["openapi"] == "3.0.3"
        assert json.load(get(port, "/nowhere", {}))["error"]["code"] == "not_found"
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_oversized_header_has_the_shape() -> None:
    with serving() as (port, _):
        response = get(port, "/books", {"X-Large": "x" * 70000})
        assert response.status == 431
        assert response.headers["Content-Type"] == "application/json"
        assert json.load(response).keys() == {"error"}


def test_broken_request_line_has_the_shape() -> None:
    with serving() as (port, _):
        head, _, body = exchange(port, b"GET /books extra HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert json.loads(body).keys() == {"error"}


def test_fault_of_the_environment() -> None:
    with serving("router_404_html") as (port, _):
        assert get(port, "/nowhere", {}).headers["Content-Type"] == "text/html; charset=utf-8"


def test_unknown_fault_exits_with_a_sentence() -> None:
    done = subprocess.run(
        COMMAND, cwd=ROOT, env={**os.environ, "FAULT": "nothing"}, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.startswith(b"There is no fault named 'nothing'; did you mean ")
    assert done.stderr.count(b"\n") == 1


def test_faults_are_importable_without_flask() -> None:
    code = (
        "import sys; sys.modules['flask'] = None;"
        "from tests.reference.flask_library.faults import FAULTS; print(len(FAULTS))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert int(done.stdout) == len(FAULTS)
