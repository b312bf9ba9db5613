"""Keeps the events' tasks going: one that fails or falls silent is started anew."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from app.kafka.producer import BrokerUnavailableError
from app.kafka.status import TaskStatus

logger = structlog.get_logger(__name__)

_LOOK_EVERY = 1.0
_GRACE_SECONDS = 5.0
_LONGEST_PAUSE = 10.0


async def first_of(seconds: float, *events: asyncio.Event) -> None:
    """Wait until one of the events is set, or the time is over."""
    waiters = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()


async def done_before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether `work` was done before `stop` was set; if not, it is cancelled. Raises what it raises."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            return False
        await task
        return True
    finally:
        stopped.cancel()
        await _end(task)


async def supervise(
    run: Callable[[asyncio.Event], Awaitable[None]],
    status: TaskStatus,
    stop: asyncio.Event,
    silence_limit: float,
) -> None:
    """Run `run(stop)` until `stop` is set: again after a failure, and after too long a silence."""
    pause = 0.0
    while not stop.is_set():
        status.beat()
        task = asyncio.ensure_future(run(stop))
        try:
            while not task.done() and status.silence() < silence_limit:
                await asyncio.wait({task}, timeout=_LOOK_EVERY)
        finally:
            error = await _end(task)
        if stop.is_set():
            break
        error = error or RuntimeError(f"ended, or silent for {silence_limit:g} s")
        status.fail(error, broker=isinstance(error, BrokerUnavailableError))
        pause = min(_LONGEST_PAUSE, 2 * pause or 0.5)
        logger.warning("task restarted", task=status.name, after_seconds=pause, error=repr(error))
        await first_of(pause, stop)


async def _end(task: "asyncio.Future[None]") -> BaseException | None:
    """Cancel a task that still runs, give it a moment, and tell how it ended."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
    return task.exception() if task.done() and not task.cancelled() else None
