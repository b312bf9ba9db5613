"""Databases and brokers that placeholders name: real ones, reached as a service would, gone at the end."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import docker
import psutil
import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from conformance.errors import TargetProblem, UsageProblem
from conformance.target import dependencies
from conformance.target.dependencies import external_broker, provided
from conformance.target.placeholders import fill


def engine() -> Any:
    try:
        client = docker.from_env()
        client.ping()
    except Exception:
        return None
    return client


@pytest.fixture
def containers(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The names of the containers that this test started."""
    client = engine()
    if client is None:
        pytest.skip("no Docker engine answers")
    label = f"test-{uuid.uuid4().hex}"
    monkeypatch.setattr(dependencies, "LABEL", label)

    def mine() -> list[str]:
        found = client.containers.list(all=True, ignore_removed=True, filters={"label": label})
        return [container.name for container in found]

    return mine


def send_and_receive(bootstrap_servers: str) -> list[tuple[bytes | None, bytes | None]]:
    """What a consumer gets of two messages that a producer sent."""
    topic, settings = f"orders-{uuid.uuid4().hex}", {"bootstrap.servers": bootstrap_servers}
    producer = Producer(settings)
    for number in (b"1", b"2"):
        producer.produce(topic, key=b"k", value=number)
    assert producer.flush(60) == 0
    consumer = Consumer({**settings, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    found: list[tuple[bytes | None, bytes | None]] = []
    while len(found) < 2:
        message = consumer.poll(60)
        assert message is not None
        assert message.error() is None
        found.append((message.key(), message.value()))
    consumer.close()
    return found


def test_nothing_is_started_that_no_placeholder_names() -> None:
    with provided({"port", "tmp"}, "kafka", lambda text: pytest.fail(text)) as values:
        assert values == {}


def test_the_embedded_broker_takes_and_gives_messages() -> None:
    said: list[str] = []
    with provided({"bootstrap_servers"}, "embedded", said.append) as values:
        assert values["bootstrap_servers"].startswith("127.0.0.1:")
        assert send_and_receive(values["bootstrap_servers"]) == [(b"k", b"1"), (b"k", b"2")]
    assert said == ["starting the embedded broker"]


def listening() -> set[int]:
    """The ports at which this process listens."""
    found = psutil.Process().net_connections("tcp")
    return {connection.laddr.port for connection in found if connection.status == psutil.CONN_LISTEN}


def test_the_embedded_broker_is_gone_at_the_end() -> None:
    before = listening()
    with provided({"bootstrap_servers"}, "embedded", print) as values:
        port = int(values["bootstrap_servers"].rpartition(":")[2])
        assert port in listening()
    assert listening() == before


def test_an_error_of_the_audit_passes_through_and_the_broker_is_gone() -> None:
    before = listening()
    with pytest.raises(KafkaException) as caught, provided({"bootstrap_servers"}, "embedded", print):
        raise KafkaException("of the audit")
    assert listening() == before
    assert str(caught.value) == "of the audit"


def test_two_embedded_brokers_are_two() -> None:
    with (
        provided({"bootstrap_servers"}, "embedded", print) as one,
        provided({"bootstrap_servers"}, "embedded", print) as two,
    ):
        assert one != two


@pytest.mark.parametrize("broker", ["localhost:9092", "10.0.0.1:9092,kafka-2.example:9093", "[::1]:9092"])
def test_a_broker_that_is_given(broker: str) -> None:
    with provided({"bootstrap_servers"}, broker, lambda text: pytest.fail(text)) as values:
        assert values == {"bootstrap_servers": broker}


@pytest.mark.parametrize("broker", ["", "embeded", "localhost", "localhost:", "a:1,b", "http://a:1"])
def test_a_broker_that_is_none(broker: str) -> None:
    with pytest.raises(UsageProblem, match='it takes "embedded", "kafka" or "HOST:PORT"'):
        external_broker(broker)


@pytest.mark.parametrize("name", ["postgresql_url", "mysql_url", "bootstrap_servers"])
@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:1", "nonsense"])
def test_without_an_engine_there_is_one_sentence(
    name: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(TargetProblem) as caught, provided({name}, "kafka", print):
        pytest.fail("it started")
    assert "no Docker engine answers" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.docker
def test_postgresql(containers: Callable[[], list[str]]) -> None:
    async def database(url: str) -> object:
        async with create_async_engine(url).begin() as connection:
            await connection.execute(text("CREATE TABLE a (b int)"))
            return await connection.scalar(text("SELECT current_database()"))

    said: list[str] = []
    with provided({"postgresql_url"}, "embedded", said.append) as values:
        assert len(containers()) == 1
        assert values.keys() == {"postgresql_url"}
        assert make_url(values["postgresql_url"]).drivername == "postgresql"
        url = fill("postgresql+asyncpg://{postgresql_url}", values)
        assert asyncio.run(database(url)) == "service"
    assert containers() == []
    assert said == ["starting PostgreSQL in a container (postgres:17-alpine)"]


@pytest.mark.docker
def test_mysql(containers: Callable[[], list[str]]) -> None:
    with provided({"mysql_url"}, "embedded", print) as values:
        assert make_url(values["mysql_url"]).drivername == "mysql"
        with create_engine(fill("mysql+pymysql://{mysql_url}", values)).begin() as connection:
            connection.execute(text("CREATE TABLE a (b int)"))
            assert connection.scalar(text("SELECT DATABASE()")) == "service"
    assert containers() == []


@pytest.mark.docker
def test_kafka(containers: Callable[[], list[str]]) -> None:
    with provided({"bootstrap_servers"}, "kafka", print) as values:
        assert send_and_receive(values["bootstrap_servers"]) == [(b"k", b"1"), (b"k", b"2")]
    assert containers() == []


@pytest.mark.docker
def test_an_image_that_is_not_to_be_had(
    containers: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dependencies, "POSTGRESQL", "localhost:1/no-such-image:1")
    with pytest.raises(TargetProblem) as caught, provided({"postgresql_url"}, "embedded", print):
        pytest.fail("it started")
    assert "PostgreSQL cannot be started in a container (localhost:1/no-such-image:1)" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert containers() == []


@pytest.mark.docker
def test_a_container_that_ends_by_itself_is_no_trouble(containers: Callable[[], list[str]]) -> None:
    said: list[str] = []
    with provided({"postgresql_url"}, "embedded", said.append):
        docker.from_env().containers.get(containers()[0]).remove(force=True, v=True)
    assert len(said) == 1


@pytest.mark.docker
def test_an_engine_that_is_gone_at_the_end_is_said(
    containers: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with monkeypatch.context() as gone, provided({"postgresql_url"}, "embedded", said.append):
        gone.setattr("docker.models.containers.ContainerCollection.list", lambda *_, **__: 1 / 0)
    assert f"containers with the label {dependencies.LABEL}=" in said[-1]
    for name in containers():
        docker.from_env().containers.get(name).remove(force=True, v=True)


@pytest.mark.docker
def test_ctrl_c_while_a_container_starts_leaves_none(containers: Callable[[], list[str]]) -> None:
    program = (
        "import sys, time\n"
        "from conformance.target import dependencies\n"
        "dependencies.LABEL = sys.argv[1]\n"
        "try:\n"
        "    with dependencies.provided({'postgresql_url'}, 'kafka', lambda text: print(text, flush=True)):\n"
        "        time.sleep(600)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    arguments = [sys.executable, "-c", program, dependencies.LABEL]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True) as kit:
        assert kit.stdout is not None
        assert "starting PostgreSQL" in kit.stdout.readline()
        while not containers():
            assert kit.poll() is None
        kit.send_signal(signal.SIGINT)
        assert kit.stdout.read() == "interrupted\n"
    assert containers() == []
