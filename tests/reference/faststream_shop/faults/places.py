"""Snippets of the shop's source that several faults edit, and edits that several make."""

from tests.reference.flask_library.faults.fault import Edit

EMIT_ARTICLE = (
    '        emit(connection, ArticleChanged(time=changed["changed_at"], '
    "data=ArticleData.model_validate(changed)))\n"
)
EMIT_REMOVED = (
    '    emit(connection, ArticleRemoved(time=datetime.fromisoformat(now()), data=Gone(id=row["id"])))\n'
)
EMIT_PLACED = '    emit(connection, OrderPlaced(time=row["changed_at"], data=_told(row)))\n'
EMIT_ORDER = '        emit(connection, OrderChanged(time=changed["changed_at"], data=_told(changed)))\n'
EMIT_CANCELLED = "    emit(connection, OrderCancelled(time=datetime.fromisoformat(now()), data=data))\n"

STORE = (
    "    connection.execute(\n"
    '        "INSERT INTO outbox (topic, key, body) VALUES (?, ?, ?)",\n'
    "        (event.topic, event.data.id, event.model_dump_json()),\n"
    "    )\n"
)
STORED_KEY = "(event.topic, event.data.id, event.model_dump_json())"
PUBLISH = (
    "        await broker.publish(\n"
    '            row["body"].encode(),\n'
    '            row["topic"],\n'
    '            key=row["key"].encode(),\n'
    '            headers={"content-type": CONTENT_TYPE},\n'
    "        )\n"
)
FORGET = '        await asyncio.to_thread(_forget, row["seq"])\n'
EVENT_ID = "    id: str = Field(min_length=1, default_factory=lambda: str(uuid4()))\n"
PUBLISHERS = (
    "    broker.publisher(event.topic, schema=event, title=event.__name__, description=event.__doc__)\n"
)

PUBLISH_NOW = (
    Edit("articles.py", "from .outbox import emit\n", "from .outbox import emit, publish_now\n"),
    Edit(
        "outbox.py",
        "async def relay() -> None:\n",
        "def publish_now(event: Event[Any]) -> None:\n"
        "    sending = broker.publish(\n"
        "        event.model_dump_json().encode(),\n"
        "        event.topic,\n"
        "        key=event.data.id.encode(),\n"
        '        headers={"content-type": CONTENT_TYPE},\n'
        "    )\n"
        "    asyncio.run_coroutine_threadsafe(sending, LOOP[0])\n\n\n"
        "async def relay() -> None:\n"
        "    LOOP.append(asyncio.get_running_loop())\n",
    ),
    Edit("outbox.py", "_BATCH = 100\n", "_BATCH = 100\nLOOP: list[asyncio.AbstractEventLoop] = []\n"),
)
"""Gives `articles.py` a way to publish straight from a request, past the outbox."""
