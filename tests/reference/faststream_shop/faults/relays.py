"""Faults of the shop's way to the topic, and of its consumer."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import EMIT_ARTICLE, FORGET, PUBLISH, PUBLISH_NOW, STORE

IN_MEMORY = (
    Edit(
        "outbox.py",
        "    with db.transaction() as connection:\n"
        '        return connection.execute("SELECT * FROM outbox ORDER BY seq LIMIT ?", '
        "(_BATCH,)).fetchall()\n",
        "    return WAITING[:_BATCH]\n",
    ),
    Edit(
        "outbox.py",
        "    with db.transaction() as connection:\n"
        '        connection.execute("DELETE FROM outbox WHERE seq = ?", (seq,))\n',
        '    WAITING[:] = [row for row in WAITING if row["seq"] != seq]\n',
    ),
    Edit(
        "outbox.py",
        "_BATCH = 100\n",
        "_BATCH = 100\nWAITING: list[Any] = []\nNUMBERS = count()\n",
    ),
    Edit("outbox.py", "import sqlite3\n", "import sqlite3\nfrom itertools import count\n"),
)
WAITS = (
    "    WAITING.append(\n"
    '        {"seq": next(NUMBERS), "topic": event.topic, "key": event.data.id, '
    '"body": event.model_dump_json()}\n'
    "    )\n"
)
BATCH = "    rows = await asyncio.to_thread(_pending)\n    for row in rows:\n" + PUBLISH + FORGET
CANNOT = "        except (PoisonError, ValidationError) as error:\n"
PASS_BY = "                return None\n"
COUNT = (
    "        connection.execute(\n"
    '            "INSERT INTO counted (order_id, customer_id, quantity, cancelled) VALUES (?, ?, ?, ?)"\n'
    '            " ON CONFLICT (order_id) DO UPDATE SET cancelled = max(cancelled, excluded.cancelled)",\n'
)
ANSWERED = '    response.headers["Location"] = f"/orders/{row[\'id\']}"\n'
UNTIL_SENT = (
    '    connection.execute("COMMIT")\n'
    '    while connection.execute("SELECT 1 FROM outbox").fetchone():\n'
    "        time.sleep(0.05)\n"
    '    connection.execute("BEGIN")\n'
)
READ_INSIDE = (
    "    with db.transaction() as connection:\n"
    '        rows = connection.execute("SELECT * FROM outbox ORDER BY seq LIMIT ?", (_BATCH,)).fetchall()\n'
    "        for row in rows:\n"
)
FORGET_INSIDE = (
    '            connection.execute("DELETE FROM outbox WHERE seq = ?", (row["seq"],))\n'
    "    return len(rows)\n"
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "shop_outbox_in_memory",
        "nothing_lost",
        "Events wait in the shop's memory: a kill loses them.",
        "outbox.py",
        STORE,
        WAITS,
        *IN_MEMORY,
    ),
    fault(
        "shop_forgets_before_sending",
        "nothing_lost",
        "The shop's relay forgets an event before it sends it.",
        "outbox.py",
        PUBLISH + FORGET,
        FORGET + PUBLISH,
    ),
    fault(
        "article_told_before_conflict",
        "nothing_invented",
        "Events wait in memory from before the statement: where it finds the SKU taken, they were invented.",
        "outbox.py",
        STORE,
        WAITS,
        *IN_MEMORY,
        Edit(
            "articles.py",
            '        changed["changed_at"] = now()\n',
            '        changed["changed_at"] = now()\n        emit(connection, '
            'ArticleChanged(time=changed["changed_at"], data=ArticleData.model_validate(changed)))\n',
        ),
        Edit(
            "articles.py",
            "            changed,\n        )\n        emit(connection, "
            'ArticleChanged(time=changed["changed_at"], data=ArticleData.model_validate(changed)))\n',
            "            changed,\n        )\n",
        ),
    ),
    fault(
        "article_listed_before_conflict",
        "nothing_invented",
        "ArticleListed is published straight from the request, before the transaction finds the SKU taken.",
        "articles.py",
        '    _write(\n        connection,\n        "INSERT INTO article',
        '    publish_now(ArticleListed(time=row["changed_at"], data=ArticleData.model_validate(row)))\n'
        '    _write(\n        connection,\n        "INSERT INTO article',
        Edit(
            "articles.py",
            '    emit(connection, ArticleListed(time=row["changed_at"], '
            "data=ArticleData.model_validate(row)))\n",
            "",
        ),
        *PUBLISH_NOW,
    ),
    fault(
        "customer_joins_with_each_batch",
        "event_without_write",
        "After each batch the relay tells of the first customer once more, who joined long ago.",
        "outbox.py",
        "    return len(rows)\n",
        "    if rows:\n        await asyncio.to_thread(_welcome_again)\n    return 0\n",
        Edit(
            "outbox.py",
            "def _pending() ->",
            "def _welcome_again() -> None:\n"
            "    with db.transaction() as connection:\n"
            '        if connection.execute("SELECT 1 FROM outbox WHERE topic = '
            "'shop.customers'\").fetchone():\n"
            "            return\n"
            '        row = connection.execute("SELECT * FROM customer ORDER BY joined_at").fetchone()\n'
            '        data = Customer(id=row["id"], joined_at=row["joined_at"])\n'
            "        emit(connection, CustomerJoined(time=db.now(), data=data))\n\n\n"
            "def _pending() ->",
        ),
        Edit(
            "outbox.py",
            "import CONTENT_TYPE, Event\n",
            "import CONTENT_TYPE, Customer, CustomerJoined, Event\n",
        ),
    ),
    fault(
        "shop_sends_side_by_side",
        "backlog_order",
        "The shop's relay sends a batch side by side, each after a moment of its own.",
        "outbox.py",
        BATCH,
        "    rows = await asyncio.to_thread(_pending)\n    await asyncio.gather(*map(_send, rows))\n",
        Edit(
            "outbox.py",
            "def _pending() ->",
            "async def _send(row: sqlite3.Row) -> None:\n"
            '    await asyncio.sleep(0.05 * (-row["seq"] % 5))\n'
            "    await broker.publish(\n"
            '        row["body"].encode(),\n'
            '        row["topic"],\n'
            '        key=row["key"].encode(),\n'
            '        headers={"content-type": CONTENT_TYPE},\n'
            "    )\n"
            '    await asyncio.to_thread(_forget, row["seq"])\n\n\n'
            "def _pending() ->",
        ),
    ),
    fault(
        "shop_newest_first",
        "backlog_order",
        "The shop's relay takes the event that was stored last.",
        "outbox.py",
        "SELECT * FROM outbox ORDER BY seq LIMIT ?",
        "SELECT * FROM outbox ORDER BY seq DESC LIMIT ?",
    ),
    fault(
        "article_changed_by_timer",
        "key_order",
        "ArticleChanged is stored by a timer after the answer, every other one a second later.",
        "articles.py",
        EMIT_ARTICLE,
        EMIT_ARTICLE.replace("emit(connection, ", "emit_later("),
        Edit("articles.py", "from .outbox import emit\n", "from .outbox import emit, emit_later\n"),
        Edit(
            "outbox.py",
            "async def relay() -> None:\n",
            "def emit_later(event: Event[Any]) -> None:\n"
            "    Timer(next(DELAYS), _emit_apart, [event]).start()\n\n\n"
            "def _emit_apart(event: Event[Any]) -> None:\n"
            "    with db.transaction() as connection:\n"
            "        emit(connection, event)\n\n\n"
            "async def relay() -> None:\n",
        ),
        Edit("outbox.py", "_BATCH = 100\n", "_BATCH = 100\nDELAYS = cycle((1.0, 0.0))\n"),
        Edit(
            "outbox.py",
            "import sqlite3\n",
            "import sqlite3\nfrom itertools import cycle\nfrom threading import Timer\n",
        ),
    ),
    fault(
        "shop_partition_by_turns",
        "key_order",
        "The shop sends to the partitions by turns, whatever the key.",
        "outbox.py",
        '            key=row["key"].encode(),\n',
        '            key=row["key"].encode(),\n            partition=row["seq"] % 4,\n',
    ),
    fault(
        "order_waits_for_broker",
        "broker_away_answers",
        "POST of an order answers once the outbox is empty: with the broker away, never.",
        "orders.py",
        ANSWERED,
        ANSWERED + UNTIL_SENT,
        Edit("orders.py", "import sqlite3\n", "import sqlite3\nimport time\n"),
    ),
    fault(
        "shop_sends_within_transaction",
        "broker_away_answers",
        "The shop's relay writes, sends and commits: with the broker away nobody else can write.",
        "outbox.py",
        BATCH + "    return len(rows)\n",
        READ_INSIDE + "".join(f"    {line}\n" for line in PUBLISH.splitlines()) + FORGET_INSIDE,
    ),
    fault(
        "shop_lock_missing",
        "relay_exclusive",
        "The shop's relay takes no lock: two processes send everything twice.",
        "outbox.py",
        "        await _alone(lock)\n",
        "",
    ),
    fault(
        "shop_lock_left_behind",
        "relay_taken_over",
        "The lock is a file that a kill leaves behind: nothing is published any more.",
        "outbox.py",
        "            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        '            Path(f"{db.PATH}.lock").touch(exist_ok=False)\n',
    ),
    fault(
        "order_counted_per_message",
        "handled_once",
        "The consumer adds a row for each message: an event delivered twice counts twice.",
        "loyalty.py",
        COUNT,
        "        connection.execute(\n"
        '            "INSERT INTO counted (order_id, customer_id, quantity, cancelled) '
        'VALUES (?, ?, ?, ?)",\n',
        Edit(
            "db.py", "    order_id TEXT PRIMARY KEY, customer_id", "    order_id TEXT NOT NULL, customer_id"
        ),
    ),
    fault(
        "order_items_added_up",
        "handled_once",
        "The consumer adds the quantity to what it has counted of the order already.",
        "loyalty.py",
        "cancelled = max(cancelled, excluded.cancelled)",
        'cancelled = max(cancelled, excluded.cancelled),"\n'
        '            " quantity = quantity + excluded.quantity',
    ),
    fault(
        "shop_poison_again_and_again",
        "poison_stops_nothing",
        "Poison is raised to FastStream, which reads it again without end: none after it is handled.",
        "sieve.py",
        CANNOT + "            await _put_aside(msg, _what_is_wrong(error))\n",
        "        except (PoisonError, ValidationError):\n            raise\n",
    ),
    fault(
        "shop_poison_swallowed",
        "poison_kept",
        "Poison is passed by without a dead letter.",
        "sieve.py",
        CANNOT + "            await _put_aside(msg, _what_is_wrong(error))\n",
        "        except (PoisonError, ValidationError):\n            return None\n",
    ),
    fault(
        "shop_reason_missing",
        "poison_reason",
        "The shop's dead letters do not say why they are some.",
        "sieve.py",
        "            reason=reason,\n",
        '            reason="",\n',
    ),
    fault(
        "shop_unknown_type_raised",
        "unknown_skipped",
        "A type that the shop's consumer does not know is read again without end.",
        "sieve.py",
        PASS_BY,
        '                raise LookupError("unknown type")\n',
    ),
    fault(
        "shop_unknown_type_put_aside",
        "unknown_skipped",
        "A type that the shop's consumer does not know becomes a dead letter.",
        "sieve.py",
        PASS_BY,
        '                raise PoisonError("The type is unknown.")\n',
    ),
    fault(
        "shop_acknowledged_first",
        "handling_survives_kill",
        "FastStream acknowledges as it fetches: what a kill interrupts is never handled.",
        "loyalty.py",
        "AckPolicy.NACK_ON_ERROR",
        "AckPolicy.ACK_FIRST",
    ),
    fault(
        "shop_counts_in_background",
        "handling_survives_kill",
        "Orders are counted by a task that nobody waits for, and acknowledged at once.",
        "loyalty.py",
        "    await asyncio.to_thread(_count, event)\n",
        "    asyncio.get_running_loop().create_task(asyncio.to_thread(_count, event))\n",
    ),
)
