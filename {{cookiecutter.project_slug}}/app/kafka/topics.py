"""Topics that must be there before somebody writes or reads them."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from app.kafka.consumers_registry import CONSUMERS, dead_letter_topic
from app.kafka.producer import BrokerUnavailableError, connection_options
from app.kafka.settings import EMBEDDED, KafkaSettings
from app.schemas.events import PUBLISHED

logger = structlog.get_logger(__name__)


def topic_names() -> tuple[str, ...]:
    """All topics that this service writes or reads."""
    read = {topic for consumer in CONSUMERS for topic in consumer.topics}
    written = {event.topic for event in PUBLISHED}
    return tuple(sorted(read | written | {dead_letter_topic(topic) for topic in read}))


class Topics:
    """Makes the missing ones, once a process: who subscribes first would get one of a single partition.

    An administrator who makes topics by other means sets KAFKA_CREATE_TOPICS=false.
    """

    def __init__(self, settings: KafkaSettings, bootstrap_servers: str, names: Iterable[str]) -> None:
        self._settings = settings
        self._bootstrap_servers = bootstrap_servers
        self._names = tuple(names)
        # The embedded broker knows no such request, and makes topics as they are named.
        self._ready = not settings.kafka_create_topics or settings.kafka_bootstrap_servers == EMBEDDED
        self._lock = asyncio.Lock()

    async def ensure(self) -> None:
        """Have the topics. Raises BrokerUnavailableError; a broker that forbids it is only logged."""
        async with self._lock:
            if not self._ready:
                try:
                    async with asyncio.timeout(2 * self._settings.kafka_send_timeout_seconds):
                        await self._create()
                except (KafkaError, OSError) as error:
                    raise BrokerUnavailableError(f"{type(error).__name__}: {error}") from error
                self._ready = True

    async def _create(self) -> None:
        options = connection_options(self._settings, self._bootstrap_servers)
        admin = AIOKafkaAdminClient(**options)
        try:
            await admin.start()
            missing = set(self._names).difference(await admin.list_topics())
            if not missing:
                return
            cluster = await admin.describe_cluster()
            brokers = {broker["node_id"] for broker in cluster["brokers"]}
            if cluster["controller_id"] not in brokers:
                # Nobody there to ask: librdkafka's mock cluster, which makes topics as they are named.
                return
            replication = min(self._settings.kafka_topic_replication, len(brokers))
            response = await admin.create_topics(
                [
                    NewTopic(name, self._settings.kafka_topic_partitions, replication)
                    for name in sorted(missing)
                ]
            )
            for name, code, *_ in response.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    logger.error("topic not created", topic=name, error=error.__name__)
        finally:
            await admin.close()
