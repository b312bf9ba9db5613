"""Faults of requests that hand events to the broker's client, past the outbox."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import POST_SERVICE

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
)
