"""What happens to one message: it is handled, skipped, or put aside as a dead letter."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.database import SessionFactory
from app.kafka.cloudevents import Envelope, Headers, NotACloudEventError, read_envelope
from app.kafka.consumers_registry import Consumer, Subscription, dead_letter_topic
from app.kafka.producer import BrokerUnavailableError, EventProducer, MessageRejectedError
from app.kafka.settings import KafkaSettings
from app.models.base import utc_now
from app.repositories.inbox_repository import AlreadyHandledError, InboxRepository
from app.schemas.events import Event
from app.utils.database_errors import passes

logger = structlog.get_logger(__name__)

_REASON_LENGTH = 500
_PROBE_SECONDS = 5.0


class RetryLaterError(Exception):
    """The message is not at fault: database or broker is away. It must be fetched again."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a topic holds it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class MessageProcessor:
    """Processes the messages of one consumer. When `process` returns, the offset may be committed."""

    def __init__(
        self,
        consumer: Consumer,
        settings: KafkaSettings,
        session_factory: SessionFactory,
        producer: EventProducer,
    ) -> None:
        self._consumer = consumer
        self._settings = settings
        self._session_factory = session_factory
        self._producer = producer

    async def process(self, message: Message) -> None:
        """Handle the message once, or acknowledge it as a dead letter. Raises RetryLaterError."""
        try:
            envelope = read_envelope(message.headers)
        except NotACloudEventError as error:
            await self._put_aside(message, str(error))
            return
        subscription = self._consumer.find(message.topic, envelope.type)
        if subscription is None:
            logger.debug("event skipped", consumer=self._consumer.name, type=envelope.type)
            return
        try:
            event = subscription.event.model_validate_json(message.value or b"")
        except ValidationError as error:
            await self._put_aside(message, _what_is_wrong(error) if message.value else "no payload")
            return
        failure = await self._handle(envelope, event, subscription)
        if failure is not None:
            await self._put_aside(message, failure)

    async def purge(self) -> None:
        """Forget what was handled so long ago that no topic holds it."""
        before = utc_now() - timedelta(days=self._settings.kafka_inbox_retention_days)
        async with self._session_factory() as session, session.begin():
            await InboxRepository(session).purge(self._consumer.name, before)

    async def _handle(self, envelope: Envelope, event: Event, subscription: Subscription) -> str | None:
        """Try a bounded number of times; why the last try failed, None if one succeeded."""
        failure = None
        for attempt in range(self._settings.kafka_max_attempts):
            if attempt:
                await asyncio.sleep(self._settings.kafka_retry_seconds * 2 ** (attempt - 1))
            try:
                await self._apply(envelope, event, subscription)
            except Exception as error:
                # An error is the message's own only while the database answers.
                if passes(error) or not await self.database_answers():
                    raise RetryLaterError(f"database: {_first_line(error)}") from error
                failure = _first_line(error)
                logger.warning(
                    "event not handled",
                    consumer=self._consumer.name,
                    type=envelope.type,
                    id=envelope.id,
                    attempt=attempt + 1,
                    error=failure,
                )
            else:
                return None
        return failure

    async def _apply(self, envelope: Envelope, event: Event, subscription: Subscription) -> None:
        try:
            async with self._session_factory() as session, session.begin():
                # First, so that on SQLite the transaction begins as a writer and waits for its turn.
                await InboxRepository(session).add(self._consumer.name, envelope.source, envelope.id)
                await subscription.handle(session, event)
        except AlreadyHandledError:
            logger.debug("event handled before", consumer=self._consumer.name, id=envelope.id)

    async def database_answers(self) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS), self._session_factory() as session:
                await session.execute(text("SELECT 1"))
        except Exception:
            return False
        return True

    async def _put_aside(self, message: Message, reason: str) -> None:
        """Send the message as it came to the dead letters, with the reason in its headers."""
        headers: Headers = [
            *message.headers,
            ("dlq_reason", reason[:_REASON_LENGTH].encode()),
            ("dlq_consumer", self._consumer.name.encode()),
            ("dlq_topic", message.topic.encode()),
            ("dlq_partition", str(message.partition).encode()),
            ("dlq_offset", str(message.offset).encode()),
        ]
        topic = dead_letter_topic(message.topic)
        try:
            try:
                await self._producer.send(topic, message.key, message.value, headers)
            except MessageRejectedError:
                # The headers made it too large: the topic and offset tell where the payload is.
                await self._producer.send(topic, message.key, None, headers)
        except (BrokerUnavailableError, MessageRejectedError) as error:
            raise RetryLaterError(f"dead letter: {error}") from error
        logger.error(
            "event put aside",
            consumer=self._consumer.name,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            reason=reason[:_REASON_LENGTH],
        )


def _what_is_wrong(error: ValidationError) -> str:
    """Places and messages, without the input: it may be personal."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'payload'}: {item['msg']}" for item in problems)


def _first_line(error: Exception) -> str:
    """An error in one line; of the database's, without the statement and its parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(error, SQLAlchemyError) and not isinstance(error, DBAPIError):
        return type(error).__name__
    return f"{type(cause).__name__}: {cause}".splitlines()[0]
