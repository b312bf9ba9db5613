"""Reminders of an account's own notes: private as these are."""

import sqlite3
from typing import Any

from flask import Blueprint, abort, url_for

from .auth import account_id, login_required
from .db import get_db, now
from .errors import Invalid
from .forms import query_integer, read_form

bp = Blueprint("reminders", __name__)

SELECT = (
    "SELECT reminder.*, note.title AS note_title FROM reminder"
    " JOIN note ON note.id = reminder.note_id WHERE reminder.owner_id = ?"
)


def reminder_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return a reminder as the API shows it."""
    return {key: row[key] for key in row.keys() if key != "owner_id"}  # noqa: SIM118 - a Row iterates over values


def find_reminder(reminder_id: int) -> sqlite3.Row:
    """Return a reminder of the account that is signed in, or raise 404."""
    row: sqlite3.Row | None = (
        get_db().execute(f"{SELECT} AND reminder.id = ?", (account_id(), reminder_id)).fetchone()
    )
    if row is None:
        abort(404, "There is no such reminder.")
    return row


def check_note(note_id: int) -> None:
    """Raise `Invalid` where the account has no such note."""
    found = get_db().execute("SELECT 1 FROM note WHERE id = ? AND owner_id = ?", (note_id, account_id()))
    if found.fetchone() is None:
        raise Invalid({"note_id": "names no note of yours"})


@bp.get("")
@login_required
def index() -> dict[str, Any]:
    """List the account's reminders."""
    limit = query_integer("limit", 20, 1, 100)
    offset = query_integer("offset", 0, 0, 10**9)
    rows = get_db().execute(f"{SELECT} ORDER BY reminder.id", (account_id(),)).fetchall()
    return {"items": [reminder_json(row) for row in rows[offset : offset + limit]], "total": len(rows)}


@bp.post("")
@login_required
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Set a reminder of a note."""
    form = read_form("ReminderInput")
    check_note(form["note_id"])
    db, moment = get_db(), now()
    reminder_id = db.execute(
        "INSERT INTO reminder (owner_id, note_id, due_on, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (account_id(), form["note_id"], form["due_on"], moment, moment),
    ).lastrowid
    db.commit()
    location = {"Location": url_for("reminders.show", reminder_id=reminder_id)}
    return reminder_json(find_reminder(int(reminder_id or 0))), 201, location


@bp.get("/<row:reminder_id>")
@login_required
def show(reminder_id: int) -> dict[str, Any]:
    """Return a reminder."""
    return reminder_json(find_reminder(reminder_id))


@bp.put("/<row:reminder_id>")
@login_required
def replace(reminder_id: int) -> dict[str, Any]:
    """Replace a reminder."""
    find_reminder(reminder_id)
    form = read_form("ReminderInput")
    check_note(form["note_id"])
    db = get_db()
    db.execute(
        "UPDATE reminder SET note_id = ?, due_on = ?, updated_at = ? WHERE id = ?",
        (form["note_id"], form["due_on"], now(), reminder_id),
    )
    db.commit()
    return reminder_json(find_reminder(reminder_id))


@bp.delete("/<row:reminder_id>")
@login_required
def delete(reminder_id: int) -> tuple[str, int]:
    """Take a reminder back."""
    find_reminder(reminder_id)
    db = get_db()
    db.execute("DELETE FROM reminder WHERE id = ?", (reminder_id,))
    db.commit()
    return "", 204
