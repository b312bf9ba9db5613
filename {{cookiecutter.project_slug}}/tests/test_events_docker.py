"""The events on real Kafka, in a container: topics, groups, and an outage that Kafka survives."""

import asyncio
import gc
import json
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from docker.errors import DockerException
from fastapi import FastAPI
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.docker_client import DockerClient

from app.config import Settings
from app.kafka.topics import topic_names
from tests.events_support import eventually, message, post_created, read_topic, write_topic
from tests.test_events_end_to_end import FAST, make_app, posts_are, serving, unsent, write_post

pytestmark = pytest.mark.docker
IMAGE = "confluentinc/cp-kafka:7.6.0"


def has_image(name: str) -> bool:
    """Whether Docker has an image, or can get it."""
    images = DockerClient().client.images
    for get in (images.get, images.pull):
        with suppress(DockerException):
            get(name)
            return True
    return False


def start_kafka() -> KafkaContainer | str:
    """A container with a broker, or why there is none."""
    try:
        if not (testcontainers_config.ryuk_disabled or has_image(testcontainers_config.ryuk_image)):
            # A helper that cleans up after a test that was killed: one more image, and not needed.
            testcontainers_config.ryuk_disabled = True
        return KafkaContainer(IMAGE).with_kraft().start()
    except DockerException as error:
        return f"Docker cannot start {IMAGE}: {error}"


@pytest.fixture
def kafka() -> Iterator[KafkaContainer]:
    """A broker of the test's own: all services of all tests know the same topics."""
    with warnings.catch_warnings():
        # Where no engine answers, Docker's client leaves its socket to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        started = start_kafka()
        gc.collect()
    if isinstance(started, str):
        pytest.skip(started)
    yield started
    started.stop()


@pytest.fixture
def kafka_settings(settings: Settings, kafka: KafkaContainer) -> Settings:
    """A service that makes its topics itself."""
    return settings.model_copy(
        update=FAST
        | {
            "kafka_bootstrap_servers": kafka.get_bootstrap_server(),
            "kafka_create_topics": True,
            "kafka_topic_partitions": 3,
        }
    )


async def test_topics_are_made_as_configured(kafka_settings: Settings) -> None:
    app = await make_app(kafka_settings)
    async with serving(app) as client:
        await write_post(client)
        await eventually(posts_are(client, 1), 60)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_settings.kafka_bootstrap_servers)
    await admin.start()
    described = await admin.describe_topics(list(topic_names()))
    await admin.close()
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == dict.fromkeys(
        topic_names(), 3
    )


async def test_poison_redelivery_and_what_follows(kafka_settings: Settings) -> None:
    async with serving(await make_app(kafka_settings)) as client:
        await eventually(posts_are(client, 0))
        broker = kafka_settings.kafka_bootstrap_servers
        good = message(post_created(1, author_id=1), key=b"1")
        await write_topic(broker, message(key=b"1", value=None), good, good, good)
        await write_topic(broker, message(post_created(1, author_id=1), key=b"1"))
        await eventually(posts_are(client, 2), 60)
        await read_topic(broker, "posts.dlq", 1)


async def test_two_members_share_a_group(kafka_settings: Settings) -> None:
    app = await make_app(kafka_settings)
    other = await other_member(app)
    async with serving(app) as client, other.router.lifespan_context(other):
        for number in range(12):
            await write_post(client, title=f"Post {number}")
        await eventually(posts_are(client, 12), 60)
        assert await unsent(app) == 0


async def other_member(app: FastAPI) -> FastAPI:
    """The same service on the same database, started a second time."""
    return await make_app(app.state.settings)


async def test_an_outage_slows_no_request_and_loses_nothing(
    kafka_settings: Settings, kafka: KafkaContainer
) -> None:
    app = await make_app(kafka_settings)
    async with serving(app) as client:
        first = await write_post(client, title="Before")
        await eventually(posts_are(client, 1), 60)
        async with paused(kafka):
            made = [await write_post(client, title=f"During {number}") for number in range(5)]
            path = f"/api/v1/posts/{first['id']}"
            assert (await client.patch(path, json={"title": "Changed"})).status_code == 200
            await eventually(lambda: app.state.events.broker == "down", 60)
            assert (await client.get("/health/ready")).json()["checks"]["broker"] == "down"
            assert await unsent(app) == 6
            assert app.state.events.alive
        await eventually(posts_are(client, 6), 60)

        async def all_sent() -> bool:
            return await unsent(app) == 0

        await eventually(all_sent, 60)
        await eventually(lambda: app.state.events.broker == "up", 60)
    messages = await read_topic(kafka_settings.kafka_bootstrap_servers, "posts", 7)
    payloads = [json.loads(item.value or b"") for item in messages]
    assert {payload["id"] for payload in payloads} == {first["id"], *(post["id"] for post in made)}
    of_first = [payload["title"] for payload in payloads if payload["id"] == first["id"]]
    # At least once, and in order.
    assert list(dict.fromkeys(of_first)) == ["Before", "Changed"]


@asynccontextmanager
async def paused(kafka: KafkaContainer) -> AsyncIterator[None]:
    """A broker that keeps its connections and answers nothing."""
    container = kafka.get_wrapped_container()
    await asyncio.to_thread(container.pause)
    try:
        yield
    finally:
        await asyncio.to_thread(container.unpause)
