"""The consumers, with a topic in memory: what is handled, skipped, put aside, and fetched again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.database import SessionFactory
from app.kafka import consumer as consumer_module
from app.kafka.consumer import ConsumerLoop, StuckError
from app.kafka.consumers_registry import CONSUMERS, Consumer, on
from app.kafka.processing import Message, MessageProcessor, RetryLaterError
from app.kafka.settings import KafkaSettings
from app.kafka.status import TaskStatus
from app.models.base import utc_now
from app.models.outbox import AuthorStats, InboxEntry
from app.repositories.inbox_repository import AlreadyHandledError, InboxRepository
from app.schemas.events import PostCreated, PostDeleted, PostUpdated, UserRegistered
from tests.events_support import NOW, FakeProducer, FakeSource, eventually, message, post_created

SETTINGS = KafkaSettings(kafka_retry_seconds=0, kafka_max_attempts=3)
(STATISTICS,) = CONSUMERS


@pytest.fixture
def sessions(app: FastAPI) -> SessionFactory:
    factory: SessionFactory = app.state.session_factory
    return factory


@pytest.fixture
def producer() -> FakeProducer:
    return FakeProducer()


@pytest.fixture
def processor(sessions: SessionFactory, producer: FakeProducer) -> MessageProcessor:
    """The processor of the service's own consumer."""
    return MessageProcessor(STATISTICS, SETTINGS, sessions, producer)


class Failing:
    """A handler that fails the first `times`, after it has written something."""

    def __init__(self, times: int, error: Exception) -> None:
        self.times = times
        self.error = error
        self.calls = 0

    async def __call__(self, session: AsyncSession, event: PostCreated) -> None:
        self.calls += 1
        session.add(AuthorStats(user_id=event.author_id, posts=1))
        await session.flush()
        if self.calls <= self.times:
            raise self.error


def failing(times: int, error: Exception | None = None) -> tuple[Failing, Consumer]:
    """A consumer with such a handler."""
    handler = Failing(times, error or ValueError("no such author"))
    return handler, Consumer("failing", "Fails.", (on(PostCreated, handler),))


async def posts_of(sessions: SessionFactory, user_id: int) -> int | None:
    async with sessions() as session:
        found: int | None = await session.scalar(
            select(AuthorStats.posts).where(AuthorStats.user_id == user_id)
        )
        return found


async def inbox_size(sessions: SessionFactory) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(InboxEntry)) or 0


async def test_the_projection_counts(processor: MessageProcessor, sessions: SessionFactory) -> None:
    await processor.process(message(UserRegistered(id=3, created_at=NOW), topic="users"))
    assert await posts_of(sessions, 3) == 0
    later = post_created(2).model_copy(update={"created_at": NOW + timedelta(hours=1)})
    for event in (later, post_created(1), PostDeleted(id=1, author_id=3), post_created(3, author_id=4)):
        await processor.process(message(event))
    async with sessions() as session:
        stats = await session.get_one(AuthorStats, 3)
        assert (stats.posts, stats.last_post_at) == (1, NOW + timedelta(hours=1))
    assert await posts_of(sessions, 4) == 1


async def test_delivered_twice_is_handled_once(
    processor: MessageProcessor, sessions: SessionFactory, producer: FakeProducer
) -> None:
    item = message(post_created(1))
    for _ in range(3):
        await processor.process(item)
    assert (await posts_of(sessions, 3), await inbox_size(sessions)) == (1, 1)
    assert producer.sent == []


async def test_delivered_to_two_members_at_once_is_handled_once(
    processor: MessageProcessor, sessions: SessionFactory
) -> None:
    item = message(post_created(1))
    await asyncio.gather(*(processor.process(item) for _ in range(5)))
    assert (await posts_of(sessions, 3), await inbox_size(sessions)) == (1, 1)


async def test_ids_are_unique_within_their_source_only(
    processor: MessageProcessor, sessions: SessionFactory
) -> None:
    item = message(post_created(1), event_id="1")
    other = [(name, b"/other" if name == "ce_source" else value) for name, value in item.headers]
    await processor.process(item)
    await processor.process(message(post_created(2), headers=other))
    assert await posts_of(sessions, 3) == 2


