"""The relay: sends what the outbox holds. Inside the service, or a process of its own:
`python -m app.kafka.relay`.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import groupby

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.database import SessionFactory
from app.events.outbox import waking
from app.kafka.cloudevents import headers_of
from app.kafka.lease import Lease
from app.kafka.producer import SEND_BOUND, BrokerUnavailableError, EventProducer, MessageRejectedError
from app.kafka.settings import KafkaSettings
from app.kafka.status import TaskStatus
from app.kafka.supervisor import first_of
from app.models.base import utc_now
from app.models.outbox import OutboxEvent
from app.repositories.outbox_repository import OutboxRepository

logger = structlog.get_logger(__name__)

_LONGEST_PAUSE = 5.0
_PURGE_EVERY = 600.0


class Relay:
    """Sends events at least once: in their order for a key, side by side for different keys.

    No transaction is open while it sends: rows are read, sent, and then marked.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        session_factory: SessionFactory,
        producer: EventProducer,
        lease: Lease,
        status: TaskStatus,
    ) -> None:
        self._settings = settings
        self._session_factory = session_factory
        self._producer = producer
        self.lease = lease
        self.status = status
        self._send_bound = SEND_BOUND * settings.kafka_send_timeout_seconds
        self._woken = asyncio.Event()
        self._purged_at = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set; then send one last batch, and release the lease."""
        loop = asyncio.get_running_loop()
        pause = 0.0

        def wake() -> None:
            # A commit may come from another thread.
            loop.call_soon_threadsafe(self._woken.set)

        try:
            with waking(wake):
                while not stop.is_set():
                    self.status.beat()
                    self._woken.clear()
                    try:
                        full = await self._turn()
                        pause = 0.0
                        if not full:
                            await first_of(self._settings.kafka_poll_seconds, stop, self._woken)
                    except (BrokerUnavailableError, SQLAlchemyError, OSError) as error:
                        if not pause:
                            logger.warning("relay waits", error=str(error))
                        self.status.fail(error, broker=isinstance(error, BrokerUnavailableError))
                        # While something is away, commits do not hurry it.
                        pause = min(_LONGEST_PAUSE, 2 * pause or self._settings.kafka_poll_seconds)
                        await first_of(pause, stop)
            if not pause:
                with suppress(BrokerUnavailableError, SQLAlchemyError, OSError):
                    await self._turn()
        finally:
            await self.lease.release()

    async def _turn(self) -> bool:
        """Send a batch if it is our turn; whether it was a full one, and more may wait."""
        if not await self.lease.acquire():
            return False
        sent = await self.send_batch()
        # Last: however long it takes, or fails, it holds up no event.
        await self._purge()
        return sent >= self._settings.kafka_batch_size

    async def send_batch(self) -> int:
        """Send the oldest rows and mark them; how many were sent.

        Raises BrokerUnavailableError once those that were sent are marked, and what the database raises.
        """
        async with self._session_factory() as session:
            rows = await OutboxRepository(session).pending(self._settings.kafka_batch_size)
        if not rows:
            return 0
        by_key = groupby(sorted(rows, key=_order), key=_key)
        sent: list[int] = []
        outcomes = await asyncio.gather(
            *(self._send_in_order(list(group), sent) for _, group in by_key), return_exceptions=True
        )
        if sent:
            async with self._session_factory() as session, session.begin():
                await OutboxRepository(session).mark_sent(sent)
            self.status.succeed()
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return len(sent)

    async def _send_in_order(self, rows: Iterable[OutboxEvent], sent: list[int]) -> None:
        """Send the rows of one key; the first that does not get through holds the others back."""
        for row in rows:
            if not self.lease.held(margin=self._send_bound):
                return
            try:
                await self._producer.send(
                    row.topic,
                    row.aggregate_id.encode(),
                    row.payload.encode(),
                    headers_of(
                        event_id=row.event_id,
                        source=self._settings.kafka_source,
                        type_=row.type,
                        time=row.occurred_at,
                    ),
                )
            except MessageRejectedError as error:
                if not await self._count_refusal(row, error):
                    return
            else:
                sent.append(row.id)

    async def _count_refusal(self, row: OutboxEvent, error: MessageRejectedError) -> bool:
        async with self._session_factory() as session, session.begin():
            set_aside = await OutboxRepository(session).count_refusal(
                row.id, str(error), self._settings.kafka_max_attempts
            )
        if set_aside:
            logger.error("event set aside", id=row.event_id, type=row.type, error=str(error))
        return set_aside

    async def _purge(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._purged_at < _PURGE_EVERY:
            return
        before = utc_now() - timedelta(hours=self._settings.kafka_outbox_retention_hours)
        async with self._session_factory() as session, session.begin():
            await OutboxRepository(session).purge(before)
        self._purged_at = now


def _key(row: OutboxEvent) -> tuple[str, str]:
    return row.topic, row.aggregate_id


def _order(row: OutboxEvent) -> tuple[str, str, int]:
    return *_key(row), row.id


if __name__ == "__main__":
    from app.kafka.process import main

    main("relay")
