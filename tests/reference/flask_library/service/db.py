"""The database: one SQLite connection a request, closed without a commit unless the view made one."""

import sqlite3
from datetime import UTC, datetime

from flask import Flask, current_app, g
from werkzeug.routing import BaseConverter

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
);
-- Somebody who was a member once: what they wrote stays; they have no password, and are let in no more.
INSERT OR IGNORE INTO account (id, email, name, password_hash, disabled, created_at) VALUES (
    '5c1d0000-0000-4000-8000-00000000d15a', 'carol@library.example', 'Carol', '', 1, '2026-01-01T00:00:00Z'
);
CREATE TABLE IF NOT EXISTS book (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    genre TEXT NOT NULL,
    pages INTEGER NOT NULL,
    price REAL,
    published_on TEXT,
    summary TEXT,
    created_by TEXT NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS review (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    book_id TEXT NOT NULL REFERENCES book (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL,
    text TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES account (id),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT NOT NULL REFERENCES account (id),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS reminder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id TEXT NOT NULL REFERENCES account (id),
    note_id INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,
    due_on TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_by TEXT NOT NULL REFERENCES account (id)
);
"""


class RowConverter(BaseConverter):
    """A row's number in a path; what no row can have is no route."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the number, which fits SQLite's 64 bits."""
        return int(value)


def connect(path: str) -> sqlite3.Connection:
    """Open the database; a writer waits for another."""
    connection = sqlite3.connect(path, timeout=30)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def get_db() -> sqlite3.Connection:
    """Return the connection of this request."""
    if "db" not in g:
        g.db = connect(current_app.config["DATABASE"])
    connection: sqlite3.Connection = g.db
    return connection


def close_db(_: BaseException | None = None) -> None:
    """Close the connection of this request; what was not committed is gone."""
    connection = g.pop("db", None)
    if connection is not None:
        connection.close()


def init_app(app: Flask) -> None:
    """Create the tables and close connections at the end of requests."""
    app.teardown_appcontext(close_db)
    connection = connect(app.config["DATABASE"])
    connection.executescript(SCHEMA)
    connection.close()


def now() -> str:
    """Return the time as RFC 3339 text in UTC with microseconds, which sorts as it reads."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
