"""Runs the relay and the consumers: beside the requests, or as the whole of a process."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from app.database import SessionFactory
from app.kafka.consumer import ConsumerLoop
from app.kafka.consumer_client import KafkaSource
from app.kafka.consumers_registry import CONSUMERS, Consumer
from app.kafka.lease import Lease
from app.kafka.processing import MessageProcessor
from app.kafka.producer import KafkaProducer
from app.kafka.relay import Relay
from app.kafka.settings import EMBEDDED, KafkaSettings
from app.kafka.status import EventsStatus, TaskStatus
from app.kafka.supervisor import supervise
from app.kafka.topics import Topics, topic_names

RELAY_LEASE = "outbox-relay"

Run = Callable[[asyncio.Event], Awaitable[None]]


@asynccontextmanager
async def events_lifespan(
    settings: KafkaSettings, session_factory: SessionFactory
) -> AsyncIterator[EventsStatus]:
    """Relay and consume beside the requests, unless own processes do. It never waits for a broker."""
    inside = settings.kafka_run_in_service
    async with run_events(settings, session_factory, relay=inside, consumers=inside) as status:
        yield status


@asynccontextmanager
async def run_events(
    settings: KafkaSettings, session_factory: SessionFactory, *, relay: bool, consumers: bool
) -> AsyncIterator[EventsStatus]:
    """Run the chosen tasks until the end of the block, and then stop them within their time limit."""
    status = EventsStatus(settings.kafka_liveness_seconds)
    if not relay and not consumers:
        yield status
        return
    # Its information is about each step of each rebalance.
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    async with AsyncExitStack() as stack:
        bootstrap_servers = await _bootstrap_servers(settings, stack)
        topics = Topics(settings, bootstrap_servers, topic_names())
        producer = KafkaProducer(settings, bootstrap_servers, topics.ensure)
        stack.push_async_callback(producer.stop)
        runs: list[tuple[TaskStatus, Run]] = []
        if relay:
            task = status.add("relay")
            lease = Lease(session_factory, RELAY_LEASE, _process_name(), settings.kafka_lease_seconds)
            runs.append((task, Relay(settings, session_factory, producer, lease, task).run))
        for consumer in CONSUMERS if consumers else ():
            task = status.add(consumer.name)
            loop = ConsumerLoop(
                _connector(settings, bootstrap_servers, topics, consumer),
                MessageProcessor(consumer, settings, session_factory, producer),
                task,
            )
            runs.append((task, loop.run))
        await stack.enter_async_context(_running(runs, settings))
        yield status


async def _bootstrap_servers(settings: KafkaSettings, stack: AsyncExitStack) -> str:
    if settings.kafka_bootstrap_servers != EMBEDDED:
        return settings.kafka_bootstrap_servers
    # A development dependency: production never comes here.
    from app.kafka.embedded import EmbeddedBroker

    broker = await asyncio.to_thread(EmbeddedBroker)
    stack.callback(broker.close)
    return broker.bootstrap_servers


def _connector(
    settings: KafkaSettings, bootstrap_servers: str, topics: Topics, consumer: Consumer
) -> Callable[[], KafkaSource]:
    def connect() -> KafkaSource:
        return KafkaSource(
            settings,
            bootstrap_servers,
            consumer.group_id(settings.kafka_client_id),
            consumer.topics,
            topics.ensure,
        )

    return connect


@asynccontextmanager
async def _running(runs: list[tuple[TaskStatus, Run]], settings: KafkaSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = {
        asyncio.create_task(supervise(run, status, stop, settings.kafka_liveness_seconds), name=status.name)
        for status, run in runs
    }
    try:
        yield
    finally:
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=settings.kafka_stop_timeout_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _process_name() -> str:
    """Tells one holder of a lease from another; where it runs is for whoever looks into the table."""
    return f"{socket.gethostname()[:64]}:{os.getpid()}:{uuid4().hex}"
