"""Secrets of a whole audit, planted wherever one can be, are in no byte that it writes."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.kit.conftest import SERVERS, Cli, Ended
from tests.kit.serving import Answer, Seen, Server

CANARY = "cAnary7f3a"
"""In every secret of the configuration and of the service's answers."""
CREDENTIALS = {"type": "object", "required": ["username", "password"]} | {
    "properties": {
        "username": {"type": "string", "minLength": 3},
        "password": {"type": "string", "minLength": 12, "maxLength": 40},
    }
}
DONE = {"description": "done", "content": {"application/json": {"schema": {"type": "object"}}}}
BODY = {"required": True, "content": {"application/json": {"schema": CREDENTIALS}}}
ITEM_ID = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
LOCKED = {"responses": {"200": DONE, "201": DONE}, "security": [{"bearer": []}]}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Parrot", "version": "1"},
    "paths": {
        "/users": {"post": {"requestBody": BODY, "responses": {"201": DONE}}},
        "/login": {"post": {"requestBody": BODY, "responses": {"200": DONE}}},
        "/items": {"get": LOCKED, "post": {**LOCKED, "requestBody": BODY}},
        "/items/{item_id}": {"parameters": [ITEM_ID], "get": LOCKED, "delete": LOCKED},
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


class Parrot:
    """A service that says all it is told in its errors; `passwords` are those that it was given."""

    def __init__(self) -> None:
        self.passwords: set[str] = set()
        self._tokens = 0

    def __call__(self, seen: Seen) -> Answer:
        if seen.path == "/openapi.json":
            if not seen.headers.get("x-tenant"):
                return Answer(401, {"code": 401})
            return Answer(200, DOCUMENT)
        said = " ".join([seen.target, *seen.headers.values(), seen.body.decode("utf-8", "replace")])
        if seen.path in ("/users", "/login") and seen.method == "POST":
            found = re.search(rb'"password": "([^"\\]{12,40})"', seen.body)
            if found is None:
                return Answer(422, {"message": said})
            self.passwords.add(found[1].decode())
            self._tokens += 1
            token = {"access_token": f"{CANARY}-token-{self._tokens}", "token_type": "bearer"}
            answer = token if seen.path == "/login" else {"id": self._tokens, "username": "me"}
            return Answer(201, answer, {"Set-Cookie": f"sid={CANARY}-cookie-{self._tokens}; HttpOnly"})
        if not seen.path.startswith("/items"):
            return Answer(404, {"message": said})
        if "authorization" not in seen.headers:
            return Answer(401, {"message": said})
        if seen.method == "GET":
            return Answer(200, {"id": 1, "echo": said, "api_key": f"{CANARY}-key"})
        return Answer(500, {"message": said}, {"X-Echo": seen.headers["authorization"]})


def everything(ended: Ended, work: Path) -> bytes:
    """Every byte that an audit has written."""
    written = b"".join(file.read_bytes() for file in sorted(work.rglob("*")) if file.suffix != ".toml")
    return written + ended.out.encode() + ended.err.encode()


ALL = (
    *("--json", "out.json", "--record", "out.rec", "--html", "out.html", "--junit", "out.xml"),
    *("--sarif", "out.sarif", "--write-waivers", "out.waivers", "--verbose"),
)


def test_accounts_of_the_kits_own(cli: Cli, work: Path) -> None:
    parrot = Parrot()
    (work / "conformance.toml").write_text(f'[target]\nheaders = {{ X-Tenant = "{CANARY}-tenant" }}\n')
    with Server(parrot) as server:
        ended = cli("audit", "--url", server.url, *ALL)
    written = everything(ended, work)
    assert ended.code == 1
    assert len(parrot.passwords) >= 2
    # A password of one letter twelve times, as the fuzzer makes, would blank what is no secret.
    secret = [password for password in parrot.passwords if len(set(password)) > 3]
    assert [password for password in secret if password.encode() in written] == []
    assert CANARY.encode() not in written
    assert written.count(b"[redacted") > 20
    assert {file.suffix for file in work.iterdir()} >= {
        ".json",
        ".rec",
        ".html",
        ".xml",
        ".sarif",
        ".waivers",
    }
    assert any(CANARY in each.headers.get("authorization", "") for each in server.seen)


def test_principals_of_the_configuration(cli: Cli, work: Path) -> None:
    (work / "conformance.toml").write_text(
        f"""
[target]
headers = {{ X-Tenant = "{CANARY}-tenant", Cookie = "theme=dark; sid={CANARY}-sid" }}
[principals.alice]
headers = {{ Authorization = "Bearer {CANARY}/alice+1=" }}
expired_headers = {{ Authorization = "Bearer {CANARY}-expired" }}
[principals.bob]
headers = {{ Authorization = "Basic Ym9iOmNBbmFyeTdmM2E=", X-Key = "{CANARY} with words" }}
[tokens]
key = "{CANARY}-signing-key-signing-key-signing-key"
"""
    )
    with Server(Parrot()) as server:
        ended = cli("audit", "--url", server.url.replace("//", f"//me:{CANARY}-pw@"), *ALL)
    written = everything(ended, work)
    assert ended.code == 1
    assert CANARY.encode() not in written
    assert b"Ym9iOmNBbmFyeTdmM2E" not in written
    sent = {each.headers.get("authorization", "") for each in server.seen}
    assert {f"Bearer {CANARY}/alice+1=", "Basic bWU6Y0FuYXJ5N2YzYS1wdw=="} <= sent


def test_a_command_that_prints_its_environment(cli: Cli, work: Path) -> None:
    command = (
        shlex.join([sys.executable, str(SERVERS / "says.py"), "1", f"{CANARY}-env", "the-end"]) + " {port}"
    )
    (work / "conformance.toml").write_text(
        f"[target]\ncommand = {json.dumps(command)}\nenv = {{ API_KEY = '{CANARY}-env' }}\n"
    )
    ended = cli("audit", *ALL)
    assert ended.code == 3
    assert "the-end" in ended.err
    # What the user typed into `command` is his to show; what the environment holds is cleaned there too.
    assert CANARY.encode() not in everything(ended, work)


@pytest.mark.parametrize("target", ["/x", "//"])
def test_a_document_that_is_redirected_with_a_token(cli: Cli, work: Path, target: str) -> None:
    (work / "conformance.toml").write_text(f'[target]\nheaders = {{ X-Key = "{CANARY}" }}\n')
    with Server(
        lambda seen: Answer(302, None, {"Location": f"{target}?key={seen.headers['x-key']}"})
    ) as server:
        ended = cli("audit", "--url", server.url)
    assert ended.code == 3
    assert "redirects to" in ended.err
    assert CANARY not in ended.err


@pytest.mark.parametrize("url", ["http://me:{}@[::1", "ftp://me:{}@127.0.0.1", "http://me:{}@127.0.0.1:1"])
def test_the_password_of_an_address_that_does_not_work(cli: Cli, url: str) -> None:
    ended = cli("audit", "--url", url.format(CANARY))
    assert ended.code in (2, 3)
    assert CANARY not in ended.err + ended.out
