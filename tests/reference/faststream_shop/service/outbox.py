"""The outbox: an event is stored with its change, and sent when that is committed."""

import asyncio
import fcntl
import sqlite3
from pathlib import Path
from typing import IO, Any

from . import db
from .broker import broker
from .events import CONTENT_TYPE, Event

_EVERY = 0.05
_BATCH = 100
_AGAIN = 1.0


def emit(connection: sqlite3.Connection, event: Event[Any]) -> None:
    """Store an event in the transaction of its change."""
    connection.execute(
        "INSERT INTO outbox (topic, key, body) VALUES (?, ?, ?)",
        (event.topic, event.data.id, event.model_dump_json()),
    )


async def relay() -> None:
    """Send what is stored, in its order, for as long as this process is the one that does."""
    with await asyncio.to_thread(Path(f"{db.PATH}.relay").open, "w") as lock:
        await _alone(lock)
        while True:
            try:
                sent = await _send_batch()
            except Exception:  # whatever the client and the network raise: it is not sent, and stays
                await asyncio.sleep(_AGAIN)
            else:
                await asyncio.sleep(0 if sent else _EVERY)


async def _alone(lock: IO[str]) -> None:
    """Wait until no other process relays. The kernel frees the lock of one that is killed."""
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            await asyncio.sleep(_AGAIN)
        else:
            return


async def _send_batch() -> int:
    rows = await asyncio.to_thread(_pending)
    for row in rows:
        await broker.publish(
            row["body"].encode(),
            row["topic"],
            key=row["key"].encode(),
            headers={"content-type": CONTENT_TYPE},
        )
        await asyncio.to_thread(_forget, row["seq"])
    return len(rows)


def _pending() -> list[sqlite3.Row]:
    with db.transaction() as connection:
        return connection.execute("SELECT * FROM outbox ORDER BY seq LIMIT ?", (_BATCH,)).fetchall()


def _forget(seq: int) -> None:
    with db.transaction() as connection:
        connection.execute("DELETE FROM outbox WHERE seq = ?", (seq,))
