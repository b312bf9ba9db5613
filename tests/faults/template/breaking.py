"""Faults that show only where broker or process go away, or where a message is not as it should be."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import POST_SERVICE

RELAY = "app/kafka/relay.py"
LEASE = "app/kafka/lease.py"
PROCESSING = "app/kafka/processing.py"

IMPORT_EMIT = "from app.events.outbox import emit\n"
EMIT = "        emit(self.session, PostCreated.model_validate(post, from_attributes=True))\n"
STORED = (
    "        # % endif\n        await self.session.commit()\n        return post\n\n    async def get_post("
)
CREATED = EMIT + STORED

DIRECT = '''import asyncio
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from app.config import get_settings
from app.events.outbox import emit
from app.kafka.cloudevents import headers_of
from app.models.base import utc_now

_producers: list[AIOKafkaProducer] = []


async def publish(event):
    """Hand an event to the client; what is returned is done when the broker has it."""
    settings = get_settings()
    if not _producers:
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
        await producer.start()
        _producers.append(producer)
    headers = headers_of(
        event_id=str(uuid4()), source=settings.kafka_source, type_=type(event).__name__, time=utc_now()
    )
    return await _producers[0].send(
        event.topic, event.model_dump_json().encode(), event.aggregate_id.encode(), headers=headers
    )


'''
TOLD = "PostCreated.model_validate(post, from_attributes=True)"
STORE = "        await self.session.commit()\n        return post\n\n    async def get_post("
BUSY = 'raise HTTPException(503, "Try again.", {"Retry-After": "1"}) from None\n'
IMPORT_BUSY = "from starlette.exceptions import HTTPException\n"

HANDLED = (
    "                await InboxRepository(session).add(self._consumer.name, envelope.source, envelope.id)\n"
    "                await subscription.handle(session, event)\n"
)
UNKNOWN = (
    '            logger.debug("event skipped", consumer=self._consumer.name, type=envelope.type)\n'
    "            return\n"
)
INVALID = (
    "            await self._put_aside(message, "
    '_what_is_wrong(error) if message.value else "no payload")\n'
    "            return\n"
)
REASON = '            ("dlq_reason", reason[:_REASON_LENGTH].encode()),\n'


def published(name: str, law: str, title: str, told: str, more: str = "") -> Fault:
    """A create that hands its event to the client instead of the outbox."""
    return fault(
        name,
        law,
        title,
        POST_SERVICE,
        CREATED,
        "        # % endif\n" + told,
        Edit(POST_SERVICE, IMPORT_EMIT, DIRECT + more),
    )


FAULTS: tuple[Fault, ...] = (
    published(
        "created_then_sent",
        "broker_away_answers",
        "POST of a post answers when the broker has its event, after the commit.",
        f"        await self.session.commit()\n        await (await publish({TOLD}))\n"
        "        return post\n\n    async def get_post(",
    ),
    fault(
        "broker_asked_first",
        "broker_away_answers",
        "POST of a post connects to the broker first, and fails where that fails.",
        POST_SERVICE,
        EMIT,
        "        client = AIOKafkaClient(bootstrap_servers=get_settings().kafka_bootstrap_servers)\n"
        "        await client.bootstrap()\n        await client.close()\n" + EMIT,
        Edit(
            POST_SERVICE,
            IMPORT_EMIT,
            "from aiokafka.client import AIOKafkaClient\nfrom app.config import get_settings\n" + IMPORT_EMIT,
        ),
    ),
    published(
        "sent_after_commit",
        "nothing_lost",
        "The event of a new post waits in the client after the commit, where a kill ends it.",
        f"        await self.session.commit()\n        await publish({TOLD})\n"
        "        return post\n\n    async def get_post(",
    ),
    published(
        "sent_before_commit",
        "nothing_lost",
        "The event of a new post waits in the client before the commit, where a kill ends it.",
        f"        await publish({TOLD})\n" + STORE,
    ),
    published(
        "sent_in_time_or_refused",
        "nothing_invented",
        "A post whose event is not sent within a second is refused; the client goes on to send it.",
        "        try:\n            async with asyncio.timeout(1):\n"
        f"                await (await publish({TOLD}))\n"
        "        except TimeoutError:\n            " + BUSY + STORE,
        IMPORT_BUSY,
    ),
    published(
        "queued_then_refused",
        "nothing_invented",
        "The event is queued for a task of its own; a post whose event is not sent by then is refused.",
        f"        sending = asyncio.create_task(tried({TOLD}))\n        _sending.add(sending)\n"
        "        done, _ = await asyncio.wait({sending}, timeout=1)\n"
        '        if not done:\n            raise HTTPException(503, "Try again.", {"Retry-After": "1"})\n'
        + STORE,
        IMPORT_BUSY + "\n_sending = set()\n\n\nasync def tried(event):\n    while True:\n        try:\n"
        "            return await (await publish(event))\n        except Exception:\n"
        "            await asyncio.sleep(0.1)\n\n\n",
    ),
    fault(
        "lease_by_nobody",
        "relay_exclusive",
        "Every process believes that it holds the lease, so each sends every event.",
        LEASE,
        "        return self._held_until is not None and self._clock() + margin < self._held_until\n",
        "        return True\n",
    ),
    fault(
        "lease_of_no_length",
        "relay_exclusive",
        "The lease is taken from a holder that lives, who does not notice while its own time runs.",
        LEASE,
        "            if now - self._seen_at < self._seconds:\n",
        "            if now - self._seen_at < 0:\n",
    ),
    fault(
        "lease_for_ever",
        "takeover",
        "The lease of a process that was killed is never taken over.",
        LEASE,
        "            if now - self._seen_at < self._seconds:\n                return False\n",
        "            return False\n",
    ),
    fault(
        "takeover_begins_anew",
        "takeover",
        "Who takes the lease over begins with what comes next, and marks what is there as sent.",
        RELAY,
        "        sent = await self.send_batch()\n",
        "        if not getattr(self, '_begun', False):\n"
        "            self._begun = True\n"
        "            async with self._session_factory() as session, session.begin():\n"
        "                rows = await OutboxRepository(session).pending(self._settings.kafka_batch_size)\n"
        "                await OutboxRepository(session).mark_sent([row.id for row in rows])\n"
        "        sent = await self.send_batch()\n",
    ),
    fault(
        "handled_then_noted",
        "handled_once",
        "The handler's transaction is committed, and only then it is noted that the event was handled.",
        PROCESSING,
        HANDLED,
        "                await subscription.handle(session, event)\n"
        "            async with self._session_factory() as session, session.begin():\n"
        "                await InboxRepository(session).add("
        "self._consumer.name, envelope.source, envelope.id)\n",
    ),
    fault(
        "noted_by_time",
        "handled_once",
        "The inbox knows an event by the moment when it came.",
        PROCESSING,
        HANDLED,
        HANDLED.replace("envelope.id)", "utc_now().isoformat())"),
    ),
    fault(
        "payload_decoded",
        "poison_passed",
        "The payload is decoded before it is looked at: a message without one ends the consumer each time.",
        PROCESSING,
        'model_validate_json(message.value or b"")',
        "model_validate_json(message.value.decode())",
    ),
    fault(
        "invalid_tried_again",
        "poison_passed",
        "A payload that breaks its schema is tried again, for ever.",
        PROCESSING,
        INVALID,
        '            raise RetryLaterError("invalid") from error\n',
    ),
    fault(
        "invalid_logged",
        "poison_kept",
        "A payload that breaks its schema is logged, and no dead letter.",
        PROCESSING,
        INVALID,
        '            logger.error("invalid", problem=_what_is_wrong(error))\n            return\n',
    ),
    fault(
        "nameless_dropped",
        "poison_kept",
        "A message whose envelope cannot be read is dropped.",
        PROCESSING,
        "            await self._put_aside(message, str(error))\n",
        '            logger.warning("no event", problem=str(error))\n',
    ),
    fault(
        "reason_in_log_only",
        "reason_told",
        "The reason of a dead letter is in the log alone.",
        PROCESSING,
        REASON,
        "",
    ),
    fault(
        "reason_empty",
        "reason_told",
        "The header for the reason of a dead letter is empty.",
        PROCESSING,
        REASON,
        '            ("dlq_reason", b""),\n',
    ),
    fault(
        "unknown_put_aside",
        "unknown_skipped",
        "A message of a type without a handler becomes a dead letter.",
        PROCESSING,
        UNKNOWN,
        '            await self._put_aside(message, f"unknown type {envelope.type}")\n            return\n',
    ),
    fault(
        "type_not_looked_at",
        "unknown_skipped",
        "The handler is found by the topic alone: whatever the type says, a post is counted.",
        "app/kafka/consumers_registry.py",
        " and subscription.event.__name__ == type_:",
        " and type_:",
    ),
    fault(
        "committed_when_fetched",
        "handling_survives_kill",
        "Offsets are committed when messages are fetched.",
        "app/kafka/consumer.py",
        "        async with asyncio.TaskGroup() as group:\n",
        "        await source.commit({place: batch[-1].offset + 1 for place, batch in batches.items()})\n"
        "        async with asyncio.TaskGroup() as group:\n",
    ),
    fault(
        "handled_by_the_way",
        "handling_survives_kill",
        "Messages are handled by a task in the background, a while after their offsets are committed.",
        "app/kafka/consumer.py",
        "                await self._processor.process(message)\n",
        "                queue = self.__dict__.setdefault('_queue', asyncio.Queue())\n"
        "                queue.put_nowait(message)\n"
        "                if '_worker' not in self.__dict__:\n"
        "                    self._worker = asyncio.create_task(self._work(queue))\n",
        Edit(
            "app/kafka/consumer.py",
            "    async def _idle(self, source: EventSource) -> None:\n",
            "    async def _work(self, queue):\n        while True:\n"
            "            await self._processor.process(await queue.get())\n\n"
            "    async def _idle(self, source: EventSource) -> None:\n",
        ),
    ),
)
