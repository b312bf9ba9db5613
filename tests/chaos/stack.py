"""The processes: service, relay and consumer on this machine, PostgreSQL and Kafka in containers."""

import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from docker.models.containers import Container
from testcontainers.community.kafka import KafkaContainer

from conformance.target.dependencies import KAFKA, provided
from tests.chaos.plan import BROKER, CONSUMER, RELAY, SERVICE
from tests.template.conftest import clean_environment

CLIENT_ID = "chaos"
GROUP = f"{CLIENT_ID}.author-statistics"
_KAFKA_PORT = 9093
_STOP_SECONDS = 60
# All of them are the service's own settings. Short times make it give up, retry and take over more often.
_SETTINGS = {
    "ENVIRONMENT": "production",
    "LOG_LEVEL": "WARNING",
    "ACCESS_TOKEN_MINUTES": "1440",
    "SIGN_IN_ATTEMPTS": "0",
    "KAFKA_CLIENT_ID": CLIENT_ID,
    "KAFKA_RUN_IN_SERVICE": "false",
    "KAFKA_GROUP_INSTANCE_ID": "one",
    "KAFKA_SEND_TIMEOUT_SECONDS": "1",
    "KAFKA_LEASE_SECONDS": "3",
}
# Else the controller refuses a broker that comes back, until it has missed the killed one for nine seconds.
_KAFKA_SETTINGS = {
    "KAFKA_BROKER_SESSION_TIMEOUT_MS": "1000",
    "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "300",
    "KAFKA_HEAP_OPTS": "-Xms256m -Xmx256m",
    # What matters is how fast it is there.
    "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}
_RESTART = b"""#!/bin/bash
. /etc/confluent/docker/bash-config
exec /etc/confluent/docker/launch
"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Process:
    """A program that can be killed and started again."""

    def __init__(self, name: str, command: list[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._cwd = cwd
        self._env = dict(env)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Its output is added to the log."""
        with self.log.open("ab") as output:
            self._running = subprocess.Popen(
                self._command, cwd=self._cwd, env=self._env, stdout=output, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is told."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def ended(self) -> int | None:
        """The exit status of a process that nobody killed, None while it runs."""
        return self._running.poll() if self._running else None

    def stop(self) -> int:
        """SIGTERM, as a supervisor sends it; the exit status."""
        if self._running is None:
            return 0
        self._running.send_signal(signal.SIGTERM)
        try:
            return self._running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
            raise RuntimeError(f"{self.name} does not stop; see {self.log}") from None


class Broker:
    """Kafka in a container that keeps its address and its data when it is killed and started."""

    def __init__(self) -> None:
        self._container = KafkaContainer(KAFKA).with_kraft().with_bind_ports(_KAFKA_PORT, free_port())
        for name, value in _KAFKA_SETTINGS.items():
            self._container.with_env(name, value)

    def start_first(self) -> None:
        """Make the container, and wait until the broker is there."""
        self._container.start(timeout=180)
        # The script of the first start would configure and format it anew, with a step more each time.
        self._container.create_file(_RESTART, KafkaContainer.TC_START_SCRIPT)

    @property
    def container(self) -> Container:
        """What Docker knows it as."""
        return self._container.get_wrapped_container()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return self._container.get_bootstrap_server()

    def kill(self) -> None:
        """SIGKILL."""
        self.container.kill()

    def start(self) -> None:
        """Start it again; it needs some seconds until it answers."""
        self.container.start()

    def remove(self) -> None:
        """Remove the container."""
        self._container.stop()


class Stack:
    """All parts of one service, by name."""

    def __init__(self, service: Path, database_url: str, broker: Broker, extra: Mapping[str, str]) -> None:
        self.database_url = database_url
        self.broker = broker
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self._cwd = service
        self._env = clean_environment(
            **_SETTINGS,
            DATABASE_URL=database_url,
            JWT_SECRET=secrets.token_urlsafe(48),
            KAFKA_BOOTSTRAP_SERVERS=broker.address,
            **extra,
        )
        address = ("--host", "127.0.0.1", "--port", str(port))
        self.processes = {
            SERVICE: self._process(SERVICE, "uvicorn", "app.main:app", *address, "--no-access-log"),
            RELAY: self._process(RELAY, "app.kafka.relay"),
            CONSUMER: self._process(CONSUMER, "app.kafka.consumer"),
        }

    def migrate(self) -> None:
        """Bring the database up to date."""
        command = [sys.executable, "-m", "alembic", "upgrade", "head"]
        done = subprocess.run(
            command, cwd=self._cwd, env=self._env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if done.returncode:
            raise RuntimeError(f"the migrations fail: {done.stdout}")

    def kill(self, name: str) -> None:
        """SIGKILL one part."""
        (self.broker if name == BROKER else self.processes[name]).kill()

    def start(self, name: str) -> None:
        """Start one part again."""
        (self.broker if name == BROKER else self.processes[name]).start()

    def restart_ended(self) -> list[str]:
        """Start again what ended by itself, and tell what did."""
        found = []
        for process in self.processes.values():
            if (status := process.ended()) is not None:
                found.append(f"{process.name} (exit status {status})")
                process.start()
        return found

    def stop(self) -> list[str]:
        """Stop the processes gracefully; those that did not end with 0 (uvicorn: or with the signal)."""
        statuses = {name: process.stop() for name, process in self.processes.items()}
        return [f"{n} (exit status {s} when stopped)" for n, s in statuses.items() if s not in (0, -15)]

    def _process(self, name: str, module: str, *arguments: str) -> Process:
        command = [sys.executable, "-m", module, *arguments]
        return Process(name, command, self._cwd, self._env, self._cwd.parent / f"{name}.log")


@contextmanager
def running(service: Path, say: Callable[[str], None], **extra: str) -> Iterator[Stack]:
    """The service's parts, running on servers of their own; all are gone at the end."""
    with ExitStack() as cleanup:
        url = cleanup.enter_context(provided({"postgresql_url"}, "embedded", say))["postgresql_url"]
        broker = Broker()
        cleanup.callback(broker.remove)
        say("starting Kafka in a container")
        broker.start_first()
        stack = Stack(service, url, broker, extra)
        stack.migrate()
        for process in stack.processes.values():
            cleanup.callback(process.kill)
        yield stack
