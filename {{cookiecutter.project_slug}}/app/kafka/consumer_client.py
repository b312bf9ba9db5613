"""Reading from Kafka: a Protocol that the consumers need, and aiokafka behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from app.kafka.cloudevents import Headers
from app.kafka.processing import Message
from app.kafka.producer import BrokerUnavailableError, connection_options
from app.kafka.settings import KafkaSettings

logger = structlog.get_logger(__name__)

# A rebalance waits for the slowest member: a batch must be done well within the five minutes it gets.
_MAX_RECORDS = 50
_CUT_OFF_SECONDS = 1.0

Partition = tuple[str, int]


class EventSource(Protocol):
    """What a consumer needs of Kafka. All raise BrokerUnavailableError."""

    async def start(self) -> None:
        """Join the group."""

    async def stop(self) -> None:
        """Leave the group, in bounded time."""

    async def fetch(self, seconds: float) -> Mapping[Partition, Sequence[Message]]:
        """The next messages of each partition; none if none came in that time."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Go on from these offsets after a restart."""

    def rewind(self, partition: Partition, offset: int) -> None:
        """Fetch again from this offset."""

    async def unread(self) -> Mapping[Partition, int]:
        """The position in each partition that holds more than was fetched: asks the broker."""


class KafkaSource:
    """A member of a Kafka consumer group."""

    def __init__(
        self,
        settings: KafkaSettings,
        bootstrap_servers: str,
        group_id: str,
        topics: Sequence[str],
        prepare: Callable[[], Awaitable[None]],
    ) -> None:
        self._timeout = settings.kafka_send_timeout_seconds
        # Well within the time in which the whole process has to stop.
        self._stop_seconds = settings.kafka_stop_timeout_seconds / 2
        self._prepare = prepare
        self._client = AIOKafkaConsumer(
            *topics,
            group_id=group_id,
            group_instance_id=settings.kafka_group_instance_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=_MAX_RECORDS,
            **connection_options(settings, bootstrap_servers),
        )

    async def start(self) -> None:
        """See EventSource."""
        await self._prepare()
        try:
            await self._client.start()
        except (KafkaError, OSError) as error:
            raise _unavailable(error) from error

    async def stop(self) -> None:
        """See EventSource."""
        error = await _end_of(self._client.stop(), self._stop_seconds)
        if error is not None:
            logger.warning("consumer did not stop as it should", error=repr(error))
            # What it leaves open: aiokafka has nothing public for it.
            for part in (self._client._fetcher, self._client._client):  # noqa: SLF001
                await _end_of(part.close(), _CUT_OFF_SECONDS)

    async def fetch(self, seconds: float) -> Mapping[Partition, Sequence[Message]]:
        """See EventSource."""
        try:
            batches = await self._client.getmany(timeout_ms=int(seconds * 1000))
        except (KafkaError, OSError) as error:
            raise _unavailable(error) from error
        return {
            (place.topic, place.partition): [
                Message(
                    record.topic,
                    record.partition,
                    record.offset,
                    record.key,
                    record.value,
                    _headers(record.headers),
                )
                for record in records
            ]
            for place, records in batches.items()
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """See EventSource."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._client.commit({TopicPartition(*place): at for place, at in offsets.items()})
        except (KafkaError, OSError) as error:
            raise _unavailable(error) from error

    def rewind(self, partition: Partition, offset: int) -> None:
        """See EventSource."""
        place = TopicPartition(*partition)
        # A rebalance may have taken it away; its next owner begins at the last commit.
        if place in self._client.assignment():
            self._client.seek(place, offset)

    async def unread(self) -> Mapping[Partition, int]:
        """See EventSource."""
        places = self._client.assignment()
        try:
            async with asyncio.timeout(self._timeout):
                ends = await self._client.end_offsets(places)
                positions = {place: await self._client.position(place) for place in places}
        except IllegalStateError:
            # A rebalance is under way.
            return {}
        except (KafkaError, OSError) as error:
            raise _unavailable(error) from error
        return {
            (place.topic, place.partition): at for place, at in positions.items() if at < ends.get(place, 0)
        }


async def _end_of(work: Awaitable[None], seconds: float) -> BaseException | None:
    """How it ended, None where well; cancelled when the time is over.

    Gathered, because without a broker aiokafka passes the cancellation of its own tasks on to who stops it.
    """
    try:
        async with asyncio.timeout(seconds):
            (error,) = await asyncio.gather(work, return_exceptions=True)
    except TimeoutError as late:
        return late
    return error


def _headers(headers: Sequence[tuple[str, bytes | None]]) -> Headers:
    return list(headers)


def _unavailable(error: Exception) -> BrokerUnavailableError:
    return BrokerUnavailableError(f"{type(error).__name__}: {error}")
