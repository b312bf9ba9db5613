"""A target that cannot be reached or spoken to ends the audit with 3, and one sentence that says why."""

import shlex
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.kit.conftest import SERVERS, Cli, Ended
from tests.kit.serving import Server
from tests.kit.shop import Shop

ONE_RULE = ("--rule", "API001")


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_closed_port(cli: Cli, work: Path, closed: int) -> None:
    ended = cli("audit", "--url", f"http://127.0.0.1:{closed}", "--json", "out.json", own=True)
    assert ended.code == 3
    assert ended.sentence == f"http://127.0.0.1:{closed} cannot be reached: is the service running?"
    assert not list(work.iterdir())


def test_a_host_that_never_answers(cli: Cli, work: Path, silent: int) -> None:
    (work / "conformance.toml").write_text("[target]\ntimeout = 1\n")
    ended = cli("audit", "--url", f"http://127.0.0.1:{silent}")
    assert ended.code == 3
    assert "gave no answer within 1 s" in ended.sentence


def test_a_host_that_never_answers_in_a_budget(cli: Cli, silent: int) -> None:
    ended = cli("audit", "--url", f"http://127.0.0.1:{silent}", "--budget", "0.5")
    assert ended.code == 3
    assert "--budget" in ended.sentence


def test_a_host_that_speaks_something_else(cli: Cli, work: Path) -> None:
    program = shlex.join([sys.executable, str(SERVERS / "deaf.py"), "{port}", "noise"])
    (work / "conformance.toml").write_text(
        f"[target]\ncommand = '''{program}'''\nstartup_timeout = 1.5\n", encoding="utf-8"
    )
    ended = cli("audit")
    assert ended.code == 3
    assert "does not answer with HTTP" in ended.sentence


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "localhost",
        "ftp://127.0.0.1",
        "http://",
        "http://[::1",
        "http://127.0.0.1:x",
        "http://127.0.0.1:99999",
    ],
)
def test_what_is_no_address_is_a_usage_error(usage: Callable[..., Ended], url: str) -> None:
    ended = usage("audit", "--url", url)
    assert ended.code == 2
    assert ended.sentence == f"{url!r} is no HTTP address: write it as http://127.0.0.1:8000."
    assert ended.out == ""


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Server]:
    """The shop over TLS, with a certificate that no public authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Server(Shop(), tls=context) as server:
        yield server


def test_a_certificate_that_is_not_trusted(cli: Cli, secure: Server) -> None:
    ended = cli("audit", "--url", secure.url)
    assert ended.code == 3
    assert "shows a certificate that is not trusted" in ended.sentence
    assert 'verify = "ca.pem" (or false) in [target]' in ended.sentence
    assert secure.seen == []


def test_its_authority_is_named_beside_the_configuration(
    cli: Cli, work: Path, secure: Server, authority: trustme.CA
) -> None:
    (work / "settings").mkdir()
    authority.cert_pem.write_to_path(work / "settings" / "ca.pem")
    (work / "settings" / "tls.toml").write_text(f'[target]\nurl = "{secure.url}"\nverify = "ca.pem"\n')
    assert cli("audit", "--config", "settings/tls.toml", *ONE_RULE).code == 0


def test_or_nothing_is_verified(cli: Cli, work: Path, secure: Server) -> None:
    (work / "conformance.toml").write_text("[target]\nverify = false\n")
    assert cli("audit", "--url", secure.url, *ONE_RULE).code == 0


@pytest.mark.parametrize("name", ["missing.pem", "empty.pem"])
def test_an_authority_that_is_none(usage: Callable[..., Ended], work: Path, name: str) -> None:
    (work / "empty.pem").touch()
    (work / "conformance.toml").write_text(f'[target]\nurl = "https://127.0.0.1:1"\nverify = "{name}"\n')
    ended = usage("audit")
    assert ended.code == 2
    assert ended.sentence == f"`verify` in [target] names no file of certificates: {work / name}."


def test_tls_where_there_is_none(usage: Callable[..., Ended]) -> None:
    with Server(Shop()) as server:
        ended = usage("audit", "--url", server.url.replace("http:", "https:"))
    assert ended.code == 3
    assert ended.sentence.endswith("does not speak TLS: is it an http:// address?")
