"""The relay and the consumers as processes of their own: run until SIGTERM or SIGINT, and stop gracefully."""

import asyncio
import signal
import sys
from typing import Literal

import structlog

from app.config import get_settings
from app.database import create_engine, create_session_factory
from app.kafka.runtime import run_events
from app.kafka.settings import EMBEDDED
from app.kafka.supervisor import first_of
from app.utils.logging import configure_logging

logger = structlog.get_logger(__name__)

Role = Literal["relay", "consumer"]
_LOOK_EVERY = 1.0


def main(role: Role) -> None:
    """Run one role. Exit status: 0 stopped by a signal, 1 no longer alive, 2 wrong settings."""
    settings = get_settings()
    configure_logging(settings)
    if settings.kafka_bootstrap_servers == EMBEDDED:
        sys.stderr.write(
            "KAFKA_BOOTSTRAP_SERVERS=embedded is a broker inside the service: give HOST:PORT to run "
            f"the {role} as a process of its own.\n"
        )
        raise SystemExit(2)
    raise SystemExit(asyncio.run(_run(role)))


async def _run(role: Role) -> int:
    settings = get_settings()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not `loop.add_signal_handler`, which Windows lacks.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    engine = create_engine(settings)
    try:
        async with run_events(
            settings, create_session_factory(engine), relay=role == "relay", consumers=role == "consumer"
        ) as status:
            logger.info("started", role=role)
            while not stop.is_set() and status.alive:
                await first_of(_LOOK_EVERY, stop)
            alive = status.alive
    finally:
        await engine.dispose()
    logger.info("stopped", role=role, alive=alive)
    return 0 if alive else 1
