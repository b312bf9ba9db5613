"""The only door out: what leaves, where to, and the record of it are decided here."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2

from conformance.errors import TargetProblem
from conformance.model.operation import SAFE_METHODS, Operation
from conformance.model.record import Exchange, Record, Request, Response

Progress = Callable[[int], None]
LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Transport:
    """Sends to one origin and records.

    Unsafe methods leave only where `read_only` is False, and where they name an object, only with
    identifiers in `owned` (made by this audit) or `absent` (made up by it). Redirects are never
    followed and the environment's proxies never used, so that credentials go to the target alone.
    """

    def __init__(
        self, base: str, record: Record, *, read_only: bool, timeout: float, verify: bool | str
    ) -> None:
        self.base = base.rstrip("/")
        self.record = record
        self.read_only = read_only
        self.owned: set[str] = set()
        self.absent: set[str] = set()
        self.progress: Progress = lambda _count: None
        self._began = time.monotonic()
        self._client = httpx2.Client(timeout=timeout, verify=verify, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def allowed(self, method: str, names: Mapping[str, str]) -> bool:
        """Whether a request with this method may name these path values."""
        if method in SAFE_METHODS:
            return True
        return not self.read_only and all(
            value in self.owned or value in self.absent for value in names.values()
        )

    def call(
        self,
        operation: Operation,
        *,
        scenario: str,
        trace: str,
        step: str,
        principal: str,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        facts: Mapping[str, Any] | None = None,
    ) -> Exchange | None:
        """Call a documented operation; None where the request may not leave."""
        names = dict(path or {})
        if not self.allowed(operation.method, names):
            return None
        target = operation.path
        for name, value in names.items():
            target = target.replace(f"{{{name}}}", quote(value, safe=""))
        return self.send(
            operation.method,
            target,
            scenario=scenario,
            trace=trace,
            step=step,
            principal=principal,
            operation=operation.label,
            query=query,
            headers=headers,
            body=body,
            facts=facts,
        )

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
        """Send to a path below the base, and record; None where the method may not leave."""
        if self.read_only and method not in SAFE_METHODS:
            return None
        url = self.base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        request = Request(method, url, tuple((headers or {}).items()), body)
        started = time.monotonic()
        response, failure = self._exchange(request)
        exchange = Exchange(
            number=len(self.record) + 1,
            scenario=scenario,
            trace=trace,
            step=step,
            operation=operation,
            principal=principal,
            request=request,
            response=response,
            failure=failure,
            facts=dict(facts or {}),
            started=started - self._began,
        )
        self.record.exchanges.append(exchange)
        self.progress(exchange.number)
        return exchange

    def _exchange(self, request: Request) -> tuple[Response | None, str | None]:
        started = time.monotonic()
        try:
            answer = self._client.request(
                request.method, request.url, headers=list(request.headers), content=request.body
            )
        except httpx2.TimeoutException:
            return None, "no answer in time"
        except httpx2.HTTPError as error:
            return None, f"{type(error).__name__}"
        elapsed = time.monotonic() - started
        headers = tuple(answer.headers.multi_items())
        return Response(answer.status_code, headers, answer.content, elapsed), None

    def fetch(self, path: str) -> httpx2.Response:
        """GET a path below the base outside the record, for the document and readiness.

        Raises `TargetProblem` where no answer comes.
        """
        try:
            return self._client.get(self.base + path)
        except httpx2.ConnectError as error:
            if "CERTIFICATE" in str(error).upper():
                raise TargetProblem(
                    f"{self.base} shows a certificate that is not trusted: "
                    'set verify = "ca.pem" (or false) in [target].'
                ) from error
            raise TargetProblem(f"{self.base} cannot be reached: is it running?") from error
        except httpx2.TimeoutException as error:
            raise TargetProblem(f"{self.base} accepts but does not answer in time.") from error
        except httpx2.HTTPError as error:
            raise TargetProblem(f"{self.base} does not speak HTTP ({type(error).__name__}).") from error


def is_local(url: str) -> bool:
    """Whether the URL's host is this machine."""
    return (urlsplit(url).hostname or "") in LOCAL_HOSTS
