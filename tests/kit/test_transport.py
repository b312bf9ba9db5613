"""The door out at its edges: answers without end, time that is up, what cannot be sent, a proxy."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.errors import TargetProblem, Unreachable
from conformance.model.operation import Operation
from conformance.model.record import Exchange, Record
from conformance.target import transport as module
from conformance.target.transport import Door, Stopped, Transport
from tests.kit.conftest import Cli
from tests.kit.serving import Answer, Server
from tests.kit.shop import Shop

SAID: dict[str, Any] = {"scenario": "s", "trace": "t", "step": "x", "principal": "anonymous"}


@pytest.fixture
def drip() -> Iterator[str]:
    """A service whose every answer goes on, a byte at a time, for as long as somebody reads."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pour(connection: socket.socket) -> None:
            with connection:
                media = b"text/event-stream" if b"/events" in connection.recv(65536) else b"text/plain"
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + media + b"\r\n\r\n")
                while not stop.wait(0.02):
                    connection.sendall(b"x")

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=_until_gone, args=(pour, connection), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)


def _until_gone(pour: Any, connection: socket.socket) -> None:
    try:
        pour(connection)
    except OSError:
        return


def sent(transport: Transport, path: str = "/", **said: Any) -> Exchange:
    exchange = transport.send("GET", path, **{**SAID, **said})
    assert exchange is not None
    return exchange


def test_an_answer_without_end_is_given_up(drip: str) -> None:
    transport = Transport(drip, Record(), Door(read_only=True, timeout=0.3))
    assert [sent(transport).failure for _ in range(6)] == ["an answer without end"] * 6
    with pytest.raises(TargetProblem, match=r"gives an answer without end\.$"):
        transport.fetch(f"{drip}/openapi.json")


def test_of_an_event_stream_only_the_head_is_read(drip: str) -> None:
    answer = sent(Transport(drip, Record(), Door(read_only=True, timeout=30)), "/events").response
    assert answer is not None
    assert (answer.status, answer.media_type, answer.body) == (200, "text/event-stream", b"")


def test_an_enormous_answer_is_given_up(drip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 5)
    transport = Transport(drip, Record(), Door(read_only=True, timeout=30))
    assert sent(transport).failure == "an answer of more than 5 bytes"


def test_the_budget_cuts_a_request_short() -> None:
    """A request that the budget ended says nothing about the service, so it is not in the record."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        record = Record()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        transport = Transport(url, record, Door(read_only=True, timeout=600))
        transport.deadline = time.monotonic() + 0.2
        for ask in (lambda: sent(transport), lambda: transport.fetch(f"{url}/a")):
            with pytest.raises(Stopped) as stopped:
                ask()
            assert stopped.value.reason == "budget"
    assert len(record) == 0


def test_a_target_that_is_gone_stops_the_audit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    record = Record()
    transport = Transport(url, record, Door(read_only=True))
    assert [sent(transport).failure for _ in range(module.DEAD_AFTER - 1)] == ["ConnectError"] * 4
    with pytest.raises(Stopped) as stopped:
        sent(transport)
    assert (stopped.value.reason, len(record)) == ("died", module.DEAD_AFTER)
    with pytest.raises(Unreachable):
        transport.fetch(f"{url}/a")


def test_nothing_is_fetched_from_elsewhere() -> None:
    with Server(Shop()) as server:
        transport = Transport("http://127.0.0.1:1", Record(), Door(read_only=True))
        for url in (f"{server.url}/openapi.json", "http://127.0.0.1:10/a", "http://127.0.0.1:1@localhost/"):
            with pytest.raises(TargetProblem, match="is not on the target, so it is not asked"):
                transport.fetch(url)
    assert server.seen == []


def test_what_cannot_be_sent_is_no_crash() -> None:
    """JSON can say half of a surrogate pair, and a service may call an object so."""
    with Server(lambda _: Answer(200, {})) as server:
        transport = Transport(server.url, Record(), Door(read_only=True))
        assert transport.call(Operation("GET", "/a/{b}"), path={"b": "\ud800"}, **SAID) is None
        assert sent(transport, query={"q": "\ud800"}).status == 200
        assert sent(transport, headers={"X-A": "\u2026"}).failure == "not sent: UnicodeEncodeError"
        assert sent(transport, headers={"X-A": "a\nb"}).failure is not None
    assert len(server.seen) == 1


def test_through_a_proxy_elsewhere_localhost_is_another_machine(cli: Cli, work: Any) -> None:
    (work / "conformance.toml").write_text('[target]\nproxy = "http://proxy.invalid:3128"\ntimeout = 2\n')
    ended = cli("audit", "--url", "http://127.0.0.1:8000")
    assert ended.code == 3
    assert "read-only" in ended.err.splitlines()[0]


def test_a_proxy_that_is_no_address(cli: Cli, work: Any) -> None:
    (work / "conformance.toml").write_text('[target]\nproxy = "gopher://a"\n')
    ended = cli("audit", "--url", "http://127.0.0.1:8000")
    assert ended.code == 2