@pytest.mark.parametrize("type_", ["PostUpdated", "PostArchived", "UserRegistered"])
async def test_what_nobody_subscribed_to_is_skipped(
    processor: MessageProcessor, sessions: SessionFactory, producer: FakeProducer, type_: str
) -> None:
    item = message(post_created())
    headers = [(name, type_.encode() if name == "ce_type" else value) for name, value in item.headers]
    # Not even its payload is looked at.
    await processor.process(message(headers=headers, value=b"\xff"))
    assert (producer.sent, await inbox_size(sessions)) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": None}, "no payload"),
        ({"value": b""}, "no payload"),
        ({"value": b"{"}, "Invalid JSON"),
        ({"value": b"\xff\xfe"}, "Invalid JSON"),
        ({"value": b"[]"}, "payload"),
        ({"value": b'{"id": 1}'}, "author_id: Field required"),
        ({"value": post_created().model_dump_json().replace('"author_id":3', '"author_id":"3"').encode()},
         "author_id"),
        ({"value": post_created().model_dump_json().replace("+00:00", "").replace("Z", "").encode()},
         "created_at"),
        ({"headers": []}, "no header ce_specversion"),
        ({"headers": [("ce_specversion", None)]}, "no header ce_specversion"),
        ({"headers": [("ce_specversion", b"0.3")]}, "ce_specversion is '0.3'"),
        ({"drop": "ce_id"}, "no header ce_id"),
        ({"drop": "ce_type"}, "no header ce_type"),
        ({"event_id": "x" * 256}, "header ce_id"),
        ({"event_id": ""}, "header ce_id"),
        ({"value": None, "key": None, "headers": [("ce_type", b"\xff"), ("x", None)]}, "no header"),
        ({"headers": [("ce_specversion", b"1.0"), ("ce_source", b"\xff")]}, "ce_source is not UTF-8"),
    ],
)  # fmt: skip
async def test_poison_is_put_aside_with_its_reason(
    processor: MessageProcessor,
    sessions: SessionFactory,
    producer: FakeProducer,
    changes: dict[str, Any],
    reason: str,
) -> None:
    item = message(offset=41, **changes)
    await processor.process(item)
    (dead,) = producer.sent
    assert (dead.topic, dead.key, dead.value) == ("posts.dlq", item.key, item.value)
    assert dead.headers[: len(item.headers)] == item.headers
    assert reason in (dead.header("dlq_reason") or "")
    assert {name: dead.header(name) for name in ("dlq_topic", "dlq_partition", "dlq_offset")} == {
        "dlq_topic": "posts",
        "dlq_partition": "0",
        "dlq_offset": "41",
    }
    assert dead.header("dlq_consumer") == "author-statistics"
    assert await inbox_size(sessions) == 0
    await processor.process(message(post_created()))
    assert await posts_of(sessions, 3) == 1


async def test_a_reason_does_not_repeat_what_was_sent(
    processor: MessageProcessor, producer: FakeProducer
) -> None:
    await processor.process(message(value=b'{"id": "canary@example.com"}'))
    (dead,) = producer.sent
    assert "canary" not in (dead.header("dlq_reason") or "")


async def test_a_handler_that_fails_is_tried_again(sessions: SessionFactory, producer: FakeProducer) -> None:
    handler, consumer = failing(times=2)
    await MessageProcessor(consumer, SETTINGS, sessions, producer).process(message())
    assert handler.calls == 3
    assert (await posts_of(sessions, 3), await inbox_size(sessions), producer.sent) == (1, 1, [])


async def test_a_handler_that_keeps_failing_is_given_up(
    sessions: SessionFactory, producer: FakeProducer
) -> None:
    handler, consumer = failing(times=99)
    await MessageProcessor(consumer, SETTINGS, sessions, producer).process(message())
    assert handler.calls == 3
    assert (await posts_of(sessions, 3), await inbox_size(sessions)) == (None, 0)
    (dead,) = producer.sent
    assert dead.header("dlq_reason") == "ValueError: no such author"


