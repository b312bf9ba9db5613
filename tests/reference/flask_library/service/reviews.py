"""Reviews of a book: everyone reads them, only the creator changes or deletes one."""

import sqlite3
import uuid
from typing import Any

from flask import Blueprint, abort, url_for

from .auth import account_id, login_required
from .books import find_book
from .db import get_db, now
from .forms import query_integer, read_form

bp = Blueprint("reviews", __name__)


def review_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return a review as the API shows it."""
    return {key: row[key] for key in row.keys() if key != "seq"}  # noqa: SIM118 - a Row iterates over values


def find_review(book_id: uuid.UUID, review_id: uuid.UUID) -> sqlite3.Row:
    """Return a review of this very book, or raise 404."""
    row: sqlite3.Row | None = (
        get_db()
        .execute("SELECT * FROM review WHERE id = ? AND book_id = ?", (str(review_id), str(book_id)))
        .fetchone()
    )
    if row is None:
        abort(404, "There is no such review of this book.")
    return row


def own_review(book_id: uuid.UUID, review_id: uuid.UUID) -> sqlite3.Row:
    """Return a review of the account that is signed in, or raise 404 or 403."""
    row = find_review(book_id, review_id)
    if row["created_by"] != account_id():
        abort(403, "Only its creator may change a review.")
    return row


@bp.get("")
def index(book_id: uuid.UUID) -> dict[str, Any]:
    """List the reviews of a book, oldest first."""
    find_book(book_id)
    limit = query_integer("limit", 20, 1, 100)
    offset = query_integer("offset", 0, 0, 10**9)
    db, book = get_db(), str(book_id)
    rows = db.execute(
        "SELECT * FROM review WHERE book_id = ? ORDER BY seq LIMIT ? OFFSET ?", (book, limit, offset)
    )
    (total,) = db.execute("SELECT count(*) FROM review WHERE book_id = ?", (book,)).fetchone()
    return {"items": [review_json(row) for row in rows], "total": total}


@bp.post("")
@login_required
def create(book_id: uuid.UUID) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add a review to a book."""
    find_book(book_id)
    form = read_form("ReviewInput")
    db, moment, review_id = get_db(), now(), uuid.uuid4()
    review = {
        **form,
        "id": str(review_id),
        "book_id": str(book_id),
        "created_by": account_id(),
        "created_at": moment,
        "updated_at": moment,
    }
    try:
        db.execute(
            "INSERT INTO review (id, book_id, rating, text, created_by, created_at, updated_at)"
            " VALUES (:id, :book_id, :rating, :text, :created_by, :created_at, :updated_at)",
            review,
        )
    except sqlite3.IntegrityError:  # the book was deleted since
        abort(404, "There is no such book.")
    db.commit()
    return review, 201, {"Location": url_for("reviews.show", book_id=book_id, review_id=review_id)}


@bp.get("/<uuid:review_id>")
def show(book_id: uuid.UUID, review_id: uuid.UUID) -> dict[str, Any]:
    """Return a review."""
    return review_json(find_review(book_id, review_id))


@bp.put("/<uuid:review_id>")
@login_required
def replace(book_id: uuid.UUID, review_id: uuid.UUID) -> dict[str, Any]:
    """Replace a review."""
    own_review(book_id, review_id)
    form = read_form("ReviewInput")
    db = get_db()
    db.execute(
        "UPDATE review SET rating = :rating, text = :text, updated_at = :updated_at WHERE id = :id",
        {**form, "id": str(review_id), "updated_at": now()},
    )
    db.commit()
    return review_json(find_review(book_id, review_id))


@bp.delete("/<uuid:review_id>")
@login_required
def delete(book_id: uuid.UUID, review_id: uuid.UUID) -> tuple[str, int]:
    """Delete a review."""
    own_review(book_id, review_id)
    db = get_db()
    db.execute("DELETE FROM review WHERE id = ?", (str(review_id),))
    db.commit()
    return "", 204
