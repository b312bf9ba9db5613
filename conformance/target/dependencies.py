"""What the placeholders of `[target]` name beside the service: databases and a broker."""

import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Set
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from conformance.errors import TargetProblem, UsageProblem

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.docker_client import DockerClient

POSTGRESQL = "postgres:17-alpine"
MYSQL = "mysql:9"
KAFKA = "confluentinc/cp-kafka:7.6.0"
LABEL = "service-conformance.run"
BROKER_TIMEOUT = 10.0
KAFKA_TIMEOUT = 120
USER = DATABASE = "service"
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}")


def external_broker(broker: str) -> str | None:
    """`events.broker` where it is HOST:PORT, several separated by commas; None where the kit starts one.

    Raises `UsageProblem` where it is neither.
    """
    if broker in ("embedded", "kafka"):
        return None
    if not all(_ADDRESS.fullmatch(address.strip()) for address in broker.split(",")):
        raise UsageProblem(f'`events.broker` is {broker!r}; it takes "embedded", "kafka" or "HOST:PORT".')
    return broker


@contextmanager
def provided(names: Set[str], broker: str, say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """The values of those of `postgresql_url`, `mysql_url` and `bootstrap_servers` that are in `names`.

    What they need is started for them alone and gone at the end. The URLs name no driver
    (`postgresql://user:password@host:port/database`): that is what libpq, Go, JavaScript and Django
    take, and a driver is one service's choice, which its configuration adds with a scheme of its own
    (see `placeholders.fill`). `broker` is `events.broker`.

    Raises `TargetProblem` where a container is needed and none can be had, `UsageProblem` for a broker
    that is not one.
    """
    external = external_broker(broker)
    values: dict[str, str] = {}
    with ExitStack() as stack:
        if "bootstrap_servers" in names and external:
            values["bootstrap_servers"] = external
        elif "bootstrap_servers" in names and broker == "embedded":
            values["bootstrap_servers"] = stack.enter_context(_embedded_broker(say))
        if names & {"postgresql_url", "mysql_url"} or ("bootstrap_servers" in names - values.keys()):
            containers = stack.enter_context(_containers(say))
            if "postgresql_url" in names:
                values["postgresql_url"] = containers.postgresql()
            if "mysql_url" in names:
                values["mysql_url"] = containers.mysql()
            if "bootstrap_servers" in names - values.keys():
                values["bootstrap_servers"] = containers.kafka()
        yield values


@contextmanager
def _embedded_broker(say: Callable[[str], None]) -> Iterator[str]:
    """librdkafka's mock cluster: the real protocol on 127.0.0.1.

    It runs in threads of this process and so cannot outlive it, however the process ends.
    """
    from confluent_kafka import KafkaException, Producer

    say("starting the embedded broker")
    # Any level but 0 writes its own lines to the terminal.
    owner = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    try:
        brokers = owner.list_topics(timeout=BROKER_TIMEOUT).brokers.values()
    except KafkaException as error:
        raise TargetProblem(f"the embedded broker cannot be started ({_first_line(error)}).") from error
    try:
        yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
    finally:
        # The cluster ends with its producer, which the frame of an exception would keep.
        del owner


class _Containers:
    """Starts containers and knows them by their label, also one whose start was interrupted."""

    def __init__(self, client: "DockerClient", say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        self._run = uuid.uuid4().hex

    def postgresql(self) -> str:
        from testcontainers.community.postgres import PostgresContainer

        container = PostgresContainer(POSTGRESQL, 5432, USER, secrets.token_hex(16), DATABASE, driver=None)
        self._start("PostgreSQL", container)
        return container.get_connection_url()

    def mysql(self) -> str:
        from testcontainers.community.mysql import MySqlContainer

        password = secrets.token_hex(16)
        container = MySqlContainer(
            MYSQL, username=USER, root_password=password, password=password, dbname=DATABASE
        )
        self._start("MySQL", container)
        return container.get_connection_url()

    def kafka(self) -> str:
        from testcontainers.community.kafka import KafkaContainer

        container = KafkaContainer(KAFKA).with_kraft()
        self._start("Kafka", container, timeout=KAFKA_TIMEOUT)
        return str(container.get_bootstrap_server())

    def _start(self, what: str, container: "DockerContainer", **arguments: Any) -> None:
        self._say(f"starting {what} in a container ({container.image})")
        try:
            container.with_kwargs(labels={LABEL: self._run}).start(**arguments)
        except Exception as error:  # whatever testcontainers, Docker and HTTP raise: it cannot be had
            raise TargetProblem(
                f"{what} cannot be started in a container ({container.image}): {_first_line(error)}"
            ) from error

    def remove(self) -> None:
        """Remove all of them, and what they stored."""
        ours: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={self._run}"}
        try:
            for container in self._client.client.containers.list(all=True, ignore_removed=True, filters=ours):
                container.remove(force=True, v=True)
        except Exception as error:  # as above; the audit is over, and its result is not to be lost
            self._say(f"containers with the label {ours['label']} may be left ({_first_line(error)})")
        finally:
            self._client.client.close()


@contextmanager
def _containers(say: Callable[[str], None]) -> Iterator[_Containers]:
    client = _engine()
    containers = _Containers(client, say)
    try:
        yield containers
    finally:
        containers.remove()


def _engine() -> "DockerClient":
    try:
        # Imported where it is needed: it reads its own settings on import, and most audits need none.
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.docker_client import DockerClient

        client = DockerClient()
        client.client.ping()
    except Exception as error:  # its settings, Docker's and the socket's errors have no common base
        raise TargetProblem(
            "[target] asks for a container, and no Docker engine answers "
            f"({_first_line(error)}): start one, or give the URL of a server instead of the placeholder."
        ) from error
    if not testcontainers_config.ryuk_disabled and not _has_image(client, testcontainers_config.ryuk_image):
        # The helper that removes containers after a SIGKILL is one more image to pull. Where that is
        # not to be had, the audit does without: it removes its containers itself.
        testcontainers_config.ryuk_disabled = True
    return client


def _has_image(client: "DockerClient", name: str) -> bool:
    for get in (client.client.images.get, client.client.images.pull):
        with suppress(Exception):  # not there, not to be pulled, or not allowed: all the same here
            get(name)
            return True
    return False


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")[:200]
