"""Faults of authorization: one account reads, changes or deletes what is another's."""

from .fault import Edit, Fault, fault

ANY_NOTE = '"SELECT * FROM note WHERE id = ?", (note_id,)'
SHOW = "    return note_json(find_note(note_id))\n\n\ndef store"
OPEN = (
    "def any_note(note_id: int) -> sqlite3.Row:\n"
    f"    row: sqlite3.Row | None = get_db().execute({ANY_NOTE}).fetchone()\n"
    '    if row is None:\n        abort(404, "There is no such note.")\n    return row\n\n\ndef find_note'
)
ANY = Edit("notes.py", "def find_note", OPEN)
STORED = "    return note_json(find_note(note_id))\n\n\n@bp.put"
ANSWER = Edit("notes.py", STORED, STORED.replace("find_note", "any_note"))

FAULTS: tuple[Fault, ...] = (
    fault(
        "note_read_by_all",
        "private_unreadable",
        "GET of a note does not ask whose it is.",
        "notes.py",
        SHOW,
        SHOW.replace("find_note", "any_note"),
        ANY,
    ),
    fault(
        "notes_listed_for_all",
        "private_unreadable",
        "GET /notes lists the notes of all accounts.",
        "notes.py",
        "    rows = get_db().execute(ORDERS[order],",
        '    ordered = ORDERS[order].replace("owner_id = :owner", "owner_id >= :owner OR 1")\n'
        "    rows = get_db().execute(ordered,",
    ),
    fault(
        "sorted_notes_listed_for_all",
        "private_unreadable",
        "GET /notes?sort=-id lists the notes of all accounts.",
        "notes.py",
        '"SELECT * FROM note WHERE owner_id = :owner ORDER BY id DESC"',
        '"SELECT * FROM note WHERE owner_id = :owner OR 1 ORDER BY id DESC"',
    ),
    fault(
        "note_put_by_all",
        "stranger_change",
        "PUT of a note does not ask whose it is.",
        "notes.py",
        '    find_note(note_id)\n    form = read_form("NoteInput")',
        '    any_note(note_id)\n    form = read_form("NoteInput")',
        ANY,
        ANSWER,
    ),
    fault(
        "note_patched_by_all",
        "stranger_change",
        "PATCH of a note does not ask whose it is.",
        "notes.py",
        '    row = find_note(note_id)\n    form = read_form("NotePatch")',
        '    row = any_note(note_id)\n    form = read_form("NotePatch")',
        ANY,
        ANSWER,
    ),
    fault(
        "note_checked_late",
        "stranger_change",
        "PUT of another's note changes it, then answers 404.",
        "notes.py",
        '    find_note(note_id)\n    form = read_form("NoteInput")',
        '    form = read_form("NoteInput")',
    ),
    fault(
        "book_put_by_all",
        "stranger_change",
        "PUT of a book does not ask who created it.",
        "books.py",
        '    own_book(book_id)\n    form = read_form("BookInput")',
        '    find_book(book_id)\n    form = read_form("BookInput")',
    ),
    fault(
        "book_patched_by_all",
        "stranger_change",
        "PATCH of a book does not ask who created it.",
        "books.py",
        "    row = own_book(book_id)\n",
        "    row = find_book(book_id)\n",
    ),
    fault(
        "book_patch_checked_late",
        "stranger_change",
        "PATCH of another's book changes it, then answers 403.",
        "books.py",
        '    row = own_book(book_id)\n    form = read_form("BookPatch")\n'
        "    return store(book_id, {**dict(row), **form})",
        '    row = find_book(book_id)\n    form = read_form("BookPatch")\n'
        "    book = store(book_id, {**dict(row), **form})\n    own_book(book_id)\n    return book",
    ),
    fault(
        "review_put_by_book_owner",
        "stranger_change",
        "PUT of a review asks who created the book, not the review.",
        "reviews.py",
        "    own_review(book_id, review_id)\n    form",
        '    if find_book(book_id)["created_by"] != account_id():\n'
        "        own_review(book_id, review_id)\n    form",
    ),
    fault(
        "review_put_by_all",
        "stranger_change",
        "PUT of a review does not ask who created it.",
        "reviews.py",
        "    own_review(book_id, review_id)\n    form",
        "    find_review(book_id, review_id)\n    form",
    ),
    fault(
        "tag_renamed_by_all",
        "stranger_change",
        "PUT of a tag does not ask who created it.",
        "tags.py",
        "    own_tag(tag_id)\n    form",
        "    find_tag(tag_id)\n    form",
    ),
    fault(
        "note_deleted_by_all",
        "stranger_delete",
        "DELETE of a note does not ask whose it is.",
        "notes.py",
        '    find_note(note_id)\n    db = get_db()\n    db.execute("DELETE',
        '    any_note(note_id)\n    db = get_db()\n    db.execute("DELETE',
        ANY,
    ),
    fault(
        "book_deleted_by_all",
        "stranger_delete",
        "DELETE of a book does not ask who created it.",
        "books.py",
        "    own_book(book_id)\n    db = get_db()",
        "    find_book(book_id)\n    db = get_db()",
    ),
    fault(
        "review_deleted_by_all",
        "stranger_delete",
        "DELETE of a review does not ask who created it.",
        "reviews.py",
        '    own_review(book_id, review_id)\n    db = get_db()\n    db.execute("DELETE',
        '    find_review(book_id, review_id)\n    db = get_db()\n    db.execute("DELETE',
    ),
    fault(
        "tag_delete_checked_late",
        "stranger_delete",
        "DELETE of another's tag deletes it, then answers 403.",
        "tags.py",
        '    own_tag(tag_id)\n    db = get_db()\n    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))\n'
        '    db.commit()\n    return "", 204',
        "    tag = find_tag(tag_id)\n    db = get_db()\n"
        '    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))\n    db.commit()\n'
        '    if tag["created_by"] != account_id():\n'
        '        abort(403, "Only its creator may delete a tag.")\n'
        '    return "", 204',
    ),
    fault(
        "note_existence_told",
        "existence_hidden",
        "Another's note answers 403, one that is not there 404.",
        "notes.py",
        '    if row is None:\n        abort(404, "There is no such note.")\n',
        "    if row is None:\n"
        f"        taken = get_db().execute({ANY_NOTE}).fetchone()\n"
        '        abort(403 if taken else 404, "There is no such note.")\n',
    ),
    fault(
        "note_existence_worded",
        "existence_hidden",
        "Another's note and one that is not there answer 404 in different words.",
        "notes.py",
        '    if row is None:\n        abort(404, "There is no such note.")\n',
        "    if row is None:\n"
        f"        taken = get_db().execute({ANY_NOTE}).fetchone()\n"
        '        abort(404, "This note is private." if taken else "There is no such note.")\n',
    ),
    fault(
        "notes_counted_in_header",
        "strangers_total",
        "X-Total-Count of GET /notes counts everybody's notes.",
        "notes.py",
        '    return {"items": [note_json(row) for row in page], "total": len(rows)}',
        '    (every,) = get_db().execute("SELECT count(*) FROM note").fetchone()\n'
        '    body = {"items": [note_json(row) for row in page], "total": len(rows)}\n'
        '    return body, 200, {"X-Total-Count": str(every)}',
    ),
    fault(
        "reminders_of_all_counted",
        "strangers_total",
        "The total of GET /reminders counts everybody's reminders.",
        "reminders.py",
        '"total": len(rows)}',
        '"total": get_db().execute("SELECT max(id) FROM reminder").fetchone()[0] or 0}',
    ),
    fault(
        "note_totals_of_all",
        "existence_hidden",
        "The total of GET /notes counts everybody's notes.",
        "notes.py",
        '"total": len(rows)}',
        '"total": get_db().execute("SELECT count(*) FROM note").fetchone()[0]}',
    ),
)
