"""A consumer's connection to Kafka, on the embedded broker; and the topics, with a stand-in to make them."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.admin import NewTopic
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, TopicAuthorizationFailedError

from app.kafka.consumer_client import KafkaSource
from app.kafka.embedded import EmbeddedBroker
from app.kafka.processing import Message
from app.kafka.producer import BrokerUnavailableError
from app.kafka.settings import KafkaSettings
from app.kafka.topics import Topics
from tests.events_support import eventually, message, post_created, write_topic

SETTINGS = KafkaSettings(
    kafka_bootstrap_servers="h:1",
    kafka_send_timeout_seconds=1,
    kafka_stop_timeout_seconds=1,
    kafka_lease_seconds=3,
    kafka_topic_partitions=4,
    kafka_topic_replication=3,
)


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as started:
        yield started


async def nothing() -> None:
    """No topics to make."""


def make_source(broker: EmbeddedBroker) -> KafkaSource:
    return KafkaSource(SETTINGS, broker.bootstrap_servers, "group", ["posts"], nothing)


async def fetch(source: KafkaSource, number: int) -> list[Message]:
    """The next messages of the topic's only filled partition."""
    found: list[Message] = []

    async def enough() -> bool:
        for batch in (await source.fetch(0.2)).values():
            found.extend(batch)
        return len(found) >= number

    await eventually(enough)
    return found


async def test_a_member_goes_on_from_its_last_commit(broker: EmbeddedBroker) -> None:
    await write_topic(broker.bootstrap_servers, *(message(post_created(7)) for _ in range(3)))
    source = make_source(broker)
    await source.start()
    first, second, third = await fetch(source, 3)
    place = (first.topic, first.partition)
    assert await source.unread() == {}
    await source.commit({place: second.offset})
    source.rewind(place, second.offset)
    assert await source.unread() == {place: second.offset}
    assert await fetch(source, 2) == [second, third]
    # Another member has it by now: nothing to go back to.
    source.rewind(("posts", 99), 0)
    await source.stop()

    again = make_source(broker)
    await again.start()
    assert await fetch(again, 2) == [second, third]
    await again.stop()


async def test_a_broker_that_goes_away_gives_each_question_an_end(broker: EmbeddedBroker) -> None:
    await write_topic(broker.bootstrap_servers, message())
    source = make_source(broker)
    await source.start()
    (only,) = await fetch(source, 1)
    broker.close()
    with pytest.raises(BrokerUnavailableError):
        await source.commit({(only.topic, only.partition): only.offset + 1})
    with pytest.raises(BrokerUnavailableError):
        await source.unread()
    await source.stop()


async def test_a_closed_port_is_away() -> None:
    source = KafkaSource(SETTINGS, "127.0.0.1:1", "group", ["posts"], nothing)
    with pytest.raises(BrokerUnavailableError, match="bootstrap"):
        await source.start()
    await source.stop()


async def test_a_stop_that_hangs_is_cut_off(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leave = GroupCoordinator.close

    async def hang(coordinator: GroupCoordinator) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await leave(coordinator)

    source = make_source(broker)
    await source.start()
    monkeypatch.setattr(GroupCoordinator, "close", hang)
    # Longer than its own limit, and far shorter than for ever.
    async with asyncio.timeout(20):
        await source.stop()
    # A connection that it left open would be a warning, and so fail this test.
    assert "consumer did not stop as it should" in caplog.text


class Administrator:
    """Stands in for aiokafka's: knows some topics, and makes others."""

    def __init__(self, *known: str, brokers: int = 1) -> None:
        self.known = list(known)
        self.brokers = brokers
        self.made: list[NewTopic] = []
        self.errors: dict[str, int] = {}
        self.away = False
        self.controller = 1
        self.started = self.closed = 0

    def __call__(self, **_options: Any) -> "Administrator":
        return self

    async def start(self) -> None:
        self.started += 1
        if self.away:
            raise KafkaConnectionError("away")

    async def close(self) -> None:
        self.closed += 1

    async def list_topics(self) -> list[str]:
        return self.known

    async def describe_cluster(self) -> dict[str, Any]:
        brokers = [{"node_id": number + 1} for number in range(self.brokers)]
        return {"brokers": brokers, "controller_id": self.controller}

    async def create_topics(self, topics: list[NewTopic]) -> Any:
        self.made += topics
        return SimpleNamespace(
            topic_errors=[(topic.name, self.errors.get(topic.name, 0), None) for topic in topics]
        )


def make_topics(monkeypatch: pytest.MonkeyPatch, administrator: Administrator) -> Topics:
    monkeypatch.setattr("app.kafka.topics.AIOKafkaAdminClient", administrator)
    return Topics(SETTINGS, "h:1", ("posts", "users", "posts.dlq"))


async def test_missing_topics_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = Administrator("users", "of somebody else", brokers=2)
    topics = make_topics(monkeypatch, administrator)
    await asyncio.gather(topics.ensure(), topics.ensure())
    made = [(topic.name, topic.num_partitions, topic.replication_factor) for topic in administrator.made]
    # Two brokers cannot hold three copies.
    assert made == [("posts", 4, 2), ("posts.dlq", 4, 2)]
    assert (administrator.started, administrator.closed) == (1, 1)


async def test_topics_that_are_there_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = Administrator("posts", "users", "posts.dlq")
    await make_topics(monkeypatch, administrator).ensure()
    assert (administrator.made, administrator.closed) == ([], 1)


async def test_a_cluster_without_a_controller_is_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = Administrator()
    administrator.controller = -1
    await make_topics(monkeypatch, administrator).ensure()
    assert (administrator.made, administrator.closed) == ([], 1)


async def test_a_broker_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = Administrator()
    administrator.away = True
    topics = make_topics(monkeypatch, administrator)
    with pytest.raises(BrokerUnavailableError):
        await topics.ensure()
    administrator.away = False
    await topics.ensure()
    assert (len(administrator.made), administrator.closed) == (3, 2)


async def test_a_broker_that_forbids_it_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    administrator = Administrator()
    administrator.errors = {
        "posts": TopicAuthorizationFailedError.errno,
        # Another process was quicker.
        "users": TopicAlreadyExistsError.errno,
    }
    await make_topics(monkeypatch, administrator).ensure()
    logged = [record.getMessage() for record in caplog.records if "topic not created" in record.getMessage()]
    assert len(logged) == 1
    assert "TopicAuthorizationFailedError" in logged[0]
