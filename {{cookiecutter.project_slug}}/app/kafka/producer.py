"""Sending to Kafka: a Protocol that the relay and the dead letters need, and aiokafka behind it."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTimestampError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from app.kafka.cloudevents import Headers
from app.kafka.settings import KafkaSettings

logger = structlog.get_logger(__name__)

# The broker will say the same of this message every time.
_FINAL = (InvalidTimestampError, InvalidTopicError, MessageSizeTooLargeError, RecordListTooLargeError)

# A send ends within this multiple of its time limit, whatever happens.
SEND_BOUND = 2


class BrokerUnavailableError(Exception):
    """The broker did not take the message in time; the same send may succeed later."""


class MessageRejectedError(Exception):
    """The broker refuses this message; sending it again does not help."""


class EventProducer(Protocol):
    """What the relay and the consumers need of a producer."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Return once the broker has acknowledged. Raises BrokerUnavailableError, MessageRejectedError."""

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""


def connection_options(settings: KafkaSettings, bootstrap_servers: str) -> dict[str, Any]:
    """What every aiokafka client is told about the connection."""
    options: dict[str, Any] = {
        "bootstrap_servers": bootstrap_servers,
        "client_id": settings.kafka_client_id,
        "security_protocol": settings.kafka_security_protocol,
        # A topic that appears later, or a moved leader, is seen within this time.
        "metadata_max_age_ms": 10_000,
    }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ssl_ca_file)
    if settings.kafka_security_protocol.startswith("SASL") and settings.kafka_sasl_password:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return options


class KafkaProducer:
    """An aiokafka producer that connects at the first send, so that nobody waits for a broker at start.

    Not idempotent on purpose: aiokafka's idempotent producer never gives a message up, and its `stop`
    waits with it. A message may be there twice, as after any crash of the relay: consumers have an inbox.
    """

    def __init__(
        self, settings: KafkaSettings, bootstrap_servers: str, prepare: Callable[[], Awaitable[None]]
    ) -> None:
        self._prepare = prepare
        self._timeout = settings.kafka_send_timeout_seconds
        self._options = connection_options(settings, bootstrap_servers) | {
            "acks": "all",
            # aiokafka gives a message up after this time.
            "request_timeout_ms": int(self._timeout * 1000),
        }
        self._client: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """See EventProducer."""
        try:
            # Twice: aiokafka's own limit comes first, and takes the message out of its buffer.
            async with asyncio.timeout(SEND_BOUND * self._timeout):
                client = await self._connected()
                await client.send_and_wait(topic, value=value, key=key, headers=headers)
        except _FINAL as error:
            raise MessageRejectedError(f"{type(error).__name__}: {error}") from error
        except (KafkaError, OSError) as error:
            raise BrokerUnavailableError(f"{type(error).__name__}: {error}") from error

    async def stop(self) -> None:
        """See EventProducer."""
        if self._client is not None:
            client, self._client = self._client, None
            await _stop(client, self._timeout)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._client is None:
                await self._prepare()
                client = AIOKafkaProducer(**self._options)
                try:
                    await client.start()
                except BaseException:
                    await _stop(client, self._timeout)
                    raise
                self._client = client
            return self._client


async def _stop(client: AIOKafkaProducer, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await client.stop()
    except (KafkaError, OSError) as error:
        logger.warning("producer did not stop in time", error=repr(error))
