"""The producer with a broker that answers, refuses, is silent or goes away; and what keeps tasks going."""

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.kafka.embedded import EmbeddedBroker
from app.kafka.producer import BrokerUnavailableError, KafkaProducer, MessageRejectedError, connection_options
from app.kafka.settings import KafkaSettings
from app.kafka.status import EventsStatus, TaskStatus
from app.kafka.supervisor import supervise
from app.kafka.topics import Topics
from tests.events_support import eventually, read_topic
from tests.test_posts import is_problem

SETTINGS = KafkaSettings(kafka_send_timeout_seconds=0.5, kafka_create_topics=False)


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as started:
        yield started


async def nothing() -> None:
    """No topics to make."""


def make_producer(bootstrap_servers: str) -> KafkaProducer:
    return KafkaProducer(SETTINGS, bootstrap_servers, nothing)


async def test_sends_what_it_is_given(broker: EmbeddedBroker) -> None:
    producer = make_producer(broker.bootstrap_servers)
    await producer.send("posts", b"1", b"one", [("ce_id", b"x"), ("none", None)])
    await producer.send("posts", b"1", None, [])
    await producer.stop()
    first, second = await read_topic(broker.bootstrap_servers, "posts", 2)
    assert (first.key, first.value, first.headers) == (b"1", b"one", [("ce_id", b"x"), ("none", None)])
    assert (second.value, second.headers) == (None, [])


async def test_a_broker_without_a_controller_is_asked_for_no_topics(broker: EmbeddedBroker) -> None:
    settings = KafkaSettings(kafka_bootstrap_servers=broker.bootstrap_servers, kafka_send_timeout_seconds=5)
    await Topics(settings, broker.bootstrap_servers, ["posts"]).ensure()


async def test_refuses_what_is_too_large_and_goes_on(broker: EmbeddedBroker) -> None:
    producer = make_producer(broker.bootstrap_servers)
    with pytest.raises(MessageRejectedError, match="MessageSizeTooLarge"):
        await producer.send("posts", b"1", b"x" * 2_000_000, [])
    await producer.send("posts", b"1", b"small", [])
    await producer.stop()


async def test_many_at_once_share_one_connection(broker: EmbeddedBroker) -> None:
    made = 0

    async def count() -> None:
        nonlocal made
        made += 1

    producer = KafkaProducer(SETTINGS, broker.bootstrap_servers, count)
    await asyncio.gather(*(producer.send("posts", str(n).encode(), b"x", []) for n in range(20)))
    assert made == 1
    await producer.stop()
    await producer.stop()


async def test_a_closed_port_is_away() -> None:
    producer = make_producer("127.0.0.1:1")
    with pytest.raises(BrokerUnavailableError, match="bootstrap"):
        await producer.send("posts", b"1", b"x", [])
    await producer.stop()


async def test_a_server_that_never_answers_is_away() -> None:
    held: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    producer = make_producer(f"127.0.0.1:{port}")
    with pytest.raises(BrokerUnavailableError):
        await producer.send("posts", b"1", b"x", [])
    await producer.stop()
    for writer in held:
        writer.close()
    server.close()


async def test_a_broker_that_goes_away_gives_sends_and_stop_an_end(broker: EmbeddedBroker) -> None:
    producer = make_producer(broker.bootstrap_servers)
    await producer.send("posts", b"1", b"x", [])
    broker.close()
    sends = (producer.send("posts", str(n).encode(), b"x", []) for n in range(5))
    outcomes = await asyncio.gather(*sends, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {BrokerUnavailableError}
    await producer.stop()


def test_connection_options_hold_what_the_broker_asks_for() -> None:
    plain = connection_options(KafkaSettings(), "h:1")
    assert (plain["bootstrap_servers"], plain["security_protocol"]) == ("h:1", "PLAINTEXT")
    assert not {"ssl_context", "sasl_mechanism"} & set(plain)
    secure = connection_options(
        KafkaSettings(
            kafka_security_protocol="SASL_SSL", kafka_sasl_username="u", kafka_sasl_password="canary"
        ),
        "h:1",
    )
    assert secure["sasl_plain_password"] == "canary"
    assert secure["ssl_context"].check_hostname
    assert "canary" not in repr(KafkaSettings(kafka_sasl_password="canary"))


async def test_a_task_that_fails_is_started_again() -> None:
    status, stop = TaskStatus("task"), asyncio.Event()
    runs = 0

    async def run(stopped: asyncio.Event) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise BrokerUnavailableError("away")
        status.succeed()
        await stopped.wait()

    task = asyncio.create_task(supervise(run, status, stop, silence_limit=60))
    await eventually(lambda: status.broker == "down")
    await eventually(lambda: status.broker == "up")
    stop.set()
    await task
    assert (runs, status.error) == (2, None)


async def test_a_task_that_falls_silent_is_started_again() -> None:
    status, stop = TaskStatus("task"), asyncio.Event()
    ended: list[str] = []

    async def run(stopped: asyncio.Event) -> None:
        try:
            await (stopped if ended else asyncio.Event()).wait()
        finally:
            ended.append("ended")

    task = asyncio.create_task(supervise(run, status, stop, silence_limit=0.05))
    await eventually(lambda: len(ended) == 1)
    assert status.error
    assert "silent" in status.error
    stop.set()
    await task


async def test_a_supervisor_that_is_cancelled_takes_its_task_along() -> None:
    ended = asyncio.Event()

    async def run(_stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(supervise(run, TaskStatus("task"), asyncio.Event(), silence_limit=60))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


def test_the_status_tells_a_broker_that_is_away_from_a_task_that_is_dead() -> None:
    now = 0.0
    status = EventsStatus(silence_limit=60)
    assert (status.broker, status.alive) == ("unknown", True)
    relay, consumer = status.add("relay"), status.add("consumer")
    relay.clock = consumer.clock = lambda: now
    relay.beat()
    consumer.beat()
    relay.succeed()
    assert status.broker == "up"
    consumer.fail(OSError("x"), broker=True)
    assert (status.broker, status.alive) == ("down", True)
    consumer.succeed()
    consumer.fail(ValueError("a database's"), broker=False)
    assert status.broker == "up"
    now = 119
    assert status.alive
    now = 121
    assert not status.alive


async def test_liveness_notices_a_dead_task(app: FastAPI, client: AsyncClient) -> None:
    events: EventsStatus = app.state.events
    task = events.add("relay")
    assert (await client.get("/health/live")).status_code == 200
    task.beat_at -= 2 * events.silence_limit
    assert is_problem(await client.get("/health/live"), 503)
    # A restart is due; requests are served until then.
    assert (await client.get("/health/ready")).status_code == 200
