"""Private notes: to anyone but their owner they do not exist."""

import sqlite3
from typing import Any

from flask import Blueprint, abort, url_for

from .auth import account_id, login_required
from .db import get_db, now
from .forms import query_choice, query_integer, read_form

bp = Blueprint("notes", __name__)

COLUMNS = ("id", "title", "body", "pinned", "created_at", "updated_at")
ORDERS = {
    "id": "SELECT * FROM note WHERE owner_id = :owner ORDER BY id",
    "-id": "SELECT * FROM note WHERE owner_id = :owner ORDER BY id DESC",
    "title": "SELECT * FROM note WHERE owner_id = :owner ORDER BY title, id",
    "-title": "SELECT * FROM note WHERE owner_id = :owner ORDER BY title DESC, id DESC",
}


def note_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return a note as the API shows it."""
    return {**{key: row[key] for key in COLUMNS}, "pinned": bool(row["pinned"])}


def find_note(note_id: int) -> sqlite3.Row:
    """Return a note of the account that is signed in, or raise 404."""
    row: sqlite3.Row | None = (
        get_db()
        .execute("SELECT * FROM note WHERE id = ? AND owner_id = ?", (note_id, account_id()))
        .fetchone()
    )
    if row is None:
        abort(404, "There is no such note.")
    return row


@bp.get("")
@login_required
def index() -> dict[str, Any]:
    """List the account's notes."""
    limit = query_integer("limit", 20, 1, 100)
    offset = query_integer("offset", 0, 0, 10**9)
    order = query_choice("sort", tuple(ORDERS)) or "id"
    pinned = query_choice("pinned", ("true", "false"))
    rows = get_db().execute(ORDERS[order], {"owner": account_id()}).fetchall()
    if pinned is not None:
        rows = [row for row in rows if bool(row["pinned"]) == (pinned == "true")]
    page = rows[offset : offset + limit]
    return {"items": [note_json(row) for row in page], "total": len(rows)}


@bp.post("")
@login_required
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Write a note."""
    form = read_form("NoteInput")
    db, moment = get_db(), now()
    note_id = db.execute(
        "INSERT INTO note (owner_id, title, body, pinned, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
        (account_id(), form["title"], form["body"], form["pinned"], moment, moment),
    ).lastrowid
    db.commit()
    note = {"id": note_id, **form, "created_at": moment, "updated_at": moment}
    return note, 201, {"Location": url_for("notes.show", note_id=note_id)}


@bp.get("/<row:note_id>")
@login_required
def show(note_id: int) -> dict[str, Any]:
    """Return a note."""
    return note_json(find_note(note_id))


def store(note_id: int, note: dict[str, Any]) -> dict[str, Any]:
    """Write all fields of a note and return it."""
    db = get_db()
    db.execute(
        "UPDATE note SET title = :title, body = :body, pinned = :pinned, updated_at = :updated_at"
        " WHERE id = :id",
        {**note, "id": note_id, "updated_at": now()},
    )
    db.commit()
    return note_json(find_note(note_id))


@bp.put("/<row:note_id>")
@login_required
def replace(note_id: int) -> dict[str, Any]:
    """Replace a note; what is left out gets its default."""
    find_note(note_id)
    form = read_form("NoteInput")
    return store(note_id, form)


@bp.patch("/<row:note_id>")
@login_required
def update(note_id: int) -> dict[str, Any]:
    """Change some fields of a note."""
    row = find_note(note_id)
    form = read_form("NotePatch")
    return store(note_id, {**dict(row), **form})


@bp.delete("/<row:note_id>")
@login_required
def delete(note_id: int) -> tuple[str, int]:
    """Delete a note."""
    find_note(note_id)
    db = get_db()
    db.execute("DELETE FROM note WHERE id = ?", (note_id,))
    db.commit()
    return "", 204
