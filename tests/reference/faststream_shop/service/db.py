"""SQLite: a connection a transaction, and one writer at a time."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends

PATH = os.environ.get("SHOP_DATABASE", "shop.db")

SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, email TEXT NOT NULL, address TEXT NOT NULL,
    password_hash TEXT NOT NULL, joined_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    digest TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customer, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS article (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    seller_id TEXT NOT NULL REFERENCES customer, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    price_cents INTEGER NOT NULL, changed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS purchase (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL REFERENCES customer,
    product TEXT NOT NULL, quantity INTEGER NOT NULL, recipient TEXT NOT NULL, changed_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counted (
    order_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, quantity INTEGER NOT NULL,
    cancelled INTEGER NOT NULL);
"""


def prepare() -> None:
    """Make the tables that are missing."""
    with closing(sqlite3.connect(PATH)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """A transaction that is committed at the end of the block, and rolled back where it raises."""
    with closing(
        sqlite3.connect(PATH, timeout=30, isolation_level=None, check_same_thread=False)
    ) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _of_request() -> Iterator[sqlite3.Connection]:
    with transaction() as connection:
        yield connection


# It ends before the answer leaves: what a client is told is committed.
Db = Annotated[sqlite3.Connection, Depends(_of_request, scope="function")]


def now() -> str:
    """The time in UTC, with its zone."""
    return datetime.now(UTC).isoformat()
