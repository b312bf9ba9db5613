"""The only door out: what leaves, where to, and the record of it are decided here."""

import ipaddress
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

import httpx2

from conformance.errors import TargetProblem, Unreachable, UsageProblem
from conformance.model.operation import SAFE_METHODS, Operation
from conformance.model.record import Exchange, Interruption, Record, Request, Response
from conformance.target.ownership import Ownership
from conformance.target.patterns import matches
from conformance.target.renewal import Renewals

KEEP_ALIVE = 2.0
"""Seconds; shorter than any server's, or a request would now and then meet a connection just closed."""
DEAD_AFTER = 5
"""So many refused connections in a row mean that the target is gone."""
LARGEST = 64 * 2**20
"""Bytes of an answer; one that is longer is not read to its end."""
UNAUTHORIZED = 401
ENDLESS = "text/event-stream"
"""Server-sent events go on for ever: their status and header say what there is to say."""


class Stopped(Exception):  # noqa: N818 - not an error: the audit ends early and judges what it has
    """No more requests may leave."""

    def __init__(self, reason: Interruption) -> None:
        super().__init__(reason)
        self.reason: Interruption = reason


@dataclass(frozen=True, slots=True)
class Door:
    """How requests leave: times in seconds, `rate` in requests a second; `exclude` holds patterns;
    `fresh` tells that the target was started for this audit."""

    read_only: bool
    timeout: float = 10
    verify: bool | str = True
    proxy: str | None = field(default=None, repr=False)
    rate: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    exclude: tuple[str, ...] = ()
    fresh: bool = False


