"""Tags: a name is given once; only the creator renames or deletes a tag."""

import sqlite3
from typing import Any

from flask import Blueprint, abort, url_for

from .auth import account_id, login_required
from .db import get_db
from .errors import Taken
from .forms import query_integer, read_form

bp = Blueprint("tags", __name__)


def find_tag(tag_id: int) -> sqlite3.Row:
    """Return a tag, or raise 404."""
    row: sqlite3.Row | None = get_db().execute("SELECT * FROM tag WHERE id = ?", (tag_id,)).fetchone()
    if row is None:
        abort(404, "There is no such tag.")
    return row


def own_tag(tag_id: int) -> sqlite3.Row:
    """Return a tag of the account that is signed in, or raise 404 or 403."""
    row = find_tag(tag_id)
    if row["created_by"] != account_id():
        abort(403, "Only its creator may change a tag.")
    return row


@bp.get("")
def index() -> dict[str, Any]:
    """List tags by name."""
    limit = query_integer("limit", 20, 1, 100)
    offset = query_integer("offset", 0, 0, 10**9)
    db = get_db()
    rows = db.execute("SELECT * FROM tag ORDER BY name LIMIT ? OFFSET ?", (limit, offset))
    (total,) = db.execute("SELECT count(*) FROM tag").fetchone()
    return {"items": [dict(row) for row in rows], "total": total}


@bp.post("")
@login_required
def create() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add a tag, or raise 409 where there is one of that name."""
    form = read_form("TagInput")
    db = get_db()
    try:
        cursor = db.execute("INSERT INTO tag (name, created_by) VALUES (?, ?)", (form["name"], account_id()))
    except sqlite3.IntegrityError:
        raise Taken("name") from None
    db.commit()
    tag_id = cursor.lastrowid
    tag = {"id": tag_id, "name": form["name"], "created_by": account_id()}
    return tag, 201, {"Location": url_for("tags.show", tag_id=tag_id)}


@bp.get("/<row:tag_id>")
def show(tag_id: int) -> dict[str, Any]:
    """Return a tag."""
    return dict(find_tag(tag_id))


@bp.put("/<row:tag_id>")
@login_required
def rename(tag_id: int) -> dict[str, Any]:
    """Rename a tag, or raise 409 where there is one of that name."""
    own_tag(tag_id)
    form = read_form("TagInput")
    db = get_db()
    try:
        db.execute("UPDATE tag SET name = ? WHERE id = ?", (form["name"], tag_id))
    except sqlite3.IntegrityError:
        raise Taken("name") from None
    db.commit()
    return dict(find_tag(tag_id))


@bp.delete("/<row:tag_id>")
@login_required
def delete(tag_id: int) -> tuple[str, int]:
    """Delete a tag."""
    own_tag(tag_id)
    db = get_db()
    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))
    db.commit()
    return "", 204
