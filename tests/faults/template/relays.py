"""Faults of the way to the topic: lost, invented, out of order, and in the way of requests."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .event_places import (
    ADD_ROW,
    EMIT_CREATED,
    EMIT_UPDATED,
    FLUSHED,
    LEASE,
    ORDER_BY,
    OUTBOX,
    OUTBOX_ROWS,
    PENDING,
    PRODUCER,
    RELAY,
    ROWS_OF_KEY,
)
from .places import POST_SERVICE

IN_MEMORY = (
    # The repository of the outbox reads what waits in this process's memory.
    Edit(
        OUTBOX_ROWS,
        "        query = (\n"
        "            select(OutboxEvent)\n"
        "            .where(OutboxEvent.sent_at.is_(None), OutboxEvent.failed_at.is_(None))\n"
        "            .order_by(OutboxEvent.id)\n"
        "            .limit(limit)\n"
        "        )\n"
        "        return (await self.session.scalars(query)).all()\n",
        "        return WAITING[:limit]\n",
    ),
    Edit(
        OUTBOX_ROWS,
        "        await self.session.execute(\n"
        "            "
        "update(OutboxEvent).where(OutboxEvent.id.in_(ids)).values(sent_at=utc_now(), last_error=None)\n"
        "        )\n",
        "        WAITING[:] = [row for row in WAITING if row.id not in ids]\n",
    ),
    Edit(OUTBOX_ROWS, "_ERROR_LENGTH = 500\n", "_ERROR_LENGTH = 500\nWAITING: list[OutboxEvent] = []\n"),
    Edit(
        OUTBOX,
        "from app.schemas.events import Event\n",
        "from app.repositories.outbox_repository import WAITING\nfrom app.schemas.events import Event\n",
    ),
    Edit(OUTBOX, "from uuid import uuid4\n", "from itertools import count\nfrom uuid import uuid4\n"),
    Edit(
        OUTBOX,
        '_EMITTED = "outbox.emitted"\n',
        '_EMITTED = "outbox.emitted"\n_numbers = count(1)\n',
    ),
)
MEMORY_ROW = "        OutboxEvent(\n            id=next(_numbers),"
AFTER_COMMIT = "    if _EMITTED in session.info:\n        for wake in tuple(_wakers):\n"
ACQUIRE = "        if self.held(margin=self._seconds * 2 / 3):\n            return True\n"
STALE = "            if now - self._seen_at < self._seconds:\n                return False\n"
WAIT_UNTIL_SENT = (
    "        waiting = select(OutboxEvent.id).where(OutboxEvent.sent_at.is_(None))\n"
    "        while True:\n"
    "            async with AsyncSession(self.session.bind) as apart:\n"
    "                if await apart.scalar(waiting) is None:\n"
    "                    break\n"
    "            await asyncio.sleep(0.05)\n"
)
CREATED = EMIT_CREATED + "        # % endif\n        await self.session.commit()\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "published_after_commit",
        "nothing_lost",
        "Events wait in memory from the commit on, without an outbox: a kill loses them.",
        OUTBOX,
        ADD_ROW,
        "    session.info.setdefault(_EMITTED, []).append(\n" + MEMORY_ROW,
        *IN_MEMORY,
        Edit(OUTBOX, "    session.info[_EMITTED] = True\n", ""),
        Edit(
            OUTBOX,
            AFTER_COMMIT,
            "    if _EMITTED in session.info:\n"
            "        WAITING.extend(session.info.pop(_EMITTED))\n"
            "        for wake in tuple(_wakers):\n",
        ),
    ),
    fault(
        "relay_marks_before_sending",
        "nothing_lost",
        "The relay marks a batch as sent and sends it then: what the broker does not take is lost.",
        RELAY,
        PENDING,
        PENDING + "        async with self._session_factory() as session, session.begin():\n"
        "            await OutboxRepository(session).mark_sent([row.id for row in rows])\n",
    ),
    fault(
        "relay_drops_at_outage",
        "nothing_lost",
        "The relay takes a broker that is away for one that has the event.",
        RELAY,
        "            except MessageRejectedError as error:\n",
        "            except BrokerUnavailableError:\n"
        "                sent.append(row.id)\n"
        "            except MessageRejectedError as error:\n",
    ),
    fault(
        "published_before_commit",
        "nothing_invented",
        "Events are on their way before the flush: where that gives a 409, the event was invented.",
        OUTBOX,
        ADD_ROW,
        "    WAITING.append(\n" + MEMORY_ROW,
        *IN_MEMORY,
        Edit(OUTBOX, FLUSHED, ""),
        Edit(POST_SERVICE, EMIT_UPDATED, "            pass\n"),
        Edit(
            POST_SERVICE,
            "            await self.posts.flush()\n",
            "            told = {name: getattr(post, name) for name in PostUpdated.model_fields}\n"
            "            emit(self.session, PostUpdated(**told))\n"
            "            await self.posts.flush()\n",
        ),
    ),
    fault(
        "published_and_rolled_back",
        "nothing_invented",
        "The event has a transaction of its own; the post's is rolled back where its title is blocked.",
        POST_SERVICE,
        CREATED,
        "        async with AsyncSession(self.session.bind) as apart:\n"
        "            told = PostCreated.model_validate(post, from_attributes=True)\n"
        "            await self.session.commit()\n"
        "            emit(apart, told)\n"
        "            await apart.commit()\n"
        "        if len(post.title) > 150:\n"
        "            await self.posts.delete(post)\n"
        "            await self.session.commit()\n"
        '            raise ForbiddenError("This title is blocked.")\n'
        "        # % endif\n",
    ),
    fault(
        "relay_newest_first",
        "backlog_order",
        "The relay sends the newest events first.",
        OUTBOX_ROWS,
        ORDER_BY,
        "            .order_by(OutboxEvent.id.desc())\n",
        Edit(RELAY, "    return *_key(row), row.id\n", "    return *_key(row), -row.id\n"),
    ),
    fault(
        "relay_all_at_once",
        "backlog_order",
        "The relay sends all rows side by side, each after a moment of its own, also those of one key.",
        RELAY,
        ROWS_OF_KEY,
        "        by_key = [(row.id, [row]) for row in rows]\n",
        Edit(
            RELAY,
            "        for row in rows:\n            if not self.lease",
            "        for row in rows:\n"
            "            await asyncio.sleep(0.05 * (-row.id % 5))\n"
            "            if not self.lease",
        ),
    ),
    fault(
        "partition_at_random",
        "key_order",
        "Messages go to any partition, whatever their key: nothing keeps events of one post in order.",
        PRODUCER,
        '            "acks": "all",\n',
        '            "acks": "all",\n'
        '            "partitioner": lambda key, every, there: random.choice(there or every),\n',
        Edit(PRODUCER, "import asyncio\n", "import asyncio\nimport random\n"),
    ),
    fault(
        "create_waits_for_broker",
        "broker_away_answers",
        "POST of a post answers once its event is sent: with the broker away, never.",
        POST_SERVICE,
        CREATED,
        CREATED + WAIT_UNTIL_SENT,
        Edit(
            POST_SERVICE,
            "from app.models.post import Post\n",
            "from app.models.outbox import OutboxEvent\nfrom app.models.post import Post\n",
        ),
        Edit(
            POST_SERVICE,
            "from sqlalchemy import Row\n",
            "from sqlalchemy import Row, select\n",
        ),
        Edit(POST_SERVICE, "from typing import Any", "import asyncio\nfrom typing import Any"),
    ),
    fault(
        "relay_sends_within_transaction",
        "broker_away_answers",
        "The relay holds a transaction while it sends, for a minute: SQLite lets nobody "
        "else write meanwhile.",
        RELAY,
        PENDING + ROWS_OF_KEY + "        sent: list[int] = []\n"
        "        outcomes = await asyncio.gather(\n"
        "            *(self._send_in_order(list(group), sent) for _, group in by_key), "
        "return_exceptions=True\n"
        "        )\n",
        PENDING.replace(
            "        if not rows:\n            return 0\n",
            "            if not rows:\n"
            "                return 0\n"
            "            await OutboxRepository(session).mark_sent([-1])\n"
            "            by_key = groupby(sorted(rows, key=_order), key=_key)\n"
            "            sent: list[int] = []\n"
            "            outcomes = await asyncio.gather(\n"
            "                *(self._send_in_order(list(group), sent) for _, group in "
            "by_key), return_exceptions=True\n"
            "            )\n",
        ),
        Edit(
            PRODUCER,
            "        self._timeout = settings.kafka_send_timeout_seconds\n",
            "        self._timeout = 60.0\n",
        ),
    ),
    fault(
        "lease_ignored",
        "relay_exclusive",
        "The relay asks nobody whether it may: two processes send everything twice.",
        LEASE,
        ACQUIRE,
        '        self._held_until = float("inf")\n' + ACQUIRE,
    ),
    fault(
        "lease_taken_from_the_living",
        "relay_exclusive",
        "Who wants the lease takes it at once, and the one who had it sends on.",
        LEASE,
        STALE,
        "",
    ),
    fault(
        "lease_never_stale",
        "relay_taken_over",
        "A lease whose holder was killed is held for ever: nothing is published any more.",
        LEASE,
        STALE,
        "            return False\n",
    ),
    fault(
        "takeover_begins_anew",
        "relay_taken_over",
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
)
