"""What Prometheus reads."""

import os

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """The metrics in the format that the client prefers. For the inner network: a proxy keeps it inside."""
    registry: CollectorRegistry = request.app.state.metrics.registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        # Several workers share a port, and each scrape meets one of them: it tells of all.
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=media_type)
