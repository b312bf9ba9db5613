"""A small HTTP server in a thread, which remembers every request that arrives at it."""

import json
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; the names of `headers` are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """What is answered: bytes as they are, other data as JSON, None as no body at all."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        if self.data is None or isinstance(self.data, bytes):
            return self.data or b""
        return json.dumps(self.data).encode()


Service = Callable[[Seen], Answer]


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that break off: an audit that is cut short does."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Server:
    """Serves on a free port while it is entered; `seen` holds the requests in the order of arrival."""

    def __init__(
        self, service: Service, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self.seen: list[Seen] = []
        self._http = _Quiet((host, port), _handler(service, self.seen))
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = int(self._http.server_address[1])
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    def serve(self) -> None:
        """Serve in this thread."""
        self._http.serve_forever(poll_interval=0.05)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def lines(self) -> list[str]:
        """The method and path of each request."""
        return [f"{each.method} {each.path}" for each in self.seen]


def _handler(service: Service, seen: list[Seen]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer, or the other side waits to acknowledge the first
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Any:
            """Whatever the method is called: `http.server` looks for `do_GET`, `do_QUERY`."""
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fields = {name.lower(): value for name, value in self.headers.items()}
            request = Seen(self.command, self.path, fields, body)
            seen.append(request)
            answer = service(request)
            self.send_response(answer.status)
            named = {name.lower() for name in answer.headers}
            if answer.body and "content-type" not in named:
                self.send_header("Content-Type", "application/json")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
