"""What the tests of the events share: stand-ins for Kafka, and an observer of its topics."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from app.kafka.cloudevents import Headers, headers_of
from app.kafka.consumer_client import Partition
from app.kafka.processing import Message
from app.kafka.producer import BrokerUnavailableError, MessageRejectedError
from app.schemas.events import Event, PostCreated

NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def post_created(post_id: int = 1, author_id: int = 3, title: str = "Hello") -> PostCreated:
    """An event."""
    return PostCreated(id=post_id, author_id=author_id, title=title, published=True, created_at=NOW)


def message(
    event: Event | None = None,
    *,
    offset: int = 0,
    event_id: str | None = None,
    drop: str | None = None,
    topic: str = "posts",
    **changes: Any,
) -> Message:
    """The message of an event, without the header `drop`, and with other parts exchanged."""
    event = event or post_created()
    headers = headers_of(
        event_id=str(uuid4()) if event_id is None else event_id,
        source="/test",
        type_=type(event).__name__,
        time=NOW,
    )
    parts: dict[str, Any] = {
        "topic": topic,
        "partition": 0,
        "offset": offset,
        "key": event.aggregate_id.encode(),
        "value": event.model_dump_json().encode(),
        "headers": [header for header in headers if header[0] != drop],
    }
    return Message(**(parts | changes))


@dataclass
class Sent:
    """What a producer was asked to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    def header(self, name: str) -> str | None:
        """A header's text."""
        value = dict(self.headers).get(name)
        return value.decode() if value is not None else None


@dataclass
class FakeProducer:
    """Keeps what is sent. `away` and `refuse` make it fail, for all or for some keys."""

    sent: list[Sent] = field(default_factory=list)
    away: bool = False
    away_for: set[bytes] = field(default_factory=set)
    refuse: set[bytes] = field(default_factory=set)
    under_way: dict[bytes | None, int] = field(default_factory=lambda: defaultdict(int))
    most_at_once: int = 0
    most_of_a_key: int = 0
    during_send: Callable[[], Awaitable[None]] | None = None

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        self.under_way[key] += 1
        self.most_of_a_key = max(self.most_of_a_key, self.under_way[key])
        self.most_at_once = max(self.most_at_once, sum(self.under_way.values()))
        try:
            await (self.during_send() if self.during_send else asyncio.sleep(0))
        finally:
            self.under_way[key] -= 1
        if self.away or key in self.away_for:
            raise BrokerUnavailableError("away")
        if key in self.refuse:
            raise MessageRejectedError("too large")
        self.sent.append(Sent(topic, key, value, headers))

    async def stop(self) -> None:
        return

    def keys(self) -> list[bytes | None]:
        """The keys in the order of sending."""
        return [sent.key for sent in self.sent]


@dataclass
class FakeSource:
    """A topic of one partition in memory, with what a consumer did to it."""

    messages: Sequence[Message]
    position: int = 0
    committed: int = 0
    commits_fail: bool = False
    failed_commits: int = 0
    started: int = 0
    stopped: int = 0
    deaf: bool = False
    away: bool = False

    async def start(self) -> None:
        self.started += 1
        self.position = self.committed

    async def stop(self) -> None:
        self.stopped += 1

    async def fetch(self, seconds: float) -> Mapping[Partition, Sequence[Message]]:
        batch = [] if self.deaf else self.messages[self.position :]
        self.position += len(batch)
        await asyncio.sleep(0 if batch else min(seconds, 0.01))
        return {("posts", 0): batch} if batch else {}

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        if self.commits_fail:
            self.failed_commits += 1
            raise BrokerUnavailableError("away")
        self.committed = offsets["posts", 0]

    def rewind(self, partition: Partition, offset: int) -> None:
        assert partition == ("posts", 0)
        self.position = offset

    async def unread(self) -> Mapping[Partition, int]:
        if self.away:
            raise BrokerUnavailableError("away")
        return {("posts", 0): self.position} if self.position < len(self.messages) else {}


async def eventually(
    condition: Callable[[], Awaitable[bool]] | Callable[[], bool], limit: float = 30
) -> None:
    """Wait until the condition holds. The limit only ends a test that fails."""
    end = time.monotonic() + limit
    while True:
        holds = condition()
        if holds is True or (not isinstance(holds, bool) and await holds):
            return
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.02)


async def read_topic(bootstrap_servers: str, topic: str, count: int) -> list[Sent]:
    """All messages of a topic once there are `count`, in each partition's order, without a consumer group."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        found: list[Sent] = []
        end = time.monotonic() + 30
        while True:
            batches = await consumer.getmany(timeout_ms=300)
            for records in batches.values():
                found += [Sent(item.topic, item.key, item.value, list(item.headers)) for item in records]
            if not batches and len(found) >= count:
                break
            assert time.monotonic() < end, f"{topic} holds {len(found)} messages, not {count}"
        return found
    finally:
        await consumer.stop()


async def write_topic(bootstrap_servers: str, *messages: Message) -> None:
    """Send messages as they are, whatever is wrong with them, one after the other."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        for item in messages:
            await producer.send_and_wait(item.topic, value=item.value, key=item.key, headers=item.headers)
    finally:
        await producer.stop()