class Transport:
    """Sends to one origin and records.

    Unsafe methods leave only where `door.read_only` is False, and where they name an object, only
    one that `objects` knows as made, or made up, by this audit. Redirects are
    never followed and the environment's proxies never used, so that credentials go to the target
    alone. Cookies that the target sets are not sent back by themselves: each request has the
    credentials of its principal and no others.
    """

    def __init__(self, url: str, record: Record, door: Door) -> None:
        parts = _parts(url)
        self.origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.base = self.origin + parts.path.rstrip("/")
        self.record = record
        self.door = door
        self.objects = Ownership(fresh=door.fresh)
        self.renewals = Renewals()
        self.deadline = float("inf")
        self.progress: Callable[[Exchange], None] = lambda _exchange: None
        self.began = time.monotonic()
        self._last = 0.0
        self._refused = 0
        self._turn = threading.Lock()
        self._gate: threading.Barrier | None = None
        self._alone = threading.local()
        try:
            self._client = httpx2.Client(
                timeout=door.timeout,
                verify=_verifier(door.verify),
                proxy=door.proxy,
                headers=_basic(parts) | dict(door.headers),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                follow_redirects=False,
                trust_env=False,
                limits=httpx2.Limits(keepalive_expiry=KEEP_ALIVE),
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise UsageProblem(f"`proxy` in [target] cannot be used: {error}.") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def allowed(self, operation: Operation, names: Mapping[str, str], method: str | None = None) -> bool:
        """Whether a request for an operation may leave with these path values."""
        method = method or operation.method
        if self.door.read_only and method not in SAFE_METHODS:
            return False
        if matches(method, operation.path, self.door.exclude):
            return False
        return self.objects.allows(method, operation.path, names)

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        method: str | None = None,
        **said: Any,
    ) -> Exchange | None:
        """Call a documented operation, `said` as in `send`; None where the request may not leave."""
        names = dict(path or {})
        method = method or operation.method
        if not self.allowed(operation, names, method):
            return None
        target = operation.path
        try:
            for name, value in names.items():
                target = target.replace(f"{{{name}}}", quote(value, safe=""))
        except UnicodeEncodeError:  # half of a surrogate pair, which JSON can say and a URL cannot
            return None
        return self.send(method, target, operation=operation.label, **said)

    def send(
        self,
        method: str,
        path: str,
        *,
        scenario: str,
        trace: str,
        step: str,
        principal: str,
        operation: str | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        facts: Mapping[str, Any] | None = None,
    ) -> Exchange | None:
        """Send to a path below the base, and record; None where the method may not leave.

        Credentials that have run out are renewed, and the request is repeated: the refusal is then
        recorded as `ran out` among the principals' exchanges.

        Raises `Stopped` where the time is up or the target is gone.
        """
        if self.door.read_only and method not in SAFE_METHODS:
            return None
        if matches(method, path, self.door.exclude):
            return None
        url = self.base + path + (f"?{urlencode(query, doseq=True, errors='replace')}" if query else "")
        sent = self.renewals.current(headers or {})
        told: dict[str, Any] = {"operation": operation, "principal": principal}
        said = {"scenario": scenario, "trace": trace, "step": step, "facts": dict(facts or {}), **told}
        first = self._ask_once(Request(method, url, tuple(sent.items()), body))
        fresh = self._renewed(sent, operation or path) if first.status == UNAUTHORIZED else None
        if fresh is not None:
            self._keep(first, scenario="principals", trace=f"principals/{principal}", step="ran out", **told)
            first = self._ask_once(Request(method, url, tuple(fresh.items()), body), alone=True)
            if first.status == UNAUTHORIZED:
                self.renewals.futile(operation or path)
        elif first.response and first.response.ok:
            self.renewals.accepted(sent)
        exchange = self._keep(first, **said)
        if self._refused >= DEAD_AFTER and self._gate is None:
            raise Stopped("died")
        return exchange

    def _renewed(self, headers: Mapping[str, str], operation: str) -> Mapping[str, str] | None:
        """What signing in again gives; that waits for nobody, though others are to leave together."""
        self._alone.now = True
        try:
            return self.renewals.again(headers, operation)
        finally:
            self._alone.now = False

    def _ask_once(self, request: Request, *, alone: bool = False) -> "_Asked":
        """Send, at the same time as others where they are to leave together."""
        with self._turn:
            self._wait()
        if not alone and not getattr(self._alone, "now", False):
            self._released()
        started = time.monotonic()
        return _Asked(request, *self._exchange(request), started - self.began)

    def _keep(self, asked: "_Asked", **said: Any) -> Exchange:
        with self._turn:
            exchange = Exchange(
                number=len(self.record) + 1,
                request=asked.request,
                response=asked.response,
                failure=asked.failure,
                started=asked.started,
                **said,
            )
            self.record.exchanges.append(exchange)
            self.progress(exchange)
        return exchange

    def together(self, times: int, ask: Callable[[], Exchange | None]) -> list[Exchange]:
        """Make one call several times; the requests leave at once, when all of them are ready.

        `ask` ends in `send`, so that the same may leave as ever; recorded in the order of the answers.
        """
        gate = self._gate = threading.Barrier(times)

        def one() -> Exchange | None:
            try:
                return ask()
            except BaseException:
                gate.abort()  # or the others would wait for it for ever
                raise

        try:
            with ThreadPoolExecutor(times) as pool:
                calls = [pool.submit(one) for _ in range(times)]
            return [exchange for call in calls if (exchange := call.result())]
        finally:
            self._gate = None

    def _released(self) -> None:
        if self._gate is not None:
            try:
                self._gate.wait()
            except threading.BrokenBarrierError:
                raise Stopped("budget") from None

    def _wait(self) -> None:
        now = time.monotonic()
        if now >= self.deadline:
            raise Stopped("budget")
        if self.door.rate:
            time.sleep(max(0.0, self._last + 1 / self.door.rate - now))
        self._last = time.monotonic()

    def _exchange(self, request: Request) -> tuple[Response | None, str | None]:
        try:
            answer = self._ask(request.method, request.url, list(request.headers), request.body)
        except httpx2.TimeoutException:
            if time.monotonic() >= self.deadline:
                raise Stopped("budget") from None
            self._refused += 1
            return None, "no answer in time"
        except _TooLong as error:
            self._refused = 0
            return None, str(error)
        except httpx2.HTTPError as error:
            self._refused += 1
            return None, type(error).__name__
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            return None, f"not sent: {type(error).__name__}"
        self._refused = 0
        return answer, None

    def _ask(self, method: str, url: str, headers: list[tuple[str, str]], body: bytes) -> Response:
        """Send, and read the answer as far as it may go. Raises what httpx2 raises, and `_TooLong`."""
        started = time.monotonic()
        limit = max(0.001, min(self.door.timeout, self.deadline - started))
        with self._client.stream(method, url, headers=headers, content=body, timeout=limit) as answer:
            content = bytearray()
            if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != ENDLESS:
                began = time.monotonic()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > LARGEST:
                        raise _TooLong(f"an answer of more than {LARGEST:,} bytes")
                    if time.monotonic() - began > limit:
                        raise _TooLong("an answer without end")
            fields = tuple(answer.headers.multi_items())
            return Response(answer.status_code, fields, bytes(content), time.monotonic() - started)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET an address of the target outside the record, for the document and its proof.

        Raises `Unreachable` where no answer comes, `Stopped` where the time is up.
        """
        if not url.startswith(self.origin + "/"):
            raise TargetProblem(f"{url} is not on the target, so it is not asked.")
        self._wait()
        try:
            return self._ask("GET", url, list((headers or {}).items()), b"")
        except httpx2.TimeoutException as error:
            if time.monotonic() >= self.deadline:
                raise Stopped("budget") from None
            raise Unreachable(
                f"{self.origin} gave no answer within {self.door.timeout:g} s: "
                "is it the right port? (timeout in [target])"
            ) from error
        except httpx2.ConnectError as error:
            raise Unreachable(self._unreachable(str(error).upper())) from error
        except _TooLong as error:
            raise TargetProblem(f"{url} gives {error}.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unreachable(f"{self.origin} does not speak HTTP ({type(error).__name__}).") from error

    def pace(self, url: str) -> float:
        """Seconds that a request takes, by the faster of two GETs; at least what `rate` allows.

        Raises as `fetch` does.
        """
        took = min(self.fetch(url).elapsed for _ in range(2))
        return max(took, 1 / self.door.rate if self.door.rate else 0.0)

    def _unreachable(self, why: str) -> str:
        if "CERTIFICATE" in why:
            return (
                f"{self.origin} shows a certificate that is not trusted: "
                'set verify = "ca.pem" (or false) in [target].'
            )
        if "SSL" in why:
            return f"{self.origin} does not speak TLS: is it an http:// address?"
        return f"{self.origin} cannot be reached: is the service running?"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with its answer, before it is recorded; `started` in seconds from the audit's start."""

    request: Request
    response: Response | None
    failure: str | None
    started: float

    @property
    def status(self) -> int:
        return self.response.status if self.response else 0


class _TooLong(Exception):  # noqa: N818 - the service's answer is at fault, if anything
    """An answer that was not read to its end."""


def is_local(url: str) -> bool:
    """Whether the URL's host is this machine: an address of the loopback, or `localhost` (RFC 6761 §6.3).

    No other name is looked up: what it stands for may change from one request to the next.
    """
    host = (_parts(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    shown = url.rpartition("@")[2]
    raise UsageProblem(f"{shown!r} is no HTTP address: write it as http://127.0.0.1:8000.")


def _basic(parts: SplitResult) -> dict[str, str]:
    """The credentials in a URL as a header field (RFC 7617 §2), which a principal's own may replace."""
    if parts.username is None:
        return {}
    text = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}


def _verifier(verify: bool | str) -> bool | ssl.SSLContext:
    if isinstance(verify, bool):
        return verify
    try:
        if Path(verify).is_dir():
            return ssl.create_default_context(capath=verify)
        return ssl.create_default_context(cafile=verify)
    except OSError as error:
        raise UsageProblem(f"`verify` in [target] names no file of certificates: {verify}.") from error
