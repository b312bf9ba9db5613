"""Files of the template's events, and snippets of them that several faults edit."""

OUTBOX = "app/events/outbox.py"
OUTBOX_ROWS = "app/repositories/outbox_repository.py"
EVENTS = "app/schemas/events.py"
RELAY = "app/kafka/relay.py"
LEASE = "app/kafka/lease.py"
PRODUCER = "app/kafka/producer.py"
CLOUDEVENTS = "app/kafka/cloudevents.py"
PROCESSING = "app/kafka/processing.py"
CONSUMER = "app/kafka/consumer.py"
ASYNCAPI = "app/asyncapi.py"

EMIT_CREATED = "        emit(self.session, PostCreated.model_validate(post, from_attributes=True))\n"
EMIT_UPDATED = "            emit(self.session, PostUpdated.model_validate(post, from_attributes=True))\n"
EMIT_DELETED = "        emit(self.session, PostDeleted(id=post.id, author_id=post.author_id))\n"
EMIT_REGISTERED = "        emit(self.session, UserRegistered(id=user.id, created_at=user.created_at))\n"
IMPORT_EVENTS = "from app.schemas.events import PostCreated, PostDeleted, PostUpdated\n"
KEY = "        return str(self.id)\n"
PAYLOAD = "            payload=event.model_dump_json(),\n"
EVENT_ID = "            event_id=str(uuid4()),\n"
OCCURRED_AT = "            occurred_at=utc_now(),\n"
ADD_ROW = "    session.add(\n        OutboxEvent("
FLUSHED = (
    "    if session.dirty or session.deleted or any(not isinstance(row, OutboxEvent) "
    "for row in session.new):\n"
    '        raise RuntimeError("flush the change before its event is emitted, or their order may differ")\n'
)
FLUSH_POST = "            await self.posts.flush()\n"
ORDER_BY = "            .order_by(OutboxEvent.id)\n"
ROWS_OF_KEY = "        by_key = groupby(sorted(rows, key=_order), key=_key)\n"
PENDING = (
    "            rows = await OutboxRepository(session).pending(self._settings.kafka_batch_size)\n"
    "        if not rows:\n"
    "            return 0\n"
)
MARK = "                await OutboxRepository(session).mark_sent(sent)\n"