@pytest.mark.parametrize("error", [TimeoutError(), PoolTimeoutError(), DBAPIError("", {}, Exception())])
async def test_what_passes_is_no_fault_of_the_message(
    sessions: SessionFactory, producer: FakeProducer, error: Exception
) -> None:
    if isinstance(error, DBAPIError):
        # PostgreSQL's code for a full disk.
        error.orig.sqlstate = "53100"  # type: ignore[union-attr]
    handler, consumer = failing(99, error)
    with pytest.raises(RetryLaterError):
        await MessageProcessor(consumer, SETTINGS, sessions, producer).process(message())
    assert (handler.calls, producer.sent) == (1, [])


@pytest.mark.parametrize("away", ["database", "broker"])
async def test_what_is_away_is_no_fault_of_the_message(
    sessions: SessionFactory, producer: FakeProducer, away: str
) -> None:
    error = OperationalError("SELECT 1", {}, Exception("gone")) if away == "database" else ValueError("x")
    handler, consumer = failing(99, error)
    producer.away = away == "broker"
    with pytest.raises(RetryLaterError, match=away if away == "database" else "dead letter"):
        await MessageProcessor(consumer, SETTINGS, sessions, producer).process(message())
    assert producer.sent == []
    assert handler.calls == (1 if away == "database" else 3)


