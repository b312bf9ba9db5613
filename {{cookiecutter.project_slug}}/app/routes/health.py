"""Probes."""

import asyncio

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import text
from starlette.exceptions import HTTPException

# % if cookiecutter.events == "kafka"
from app.kafka.probe import TASKS_ALIVE
# % endif
from app.middleware.error_handler import problems

router = APIRouter(prefix="/health", tags=["health"])
logger = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 2


class Health(BaseModel):
    """The state of the service, and of what it needs."""

    status: str
    checks: dict[str, str] = {}


@router.get(
    "/live",
    summary="Is it alive?",
    response_model=Health,
    # % if cookiecutter.events == "kafka"
    dependencies=[TASKS_ALIVE],
    responses=problems(503),
    # % endif
)
async def live() -> Health:
    """Answer as long as the process can: a restart is due when this does not."""
    return Health(status="ok")


@router.get("/ready", summary="Can it serve?", response_model=Health, responses=problems(503))
async def ready(request: Request) -> Health:
    """Answer 200 while the database does, else 503: no traffic is to be sent here."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            async with request.app.state.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
    except Exception as error:
        logger.warning("not ready", check="database", error=type(error).__name__)
        raise HTTPException(503, "The database does not answer.", {"Retry-After": "5"}) from error
    checks = {"database": "ok"}
    # % if cookiecutter.events == "kafka"
    # Told, and no reason to refuse: without the broker the outbox waits, and requests are served.
    checks["broker"] = request.app.state.events.broker
    # % endif
    return Health(status="ok", checks=checks)
