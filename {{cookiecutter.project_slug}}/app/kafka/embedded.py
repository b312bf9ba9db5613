"""A broker inside this process, for development and tests: librdkafka's mock cluster, on loopback.

It speaks Kafka's real protocol and makes topics (of four partitions) as they are named. What it holds ends
with the process. It comes with confluent-kafka, a development dependency: import this module only on need.
"""

from types import TracebackType
from typing import Self

from confluent_kafka import Producer


class EmbeddedBroker:
    """Runs from construction to `close`. `bootstrap_servers` is its address."""

    def __init__(self) -> None:
        # `bootstrap.servers` must be named, and is then replaced by the mock cluster's own.
        self._cluster: Producer | None = Producer(
            {"bootstrap.servers": "embedded", "test.mock.num.brokers": 1, "log_level": 3}
        )
        brokers = self._cluster.list_topics(timeout=10).brokers.values()
        self.bootstrap_servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def close(self) -> None:
        """End the broker: it lives as long as the client that it came with."""
        self._cluster = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