async def test_an_error_while_the_database_is_silent_is_no_fault_of_the_message(
    sessions: SessionFactory, producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, consumer = failing(99, RuntimeError("a driver's own error"))
    processor = MessageProcessor(consumer, SETTINGS, sessions, producer)

    async def no() -> bool:
        return False

    monkeypatch.setattr(processor, "database_answers", no)
    with pytest.raises(RetryLaterError):
        await processor.process(message())
    assert producer.sent == []


async def test_a_database_that_is_silent_is_found_out(producer: FakeProducer) -> None:
    async def refuse() -> None:
        raise ConnectionRefusedError

    engine = create_async_engine("sqlite+aiosqlite://", async_creator=refuse)
    handler, consumer = failing(9)
    processor = MessageProcessor(consumer, SETTINGS, async_sessionmaker(engine), producer)
    assert not await processor.database_answers()
    with pytest.raises(RetryLaterError, match="ConnectionRefusedError"):
        await processor.process(message())
    assert (handler.calls, producer.sent) == (0, [])
    await engine.dispose()


async def test_a_reason_shows_no_statement(sessions: SessionFactory, producer: FakeProducer) -> None:
    _, consumer = failing(9, NoResultFound("SELECT secret FROM users"))
    await MessageProcessor(consumer, SETTINGS, sessions, producer).process(message())
    assert [sent.header("dlq_reason") for sent in producer.sent] == ["NoResultFound"]


async def test_a_dead_letter_that_is_too_large_goes_without_its_payload(
    processor: MessageProcessor, producer: FakeProducer
) -> None:
    large = b"x" * 100
    accept = producer.send

    async def refuse_large(topic: str, key: bytes | None, value: bytes | None, headers: Any) -> None:
        producer.refuse = {b"1"} if value == large else set()
        await accept(topic, key, value, headers)

    producer.send = refuse_large  # type: ignore[method-assign]  # a fake of a fake
    await processor.process(message(value=large))
    (dead,) = producer.sent
    assert (dead.value, dead.header("dlq_offset")) == (None, "0")


async def test_the_inbox_forgets_after_its_time(
    sessions: SessionFactory, processor: MessageProcessor
) -> None:
    async with sessions() as session, session.begin():
        for event_id, days in (("old", 31), ("young", 29)):
            entry = InboxEntry(consumer=STATISTICS.name, source="/s", event_id=event_id)
            entry.handled_at = utc_now() - timedelta(days=days)
            session.add(entry)
    await processor.purge()
    async with sessions() as session:
        assert list(await session.scalars(select(InboxEntry.event_id))) == ["young"]


@asynccontextmanager
async def consuming(source: FakeSource, processor: MessageProcessor) -> AsyncIterator[TaskStatus]:
    """The loop at work on that source."""
    stop, status = asyncio.Event(), TaskStatus("consumer")
    task = asyncio.create_task(ConsumerLoop(lambda: source, processor, status).run(stop))
    try:
        yield status
    finally:
        stop.set()
        await task


async def test_commits_what_is_done(processor: MessageProcessor, sessions: SessionFactory) -> None:
    source = FakeSource([message(post_created(n + 1), offset=n) for n in range(3)])
    async with consuming(source, processor) as status:
        await eventually(lambda: source.committed == 3)
        assert status.broker == "up"
    assert (source.started, source.stopped) == (1, 1)
    assert await posts_of(sessions, 3) == 3


async def test_a_stop_comes_between_two_messages(
    processor: MessageProcessor, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, process = asyncio.Event(), processor.process

    async def stop_during_the_first(item: Message) -> None:
        stop.set()
        await process(item)

    monkeypatch.setattr(processor, "process", stop_during_the_first)
    source = FakeSource([message(post_created(n + 1), offset=n) for n in range(3)])
    await ConsumerLoop(lambda: source, processor, TaskStatus("consumer")).run(stop)
    # What was begun is done and committed; the others are the next start's.
    assert (source.committed, source.stopped) == (1, 1)
    assert await posts_of(sessions, 3) == 1


async def test_idle_it_asks_the_broker_and_cleans_up(
    processor: MessageProcessor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(consumer_module, "_PROBE_EVERY", 0.0)
    monkeypatch.setattr(processor, "purge", fail)
    source = FakeSource([])
    async with consuming(source, processor) as status:
        await eventually(lambda: status.broker == "up")
        source.away = True
        await eventually(lambda: status.broker == "down")
        source.away = False
        await eventually(lambda: status.broker == "up")
    assert "inbox not purged" in caplog.text


async def test_dead_letter_is_acknowledged_before_the_offset(
    processor: MessageProcessor, producer: FakeProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_RETRY_LATER_SECONDS", 0.01)
    producer.away = True
    source = FakeSource([message(post_created(1)), message(value=b"{", offset=1), message(offset=2)])
    async with consuming(source, processor) as status:
        await eventually(lambda: source.committed == 1)
        await eventually(lambda: status.broker == "down")
        await asyncio.sleep(0.05)
        assert source.committed == 1
        producer.away = False
        await eventually(lambda: source.committed == 3)
    assert [sent.topic for sent in producer.sent] == ["posts.dlq"]


async def test_a_commit_that_fails_costs_a_redelivery_and_no_more(
    processor: MessageProcessor, sessions: SessionFactory
) -> None:
    source = FakeSource([message(post_created(1))], commits_fail=True)
    async with consuming(source, processor):
        await eventually(lambda: source.failed_commits == 1)
    assert source.committed == 0
    source.commits_fail = False
    async with consuming(source, processor):
        await eventually(lambda: source.committed == 1)
    assert await posts_of(sessions, 3) == 1


async def test_a_client_that_lost_its_way_is_noticed_once(
    processor: MessageProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "_PROBE_EVERY", 0.0)
    source = FakeSource([message()], deaf=True)
    loop = ConsumerLoop(lambda: source, processor, TaskStatus("consumer"))
    stop = asyncio.Event()
    with pytest.raises(StuckError):
        await loop.run(stop)
    again = asyncio.create_task(loop.run(stop))
    await asyncio.sleep(0.1)
    assert not again.done()
    stop.set()
    await again
    assert source.stopped == 2


async def test_stops_while_it_waits_for_its_group(processor: MessageProcessor) -> None:
    class NeverJoins(FakeSource):
        async def start(self) -> None:
            await asyncio.Event().wait()

    source = NeverJoins([])
    stop = asyncio.Event()
    task = asyncio.create_task(ConsumerLoop(lambda: source, processor, TaskStatus("c")).run(stop))
    await asyncio.sleep(0.02)
    stop.set()
    await task
    assert source.stopped == 1


def test_the_registry_finds_by_topic_and_type() -> None:
    assert STATISTICS.topics == ("posts", "users")
    assert STATISTICS.find("posts", "PostCreated")
    assert STATISTICS.find("users", "PostCreated") is None
    assert STATISTICS.find("posts", PostUpdated.__name__) is None
    assert STATISTICS.group_id("blog") == "blog.author-statistics"


async def test_the_inbox_refuses_what_it_knows(session: AsyncSession) -> None:
    await InboxRepository(session).add("c", "/s", "1")
    await InboxRepository(session).add("d", "/s", "1")
    await InboxRepository(session).add("c", "/t", "1")
    with pytest.raises(AlreadyHandledError):
        await InboxRepository(session).add("c", "/s", "1")
