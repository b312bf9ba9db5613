"""Prometheus metrics: how many requests there were, how they ended, and how long they took."""

import time
from collections.abc import Iterable
from functools import cache
from http import HTTPMethod
from typing import Any

from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "none"
METHODS = frozenset(HTTPMethod)


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", ["method", "route"], registry=self.registry
        )
        # The library looks its labels up under a lock each time.
        self.of = cache(self._of)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self.requests.labels(method, route, status), self.seconds.labels(method, route)


class MetricsMiddleware:
    """Counts by the route's path as it is declared: with what clients send, labels would never end."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self.paths: dict[Any, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note how it ended; an error that nothing has answered yet becomes a 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            route = self._route(scope)
            # HTTP lets clients make up methods as well.
            method = scope["method"] if route != NO_ROUTE and scope["method"] in METHODS else NO_ROUTE
            requests, seconds = self.metrics.of(method, route, status)
            requests.inc()
            seconds.observe(time.perf_counter() - started)

    def _route(self, scope: Scope) -> str:
        if self.paths is None:
            self.paths = dict(_paths(scope["app"].routes))
        return self.paths.get(scope.get("endpoint"), NO_ROUTE)


def _paths(routes: Any) -> Iterable[tuple[Any, str]]:
    for context in iter_route_contexts(routes):
        if context.endpoint is not None and context.path is not None:
            yield context.endpoint, context.path
