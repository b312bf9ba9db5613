"""Faults of what a consumer does with messages: again, broken, unknown, or half done."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .event_places import CONSUMER, PROCESSING

INBOX = (
    "                await InboxRepository(session).add(self._consumer.name, envelope.source, envelope.id)\n"
)
HANDLED = INBOX + "                await subscription.handle(session, event)\n"
INVALID = (
    "            await self._put_aside(message, "
    '_what_is_wrong(error) if message.value else "no payload")\n'
    "            return\n"
)
REASON = '            ("dlq_reason", reason[:_REASON_LENGTH].encode()),\n'
PUT_ASIDE = '        """Send the message as it came to the dead letters, with the reason in its headers."""\n'
SKIP = (
    '            logger.debug("event skipped", consumer=self._consumer.name, type=envelope.type)\n'
    "            return\n"
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "inbox_missing",
        "handled_once",
        "The consumer notes nothing of what it has handled: an event delivered twice counts twice.",
        PROCESSING,
        INBOX,
        "",
    ),
    fault(
        "inbox_by_offset",
        "handled_once",
        "The inbox knows messages by their offsets: the same event sent again counts again.",
        PROCESSING,
        INBOX,
        INBOX.replace("envelope.id", 'f"{envelope.id}/{offset}"'),
        Edit(
            PROCESSING,
            "    async def _apply(self, envelope: Envelope, event: Event, subscription: "
            "Subscription) -> None:\n",
            "    async def _apply(\n"
            "        self, envelope: Envelope, event: Event, subscription: Subscription, offset: int = 0\n"
            "    ) -> None:\n",
        ),
        Edit(
            PROCESSING,
            "                await self._apply(envelope, event, subscription)\n",
            "                await self._apply(envelope, event, subscription, self._offset)\n",
        ),
        Edit(
            PROCESSING,
            '        """Handle the message once, or acknowledge it as a dead letter. Raises '
            'RetryLaterError."""\n',
            '        """Handle the message once, or acknowledge it as a dead letter. Raises '
            'RetryLaterError."""\n'
            "        self._offset = message.offset\n",
        ),
    ),
    fault(
        "poison_stops_consumer",
        "poison_stops_nothing",
        "A message that cannot be handled is tried for ever, and none after it is handled.",
        PROCESSING,
        PUT_ASIDE,
        PUT_ASIDE + "        raise RetryLaterError(reason)\n",
    ),
    fault(
        "poison_swallowed",
        "poison_kept",
        "A message that cannot be handled is logged and gone: no dead letter.",
        PROCESSING,
        PUT_ASIDE,
        PUT_ASIDE + '        logger.error("event not handled", reason=reason)\n        return\n',
    ),
    fault(
        "dead_letter_without_reason",
        "poison_reason",
        "A dead letter does not say why it is one.",
        PROCESSING,
        REASON,
        "",
    ),
    fault(
        "unknown_type_stops",
        "unknown_skipped",
        "A type that the consumer does not know is waited for, and none after it is handled.",
        PROCESSING,
        SKIP,
        '            raise RetryLaterError(f"unknown type {envelope.type}")\n',
    ),
    fault(
        "unknown_type_is_dead_letter",
        "unknown_skipped",
        "A type that the consumer does not know, and need not, becomes a dead letter.",
        PROCESSING,
        SKIP,
        '            await self._put_aside(message, f"unknown type {envelope.type}")\n            return\n',
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
        INBOX,
        INBOX.replace("envelope.id", "utc_now().isoformat()"),
    ),
    fault(
        "payload_decoded",
        "poison_stops_nothing",
        "The payload is decoded before it is looked at: a message without one ends the consumer each time.",
        PROCESSING,
        'model_validate_json(message.value or b"")',
        "model_validate_json(message.value.decode())",
    ),
    fault(
        "invalid_tried_again",
        "poison_stops_nothing",
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
        "reason_empty",
        "poison_reason",
        "The header for the reason of a dead letter is empty.",
        PROCESSING,
        REASON,
        '            ("dlq_reason", b""),\n',
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
        "post_updated_when_counted",
        "event_without_write",
        "Who counts a post also publishes PostUpdated for it, though nobody has changed it.",
        "app/events/handlers.py",
        "    await _projection(session).count_post(event.author_id, event.created_at)\n",
        "    await _projection(session).count_post(event.author_id, event.created_at)\n"
        "    await session.flush()\n"
        '    fields = event.model_dump(exclude={"created_at"})\n'
        "    emit(session, PostUpdated(**fields, updated_at=event.created_at))\n",
        Edit(
            "app/events/handlers.py",
            "from app.schemas.events import PostCreated, PostDeleted, UserRegistered\n",
            "from app.schemas.events import PostCreated, PostDeleted, PostUpdated, UserRegistered\n",
        ),
        Edit(
            "app/events/handlers.py",
            "from app.repositories.stats_repository import StatsRepository\n",
            "from app.events.outbox import emit\nfrom app.repositories.stats_repository "
            "import StatsRepository\n",
        ),
    ),
    fault(
        "committed_before_handled",
        "handling_survives_kill",
        "Offsets are committed as they are fetched: what a kill interrupts is never handled.",
        CONSUMER,
        "        async with asyncio.TaskGroup() as group:\n",
        "        await source.commit({place: batch[-1].offset + 1 for place, batch in batches.items()})\n"
        "        async with asyncio.TaskGroup() as group:\n",
    ),
    fault(
        "handled_in_background",
        "handling_survives_kill",
        "A task that nobody waits for handles the messages, whose offsets are committed at once.",
        CONSUMER,
        "                await self._processor.process(message)\n",
        "                queue = self.__dict__.setdefault('_queue', asyncio.Queue())\n"
        "                queue.put_nowait(message)\n"
        "                if '_worker' not in self.__dict__:\n"
        "                    self._worker = asyncio.create_task(self._work(queue))\n",
        Edit(
            CONSUMER,
            "    async def _idle(self, source: EventSource) -> None:\n",
            "    async def _work(self, queue):\n        while True:\n"
            "            await self._processor.process(await queue.get())\n\n"
            "    async def _idle(self, source: EventSource) -> None:\n",
        ),
    ),
)
