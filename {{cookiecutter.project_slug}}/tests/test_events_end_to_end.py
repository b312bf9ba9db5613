"""The events through a broker: from a request to the topic, and from the topic to what a reader sees."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import select

from app.config import Settings
from app.kafka.embedded import EmbeddedBroker
from app.kafka.runtime import RELAY_LEASE
from app.main import create_app
from app.models import Base
from app.models.outbox import OutboxEvent, RelayLease
from app.schemas.events import PostCreated
from tests.conftest import PASSWORD, drop_all, make_client
from tests.events_support import eventually, message, post_created, read_topic, write_topic

FAST: dict[str, Any] = {
    "kafka_run_in_service": True,
    "kafka_create_topics": False,
    "kafka_client_id": "blog",
    "kafka_poll_seconds": 0.1,
    "kafka_retry_seconds": 0.01,
    "kafka_send_timeout_seconds": 1.0,
    "kafka_lease_seconds": 3.0,
}
POST = {"title": "Hello", "content": "World", "published": True}


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as started:
        yield started


@pytest.fixture
def events_settings(settings: Settings, broker: EmbeddedBroker) -> Settings:
    """Settings of a service whose broker the test can look into."""
    return settings.model_copy(update=FAST | {"kafka_bootstrap_servers": broker.bootstrap_servers})


async def make_app(settings: Settings) -> FastAPI:
    """An application with an empty database, not started yet."""
    application = create_app(settings)
    async with application.state.engine.begin() as connection:
        await connection.run_sync(drop_all)
        await connection.run_sync(Base.metadata.create_all)
    return application


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """The application at work, and a client of a user who has just signed up."""
    async with app.router.lifespan_context(app), make_client(app) as client:
        user = {"email": "ann@example.com", "name": "Ann", "password": PASSWORD}
        assert (await client.post("/api/v1/users", json=user)).status_code == 201
        form = {"username": user["email"], "password": PASSWORD}
        token = (await client.post("/api/v1/auth/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def write_post(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/posts", json=POST | changes)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def posts_are(client: AsyncClient, number: int) -> Callable[[], Awaitable[bool]]:
    """Whether the reader of the statistics sees so many posts."""

    async def look() -> bool:
        response = await client.get("/api/v1/users/1/stats")
        assert response.status_code == 200, response.text
        return bool(response.json()["posts"] == number)

    return look


async def unsent(app: FastAPI) -> int:
    async with app.state.session_factory() as session:
        rows = await session.scalars(select(OutboxEvent.id).where(OutboxEvent.sent_at.is_(None)))
        return len(rows.all())


async def test_what_the_api_did_is_on_the_topics(events_settings: Settings, broker: EmbeddedBroker) -> None:
    async with serving(await make_app(events_settings)) as client:
        made = await write_post(client)
        path = f"/api/v1/posts/{made['id']}"
        changed = (await client.patch(path, json={"title": "Changed"})).json()
        assert (await client.post("/api/v1/posts", json=POST | {"title": "Changed"})).status_code == 409
        assert (await client.post("/api/v1/posts", json=POST | {"title": " "})).status_code == 422
        assert (await client.patch(path, json={"title": "Changed"})).status_code == 200
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404
        # What was refused, or changed nothing, is not on the topic: of this post there are three messages.
        marker = await write_post(client, title="Marker")
        (registered,) = await read_topic(broker.bootstrap_servers, "users", 1)
        messages = await read_topic(broker.bootstrap_servers, "posts", 4)

    assert registered.key == b"1"
    assert set(json.loads(registered.value or b"")) == {"id", "created_at"}
    assert b"ann@example.com" not in (registered.value or b"")
    of_post = [item for item in messages if item.key == str(made["id"]).encode()]
    assert [item.header("ce_type") for item in of_post] == ["PostCreated", "PostUpdated", "PostDeleted"]
    assert len([item for item in messages if item.key == str(marker["id"]).encode()]) == 1
    created, updated, deleted = (json.loads(item.value or b"") for item in of_post)
    fields = ("id", "author_id", "title", "published", "created_at")
    assert created == {field: made[field] for field in fields}
    assert updated == {field: changed[field] for field in (*fields[:4], "updated_at")}
    assert deleted == {"id": made["id"], "author_id": 1}
    assert len({item.header("ce_id") for item in (registered, *messages)}) == 5
    assert {item.header("ce_source") for item in messages} == {"/blog"}


async def test_what_is_handled_can_be_seen_and_redelivery_cannot(
    events_settings: Settings, broker: EmbeddedBroker
) -> None:
    app = await make_app(events_settings)
    async with serving(app) as client:
        for number in range(3):
            await write_post(client, title=f"Post {number}")
        await client.delete("/api/v1/posts/1")
        await eventually(posts_are(client, 2))
        assert app.state.events.broker == "up"
        assert app.state.events.alive

        again = [
            message(topic=item.topic, key=item.key, value=item.value, headers=item.headers)
            for item in await read_topic(broker.bootstrap_servers, "posts", 4)
        ]
        await write_topic(broker.bootstrap_servers, *again, *again)
        # One marker behind the redelivered messages of each key: when they count, the others have been seen.
        markers = [message(post_created(post_id, author_id=1)) for post_id in (1, 2, 3)]
        await write_topic(broker.bootstrap_servers, *markers)
        await eventually(posts_are(client, 5))
        assert await posts_are(client, 5)()


async def test_poison_is_put_aside_and_the_next_message_handled(
    events_settings: Settings, broker: EmbeddedBroker
) -> None:
    def of_one_partition(**changes: Any) -> Any:
        return message(post_created(1, author_id=1), **{"key": b"1"} | changes)

    good = of_one_partition()
    unknown = [(name, b"PostPinned" if name == "ce_type" else value) for name, value in good.headers]
    async with serving(await make_app(events_settings)) as client:
        await write_topic(
            broker.bootstrap_servers,
            of_one_partition(value=None, headers=[("ce_id", None), ("ce_type", None)]),
            of_one_partition(value=b'{"id": "secret"}'),
            of_one_partition(value=None),
            of_one_partition(headers=unknown),
            good,
        )
        await eventually(posts_are(client, 1))
        dead = await read_topic(broker.bootstrap_servers, "posts.dlq", 3)
    reasons = [item.header("dlq_reason") or "" for item in dead]
    assert reasons[0] == "no header ce_specversion"
    assert "author_id: Field required" in reasons[1]
    assert "secret" not in reasons[1]
    assert reasons[2] == "no payload"
    assert [item.header("dlq_offset") for item in dead] == ["0", "1", "2"]
    assert [item.value for item in dead] == [None, b'{"id": "secret"}', None]


async def test_a_broker_that_is_away_is_waited_for_and_no_request_is(
    settings: Settings, broker: EmbeddedBroker
) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    app = await make_app(settings.model_copy(update=FAST | {"kafka_bootstrap_servers": f"127.0.0.1:{port}"}))
    async with serving(app) as client:
        await write_post(client)
        await eventually(lambda: app.state.events.broker == "down")
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["checks"]["broker"]) == (200, "down")
        assert (await client.get("/health/live")).status_code == 200
        assert await unsent(app) == 2
        async with forwarding(port, broker.bootstrap_servers):
            await eventually(posts_are(client, 1))
            assert await unsent(app) == 0
            await eventually(lambda: app.state.events.broker == "up")
        (item,) = await read_topic(broker.bootstrap_servers, "posts", 1)
        assert PostCreated.model_validate_json(item.value or b"").title == "Hello"


async def test_the_lease_of_a_dead_relay_is_taken_over(
    events_settings: Settings, broker: EmbeddedBroker
) -> None:
    app = await make_app(events_settings)
    async with app.state.session_factory() as session, session.begin():
        session.add(RelayLease(name=RELAY_LEASE, holder="a process that was killed", beat=7))
    async with serving(app) as client:
        await write_post(client)
        assert len(await read_topic(broker.bootstrap_servers, "posts", 1)) == 1
    async with app.state.session_factory() as session:
        lease = await session.get_one(RelayLease, RELAY_LEASE)
        assert lease.holder is None
        assert lease.beat > 7
    await app.state.engine.dispose()


async def test_the_embedded_broker_is_the_default(settings: Settings) -> None:
    assert settings.kafka_bootstrap_servers == "embedded"
    app = await make_app(settings.model_copy(update={"kafka_run_in_service": True}))
    async with serving(app) as client:
        await write_post(client)
        await eventually(posts_are(client, 1))


async def test_relay_and_consumer_as_processes_of_their_own(
    events_settings: Settings, broker: EmbeddedBroker
) -> None:
    app = await make_app(events_settings.model_copy(update={"kafka_run_in_service": False}))
    async with serving(app) as client:
        await write_post(client)
        async with process("relay", events_settings), process("consumer", events_settings):
            await eventually(posts_are(client, 1))
            assert await unsent(app) == 0
            async with app.state.session_factory() as session:
                assert (await session.get_one(RelayLease, RELAY_LEASE)).holder
        async with app.state.session_factory() as session:
            assert (await session.get_one(RelayLease, RELAY_LEASE)).holder is None
    assert len(await read_topic(broker.bootstrap_servers, "posts", 1)) == 1


@pytest.mark.parametrize("role", ["relay", "consumer"])
async def test_a_process_of_its_own_needs_a_real_broker(settings: Settings, role: str) -> None:
    run = await start(role, settings)
    _, errors = await run.communicate()
    assert run.returncode == 2
    assert errors.decode().splitlines()[0].startswith("KAFKA_BOOTSTRAP_SERVERS=embedded is a broker inside")
    assert len(errors.decode().splitlines()) == 1


async def start(role: str, settings: Settings) -> asyncio.subprocess.Process:
    """Start `python -m app.kafka.<role>` with these settings."""
    environment = {
        name.upper(): str(getattr(settings, name))
        for name in type(settings).model_fields
        if name.startswith("kafka_") and getattr(settings, name) is not None
    }
    environment |= {
        "DATABASE_URL": settings.database_url,
        "JWT_SECRET": settings.jwt_secret.get_secret_value(),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"app.kafka.{role}",
        env=os.environ | environment,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def process(role: str, settings: Settings) -> AsyncIterator[None]:
    """The role as a process; at the end it is asked to stop, and must do so of its own accord."""
    run = await start(role, settings)
    try:
        yield
        run.send_signal(signal.SIGTERM)
        _, errors = await run.communicate()
        assert run.returncode == 0, errors.decode()
    finally:
        with suppress(ProcessLookupError):
            run.kill()
        await run.wait()


@asynccontextmanager
async def forwarding(port: int, target: str) -> AsyncIterator[None]:
    """A broker's address that begins to answer: hands connections on to another."""
    host, _, target_port = target.rpartition(":")
    tasks: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(target_port))
        for one, other in ((reader, far_writer), (far_reader, writer)):
            tasks.add(asyncio.create_task(pump(one, other)))

    server = await asyncio.start_server(connect, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
