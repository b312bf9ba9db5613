"""The consumers: each handles the events that it subscribes to. Inside the service, or a process of its own:
`python -m app.kafka.consumer`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.kafka.consumer_client import EventSource, Partition
from app.kafka.processing import Message, MessageProcessor, RetryLaterError
from app.kafka.producer import BrokerUnavailableError
from app.kafka.status import TaskStatus
from app.kafka.supervisor import done_before, first_of

logger = structlog.get_logger(__name__)

_FETCH_SECONDS = 1.0
_RETRY_LATER_SECONDS = 2.0
_PROBE_EVERY = 5.0
_PURGE_EVERY = 600.0
# So many probes in a row that find the same messages unread, and the client has lost its way.
_STUCK_PROBES = 3


class StuckError(Exception):
    """The broker holds messages that the client does not fetch."""


class ConsumerLoop:
    """Fetches, processes in order within a partition, and commits what is done."""

    def __init__(
        self, connect: Callable[[], EventSource], processor: MessageProcessor, status: TaskStatus
    ) -> None:
        self._connect = connect
        self._processor = processor
        self._status = status
        self._probed_at = 0.0
        self._purged_at = float("-inf")
        self._unread: Mapping[Partition, int] = {}
        self._same = 0
        self._given_up: Mapping[Partition, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set. Raises BrokerUnavailableError and StuckError; run it again then."""
        source = self._connect()
        try:
            if not await done_before(stop, source.start()):
                return
            self._status.succeed()
            while not stop.is_set():
                self._status.beat()
                batches = await source.fetch(_FETCH_SECONDS)
                if batches:
                    self._same = 0
                    await self._process(source, batches, stop)
                else:
                    await self._idle(source)
        finally:
            await source.stop()

    async def _process(
        self, source: EventSource, batches: Mapping[Partition, Sequence[Message]], stop: asyncio.Event
    ) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = {
                place: group.create_task(self._process_in_order(messages, stop))
                for place, messages in batches.items()
            }
        ends = {place: task.result() for place, task in tasks.items()}
        done = {place: end for place, end in ends.items() if end > batches[place][0].offset}
        if done:
            try:
                await source.commit(done)
                self._status.succeed()
            except BrokerUnavailableError as error:
                # They come again, and the inbox knows them.
                logger.warning("offsets not committed", error=str(error))
                self._status.fail(error, broker=True)
        undone = {place: end for place, end in ends.items() if end <= batches[place][-1].offset}
        for place, end in undone.items():
            source.rewind(place, end)
        if undone:
            await first_of(_RETRY_LATER_SECONDS, stop)

    async def _process_in_order(self, messages: Sequence[Message], stop: asyncio.Event) -> int:
        """Process one partition's messages; the offset from which to go on."""
        for message in messages:
            if stop.is_set():
                return message.offset
            try:
                await self._processor.process(message)
            except RetryLaterError as error:
                logger.warning("consumer waits", error=str(error))
                self._status.fail(error, broker=isinstance(error.__cause__, BrokerUnavailableError))
                return message.offset
            self._status.beat()
        return messages[-1].offset + 1

    async def _idle(self, source: EventSource) -> None:
        """Nothing came: ask the broker whether that is so, and clean up now and then."""
        now = asyncio.get_running_loop().time()
        if now - self._probed_at >= _PROBE_EVERY:
            self._probed_at = now
            await self._probe(source)
        if now - self._purged_at >= _PURGE_EVERY:
            self._purged_at = now
            try:
                await self._processor.purge()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("inbox not purged", error=type(error).__name__)

    async def _probe(self, source: EventSource) -> None:
        try:
            unread = await source.unread()
        except BrokerUnavailableError as error:
            self._status.fail(error, broker=True)
            return
        self._status.succeed()
        self._same = self._same + 1 if unread and unread == self._unread else 0
        self._unread = unread
        # Once for a place: where a new client finds no more, there is none (but a transaction's marker).
        if self._same >= _STUCK_PROBES and unread != self._given_up:
            self._same, self._given_up = 0, unread
            raise StuckError(f"unread for {_STUCK_PROBES * _PROBE_EVERY:g} s: {dict(unread)}")


if __name__ == "__main__":
    from app.kafka.process import main

    main("consumer")
