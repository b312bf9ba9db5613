"""A curl line is run in a shell, and what arrives is what the kit sent."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.model.record import Exchange, Request
from conformance.report.curl import curl, variables
from conformance.target.secrets import Secrets

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY")


class Arrived(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    """Keeps what arrives."""

    arrived: list[Arrived]


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._keep
        raise AttributeError(name)

    def _keep(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.arrived.append(Arrived(self.command, self.path, headers, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.arrived = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def sent(request: Request, principal: str = "alice") -> Exchange:
    return Exchange(1, "s", "t", "step", "GET /", principal, request, None, failure="none")


def pasted(line: str, server: Server, shell: str = "sh", **variables: str) -> Arrived:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **variables}
    done = subprocess.run([shell, "-c", line], env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (line, done.stderr)
    return server.arrived[-1]


def through_the_kit(request: Request, server: Server) -> Arrived:
    with httpx2.Client(trust_env=False) as client:
        client.request(request.method, request.url, headers=list(request.headers), content=request.body)
    return server.arrived[-1]


visible = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
bodies = st.one_of(
    st.just(b""),
    st.binary(max_size=60),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.tuples(st.binary(min_size=1, max_size=1), st.integers(250, 300)).map(
        lambda run: b"-%" + run[0] * run[1]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(METHODS),
    path=st.text(st.characters(codec="utf-8", exclude_characters="?#"), max_size=15),
    query=st.text(st.characters(codec="utf-8", exclude_characters="#"), max_size=15),
    value=visible,
    media=st.sampled_from(["application/json", None]),
    body=bodies,
)
@example("PUT", "[a]{b}$'\"`!\\", "q={1,2}&$HOME=%00", "$HOME `id` \"'\\ !", None, b"@file\0'%s\\n\xff")
@example("POST", "%2e%2e/./x", "", "", "application/json", b"@etc ' $HOME \"!\\ %s")
@example(
    "PATCH", "é ü", "a=b c", "a'b", "application/json", b"--data" + b"\0" * 300 + b" " * 400 + b"\\" * 300
)
def test_what_arrives_is_what_was_sent(
    server: Server, method: str, path: str, query: str, value: str, media: str | None, body: bytes
) -> None:
    base = f"http://127.0.0.1:{server.server_port}/"
    named = [("x-note", value)] + ([("content-type", media)] if media else [])
    if method == "HEAD":
        body = b""
    try:
        url = str(httpx2.URL(base).join(httpx2.URL(base + path + "?" + query)))
    except httpx2.InvalidURL:
        return
    request = Request(method, url, tuple(named), body)
    expected = through_the_kit(request, server)
    line = curl(sent(request), Secrets())
    assert "\n" not in line
    assert line.isprintable()
    # Only what cannot be seen needs more than a POSIX shell.
    arrived = pasted(line, server, "bash" if "$'" in line else "sh")
    assert (arrived.method, arrived.path, arrived.body) == (expected.method, expected.path, expected.body)
    for name in ("x-note", "content-type"):
        assert arrived.headers.get(name) == expected.headers.get(name)


def test_credentials_come_from_the_environment(server: Server) -> None:
    url = f"http://127.0.0.1:{server.server_port}/me"
    headers = (("authorization", "Bearer canary-1"), ("Cookie", "sid=canary-2"), ("x$odd-token", "canary-3"))
    secrets = Secrets()
    line = curl(
        sent(Request("GET", url, headers), "7 al-ice"), secrets, configured={"X-Tenant": "7", "X-Key-2": "v"}
    )
    assert "canary" not in line
    assert "-H 'X-Tenant: 7'" in line
    assert variables(line) == ["_7_AL_ICE_AUTHORIZATION", "_7_AL_ICE_COOKIE", "_7_AL_ICE_X_ODD_TOKEN"]
    arrived = pasted(
        line, server, _7_AL_ICE_AUTHORIZATION="Bearer canary-1", _7_AL_ICE_COOKIE="sid=$(id) '\""
    )
    assert arrived.headers["authorization"] == "Bearer canary-1"
    assert arrived.headers["cookie"] == "sid=$(id) '\""
    assert arrived.headers["x-tenant"] == "7"


def test_a_configured_field_that_is_known_as_a_secret_is_a_variable() -> None:
    secrets = Secrets()
    secrets.learn_headers({"X-Tenant": "canary-tenant"})
    line = curl(sent(Request("GET", "http://h/")), secrets, configured={"X-Tenant": "canary-tenant"})
    assert line == 'curl -i http://h/ -H "X-Tenant: $TARGET_X_TENANT"'


def test_credentials_in_the_address_are_a_variable(server: Server) -> None:
    url = f"http://me:canary@127.0.0.1:{server.server_port}/"
    line = curl(sent(Request("GET", url)), Secrets())
    assert "canary" not in line
    assert pasted(line, server, TARGET_USERINFO="me:canary").headers["authorization"] == "Basic bWU6Y2FuYXJ5"


def test_secrets_in_bodies_and_addresses_are_cleaned() -> None:
    secrets = Secrets()
    secrets.learn("canary/1")
    request = Request("POST", "http://h/?q=canary%2F1", (), b'{"password": "canary/1"}')
    line = curl(sent(request), secrets)
    assert "canary" not in line
    assert shlex.split(line)[-1] == '{"password": "[redacted]"}'


@pytest.mark.parametrize(
    ("method", "body", "line"),
    [
        ("GET", b"", "curl -i http://h/"),
        ("HEAD", b"", "curl -I http://h/"),
        ("POST", b"", "curl -i -X POST http://h/"),
        ("POST", b"x", "curl -i http://h/ -H content-type: --data-raw x"),
        ("PUT", b"x", "curl -i -X PUT http://h/ -H content-type: --data-raw x"),
        ("POST", b"\0", r"printf '\000' | curl -i http://h/ -H content-type: --data-binary @-"),
    ],
)
def test_lines_are_as_short_as_can_be(method: str, body: bytes, line: str) -> None:
    assert curl(sent(Request(method, "http://h/", (), body)), Secrets()) == line


def test_the_settings_for_certificates_are_told() -> None:
    assert curl(sent(Request("GET", "https://h/")), Secrets(), verify=False) == "curl -i -k https://h/"
    assert "--cacert 'my ca.pem'" in curl(sent(Request("GET", "https://h/")), Secrets(), verify="my ca.pem")
