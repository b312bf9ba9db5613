"""The relay, with a producer in memory: order, outages, refusals, and the lease."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.database import SessionFactory
from app.events.outbox import emit
from app.kafka.lease import Lease
from app.kafka.producer import BrokerUnavailableError, EventProducer
from app.kafka.relay import Relay
from app.kafka.settings import KafkaSettings
from app.kafka.status import TaskStatus
from app.models.outbox import OutboxEvent, RelayLease
from tests.events_support import FakeProducer, eventually, post_created

SETTINGS = KafkaSettings(kafka_poll_seconds=0.02, kafka_max_attempts=2, kafka_client_id="blog")


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sessions(app: FastAPI) -> SessionFactory:
    factory: SessionFactory = app.state.session_factory
    return factory


def make_relay(
    sessions: SessionFactory, producer: EventProducer, settings: KafkaSettings = SETTINGS, name: str = "one"
) -> Relay:
    """A relay of that name."""
    lease = Lease(sessions, "outbox", name, settings.kafka_lease_seconds)
    return Relay(settings, sessions, producer, lease, TaskStatus("relay"))


async def publish(sessions: SessionFactory, *post_ids: int) -> None:
    """Emit an event for each of these posts, in one transaction."""
    async with sessions() as session, session.begin():
        for number, post_id in enumerate(post_ids):
            emit(session, post_created(post_id, title=f"{post_id}.{number}"))


async def rows(sessions: SessionFactory) -> list[OutboxEvent]:
    async with sessions() as session:
        return list((await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))).all())


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[asyncio.Event]:
    """The relay at work; what is yielded stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def test_sends_cloud_events(sessions: SessionFactory) -> None:
    await publish(sessions, 7)
    producer = FakeProducer()
    async with running(make_relay(sessions, producer)):
        await eventually(lambda: bool(producer.sent))
    (row,) = await rows(sessions)
    (sent,) = producer.sent
    assert (sent.topic, sent.key, sent.value) == ("posts", b"7", row.payload.encode())
    assert dict(sent.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": row.event_id.encode(),
        "ce_source": b"/blog",
        "ce_type": b"PostCreated",
        "ce_time": row.occurred_at.isoformat().encode(),
        "content-type": b"application/json",
    }
    assert row.sent_at is not None


async def test_in_order_within_a_key_and_side_by_side_across_keys(sessions: SessionFactory) -> None:
    await publish(sessions, 1, 2, 1, 3, 2, 1)
    producer = FakeProducer(during_send=lambda: asyncio.sleep(0.01))
    async with running(make_relay(sessions, producer)):
        await eventually(lambda: len(producer.sent) == 6)
    titles = [str(sent.value).split('"title":"')[1][:3] for sent in producer.sent]
    for post_id, expected in (("1", ["1.0", "1.2", "1.5"]), ("2", ["2.1", "2.4"]), ("3", ["3.3"])):
        assert [title for title in titles if title.startswith(post_id)] == expected
    assert producer.most_of_a_key == 1
    assert producer.most_at_once == 3


async def test_holds_no_transaction_while_it_sends(app: FastAPI, sessions: SessionFactory) -> None:
    await publish(sessions, 1)
    checked_out: list[int] = []

    async def look() -> None:
        checked_out.append(app.state.engine.pool.checkedout())
        await publish(sessions, 2)

    producer = FakeProducer(during_send=look)
    async with running(make_relay(sessions, producer)):
        await eventually(lambda: len(checked_out) >= 1)
        producer.during_send = None
    assert checked_out[0] == 0


async def test_an_outage_counts_no_attempts_and_loses_nothing(sessions: SessionFactory) -> None:
    producer = FakeProducer(away=True)
    relay = make_relay(sessions, producer)
    async with running(relay):
        await publish(sessions, 1, 1)
        await eventually(lambda: relay.status.broker == "down")
        await asyncio.sleep(0.1)
        assert [(row.attempts, row.sent_at) for row in await rows(sessions)] == [(0, None), (0, None)]
        producer.away = False
        await eventually(lambda: len(producer.sent) == 2)
        await eventually(lambda: relay.status.broker == "up")
    assert all(row.sent_at for row in await rows(sessions))


async def test_what_got_through_is_marked_though_others_did_not(sessions: SessionFactory) -> None:
    await publish(sessions, 1, 2, 1)
    producer = FakeProducer(away_for={b"1"})
    relay = make_relay(sessions, producer)
    await relay.lease.acquire()
    with pytest.raises(BrokerUnavailableError):
        await relay.send_batch()
    assert [row.sent_at is not None for row in await rows(sessions)] == [False, True, False]
    assert producer.keys() == [b"2"]
    producer.away_for.clear()
    assert await relay.send_batch() == 2
    assert producer.keys() == [b"2", b"1", b"1"]


async def test_a_refused_event_is_set_aside_and_holds_its_key_back_until_then(
    sessions: SessionFactory,
) -> None:
    await publish(sessions, 1, 1, 2)
    producer = FakeProducer(refuse={b"1"})
    relay = make_relay(sessions, producer)
    await relay.lease.acquire()
    await relay.send_batch()
    first, second, other = await rows(sessions)
    assert (first.attempts, first.failed_at, first.last_error) == (1, None, "too large")
    assert (second.attempts, second.sent_at) == (0, None)
    assert other.sent_at is not None
    await relay.send_batch()
    first, second, _ = await rows(sessions)
    assert (first.attempts, first.failed_at is not None) == (2, True)
    assert second.attempts == 1
    producer.refuse.clear()
    assert await relay.send_batch() == 1
    assert producer.keys() == [b"2", b"1"]


