"""Books: everyone reads them, signed-in accounts add them, only the creator changes or deletes one."""

import re
import sqlite3
import uuid
from typing import Any

from flask import Blueprint, abort, request, url_for

from .auth import account_id, login_required
from .db import get_db, now
from .errors import Invalid
from .forms import query_choice, query_integer, query_text, read_form
from .schemas import GENRES

bp = Blueprint("books", __name__)


def book_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return a book as the API shows it."""
    return {key: row[key] for key in row.keys() if key != "seq"}  # noqa: SIM118 - a Row iterates over values


def find_book(book_id: uuid.UUID) -> sqlite3.Row:
    """Return a book, or raise 404."""
    row: sqlite3.Row | None = get_db().execute("SELECT * FROM book WHERE id = ?", (str(book_id),)).fetchone()
    if row is None:
        abort(404, "There is no such book.")
    return row


def own_book(book_id: uuid.UUID) -> sqlite3.Row:
    """Return a book of the account that is signed in, or raise 404 or 403."""
    row = find_book(book_id)
    if row["created_by"] != account_id():
        abort(403, "Only its creator may change a book.")
    return row


def write_cursor(seq: int) -> str:
    """Return the opaque text that stands for "after this book"."""
    return f"{seq:016x}"


def read_cursor(cursor: str | None) -> int:
    """Return the number that a cursor stands for, or raise `Invalid`."""
    if cursor is None:
        return 0
    if not re.fullmatch("[0-7][0-9a-f]{15}", cursor):
        raise Invalid({"cursor": "is not a cursor of this list"})
    return int(cursor, 16)


@bp.get("")
def index() -> dict[str, Any]:
    """List books in the order in which they were added."""
    page_size = query_integer("page_size", 20, 1, 100)
    where = {
        "after": read_cursor(request.args.get("cursor")),
        "genre": query_choice("genre", GENRES),
        "author": query_text("author", 120),
        "count": page_size + 1,
    }
    rows = get_db().execute(
        "SELECT * FROM book WHERE seq > :after"
        " AND (:genre IS NULL OR genre = :genre)"
        " AND (:author IS NULL OR author = :author)"
        " ORDER BY seq LIMIT :count",
        where,
    )
    books = rows.fetchall()
    page, more = books[:page_size], books[page_size:]
    next_cursor = write_cursor(page[-1]["seq"]) if more else None
    return {"results": [book_json(row) for row in page], "next_cursor": next_cursor}


@bp.post("")
@login_required
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add a book."""
    form = read_form("BookInput")
    db, moment, book_id = get_db(), now(), uuid.uuid4()
    made = {"id": str(book_id), "created_by": account_id(), "created_at": moment, "updated_at": moment}
    book = {**form, **made}
    db.execute(
        "INSERT INTO book (id, title, author, genre, pages, price, published_on, summary,"
        " created_by, created_at, updated_at)"
        " VALUES (:id, :title, :author, :genre, :pages, :price, :published_on, :summary,"
        " :created_by, :created_at, :updated_at)",
        book,
    )
    db.commit()
    return book, 201, {"Location": url_for("books.show", book_id=book_id)}


@bp.get("/<uuid:book_id>")
def show(book_id: uuid.UUID) -> dict[str, Any]:
    """Return a book."""
    return book_json(find_book(book_id))


def store(book_id: uuid.UUID, book: dict[str, Any]) -> dict[str, Any]:
    """Write all fields of a book and return it."""
    db = get_db()
    db.execute(
        "UPDATE book SET title = :title, author = :author, genre = :genre, pages = :pages, price = :price,"
        " published_on = :published_on, summary = :summary, updated_at = :updated_at WHERE id = :id",
        {**book, "id": str(book_id), "updated_at": now()},
    )
    db.commit()
    return book_json(find_book(book_id))


@bp.put("/<uuid:book_id>")
@login_required
def replace(book_id: uuid.UUID) -> dict[str, Any]:
    """Replace a book; what is left out gets its default."""
    own_book(book_id)
    form = read_form("BookInput")
    return store(book_id, form)


@bp.patch("/<uuid:book_id>")
@login_required
def update(book_id: uuid.UUID) -> dict[str, Any]:
    """Change some fields of a book."""
    row = own_book(book_id)
    form = read_form("BookPatch")
    return store(book_id, {**dict(row), **form})


@bp.delete("/<uuid:book_id>")
@login_required
def delete(book_id: uuid.UUID) -> tuple[str, int]:
    """Delete a book and its reviews."""
    own_book(book_id)
    db = get_db()
    db.execute("DELETE FROM book WHERE id = ?", (str(book_id),))
    db.commit()
    return "", 204