async def test_a_commit_wakes_it_long_before_the_next_poll(sessions: SessionFactory) -> None:
    producer = FakeProducer()
    # Were it not woken, the test would end at its limit.
    patient = SETTINGS.model_copy(update={"kafka_poll_seconds": 3600.0})
    relay = make_relay(sessions, producer, patient)
    async with running(relay):
        await eventually(lambda: relay.lease.held())
        await publish(sessions, 1)
        await eventually(lambda: bool(producer.sent))


async def test_polls_for_what_others_committed(sessions: SessionFactory) -> None:
    producer = FakeProducer()
    relay = make_relay(sessions, producer)
    async with running(relay):
        await eventually(lambda: relay.lease.held())
        async with sessions() as session, session.begin():
            # As another process would: no waker here knows of it.
            session.add(
                OutboxEvent(
                    event_id="e",
                    topic="posts",
                    aggregate_id="9",
                    type="X",
                    payload="{}",
                    occurred_at=post_created().created_at,
                )
            )
        await eventually(lambda: producer.keys() == [b"9"])


async def test_one_relays_and_the_other_takes_over_when_it_stops(sessions: SessionFactory) -> None:
    first, second = FakeProducer(), FakeProducer()
    one, two = make_relay(sessions, first, name="one"), make_relay(sessions, second, name="two")
    async with running(one) as stop_one:
        await eventually(lambda: one.lease.held())
        async with running(two):
            await publish(sessions, 1, 2)
            await eventually(lambda: len(first.sent) == 2)
            assert second.sent == []
            stop_one.set()
            await eventually(lambda: two.lease.held())
            await publish(sessions, 3)
            await eventually(lambda: second.keys() == [b"3"])
    assert len(first.sent) == 2
    async with sessions() as session:
        assert (await session.scalars(select(RelayLease.holder))).one() is None


async def test_a_last_batch_is_sent_at_the_end(sessions: SessionFactory) -> None:
    producer = FakeProducer()
    relay = make_relay(sessions, producer, SETTINGS.model_copy(update={"kafka_poll_seconds": 3600.0}))
    stop = asyncio.Event()
    stop.set()
    await publish(sessions, 1)
    await relay.run(stop)
    assert producer.keys() == [b"1"]


async def test_stops_sending_when_its_lease_may_run_out(sessions: SessionFactory) -> None:
    await publish(sessions, 1, 1, 1)
    clock = Clock()
    lease = Lease(sessions, "outbox", "one", 15, clock)

    async def slowly() -> None:
        clock.now += 4

    producer = FakeProducer(during_send=slowly)
    relay = Relay(SETTINGS, sessions, producer, lease, TaskStatus("relay"))
    await lease.acquire()
    # A send may take ten seconds: begun at 0 and at 4, it ends within the term of 15; at 8 it may not.
    assert await relay.send_batch() == 2


async def test_lease_is_taken_over_once_its_holder_is_silent(sessions: SessionFactory) -> None:
    clock = Clock()
    dead, heir = (Lease(sessions, "outbox", name, 15, clock) for name in ("dead", "heir"))
    assert await dead.acquire()
    assert not await heir.acquire()
    clock.now += 14
    assert not await heir.acquire()
    assert dead.held()
    assert await dead.acquire(), "it renews"
    clock.now += 14
    assert not await heir.acquire(), "a beat began the wait anew"
    clock.now += 15
    assert not dead.held()
    assert await heir.acquire()
    assert not await dead.acquire()


async def test_lease_is_free_at_once_after_its_release(sessions: SessionFactory) -> None:
    clock = Clock()
    one, two = (Lease(sessions, "outbox", name, 15, clock) for name in ("one", "two"))
    assert await one.acquire()
    assert not await two.acquire()
    await one.release()
    assert not one.held()
    assert await two.acquire()
    await one.release()
    assert two.held()
    assert not await one.acquire()


async def test_a_lease_that_another_has_by_now_is_not_given_away(sessions: SessionFactory) -> None:
    clock = Clock()
    slow, heir, third = (Lease(sessions, "outbox", name, 15, clock) for name in ("slow", "heir", "third"))
    assert await slow.acquire()
    assert not await heir.acquire()
    clock.now += 15
    assert await heir.acquire()
    await slow.release()
    assert not await third.acquire()


async def test_one_of_many_takers_gets_the_lease(sessions: SessionFactory) -> None:
    leases = [Lease(sessions, "outbox", f"taker {number}", 15) for number in range(8)]
    for _ in range(2):
        taken = await asyncio.gather(*(lease.acquire() for lease in leases))
        assert taken.count(True) == 1


def test_a_lease_shorter_than_a_send_is_refused() -> None:
    with pytest.raises(ValueError, match="KAFKA_LEASE_SECONDS"):
        KafkaSettings(kafka_lease_seconds=10, kafka_send_timeout_seconds=5)
    with pytest.raises(ValueError, match="KAFKA_SASL_USERNAME"):
        KafkaSettings(kafka_security_protocol="SASL_SSL")
