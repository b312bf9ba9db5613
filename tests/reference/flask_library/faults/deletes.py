"""Faults of DELETE: what was deleted is still there, or what was not is gone."""

from .fault import Edit, Fault, fault

FIND_TAG = '"SELECT * FROM tag WHERE id = ?"'

FAULTS: tuple[Fault, ...] = (
    fault(
        "delete_book_uncommitted",
        "deleted_gone",
        "DELETE of a book forgets to commit.",
        "books.py",
        '    db.commit()\n    return "", 204',
        '    return "", 204',
    ),
    fault(
        "delete_note_only_hides",
        "deleted_gone",
        "DELETE of a note takes it off the list; by its number it can still be read.",
        "notes.py",
        '"DELETE FROM note WHERE id = ?"',
        '"UPDATE note SET deleted = 1 WHERE id = ?"',
        Edit(
            "db.py",
            "    pinned INTEGER NOT NULL,",
            "    pinned INTEGER NOT NULL,\n    deleted INTEGER DEFAULT 0,",
        ),
        Edit(
            "notes.py",
            "    if pinned is not None:",
            '    rows = [row for row in rows if not row["deleted"]]\n    if pinned is not None:',
        ),
    ),
    fault(
        "delete_review_empties",
        "deleted_gone",
        "DELETE of a review blanks its text and keeps the review.",
        "reviews.py",
        '"DELETE FROM review WHERE id = ?"',
        "\"UPDATE review SET text = '[deleted]' WHERE id = ?\"",
    ),
    fault(
        "delete_tag_stays_listed",
        "deleted_unlisted",
        "A deleted tag cannot be read, yet the list shows it.",
        "tags.py",
        '"DELETE FROM tag WHERE id = ?"',
        '"UPDATE tag SET deleted = 1 WHERE id = ?"',
        Edit(
            "db.py",
            "    name TEXT NOT NULL UNIQUE,",
            "    name TEXT NOT NULL UNIQUE,\n    deleted INTEGER DEFAULT 0,",
        ),
        Edit("tags.py", FIND_TAG, '"SELECT id, name, created_by FROM tag WHERE id = ? AND deleted = 0"'),
        Edit("tags.py", "SELECT * FROM tag ORDER BY", "SELECT id, name, created_by FROM tag ORDER BY"),
    ),
    fault(
        "delete_book_listed_from_memory",
        "deleted_unlisted",
        "GET /books remembers every book that it has shown, deleted ones too.",
        "books.py",
        "    books = rows.fetchall()\n",
        '    books = list(SEEN.setdefault(str(where), {row["id"]: row for row in rows}).values())\n',
        Edit(
            "books.py",
            "def write_cursor",
            "SEEN: dict[str, dict[str, sqlite3.Row]] = {}\n\n\ndef write_cursor",
        ),
    ),
    fault(
        "delete_note_deletes_all",
        "sibling_survives",
        "DELETE of a note deletes all notes of its owner.",
        "notes.py",
        '"DELETE FROM note WHERE id = ?", (note_id,)',
        '"DELETE FROM note WHERE owner_id = ?", (account_id(),)',
    ),
    fault(
        "delete_review_deletes_all",
        "sibling_survives",
        "DELETE of a review deletes all reviews of the book.",
        "reviews.py",
        '"DELETE FROM review WHERE id = ?", (str(review_id),)',
        '"DELETE FROM review WHERE book_id = ?", (str(book_id),)',
    ),
    fault(
        "delete_tag_deletes_older",
        "sibling_survives",
        "DELETE of a tag deletes those made before it as well.",
        "tags.py",
        '"DELETE FROM tag WHERE id = ?"',
        '"DELETE FROM tag WHERE id <= ?"',
    ),
    fault(
        "delete_book_by_creator",
        "sibling_survives",
        "DELETE of a book deletes all books of its creator.",
        "books.py",
        '"DELETE FROM book WHERE id = ?", (str(book_id),)',
        '"DELETE FROM book WHERE created_by = ?", (account_id(),)',
    ),
    fault(
        "delete_note_twice",
        "delete_once",
        "DELETE of a note answers 204 whether there is one or not.",
        "notes.py",
        "    find_note(note_id)\n    db = get_db()\n"
        '    db.execute("DELETE FROM note WHERE id = ?", (note_id,))',
        "    db = get_db()\n"
        '    db.execute("DELETE FROM note WHERE id = ? AND owner_id = ?", (note_id, account_id()))',
    ),
    fault(
        "delete_tag_twice",
        "delete_once",
        "DELETE of a tag that is gone answers 200 with null.",
        "tags.py",
        '    own_tag(tag_id)\n    db = get_db()\n    db.execute("DELETE',
        f"    if get_db().execute({FIND_TAG}, (tag_id,)).fetchone() is None:\n"
        '        return "null", 200\n    own_tag(tag_id)\n    db = get_db()\n    db.execute("DELETE',
    ),
    fault(
        "delete_book_leaves_reviews",
        "children_gone",
        "The reviews of a deleted book can still be read: foreign keys are not switched on.",
        "db.py",
        "PRAGMA foreign_keys = ON",
        "PRAGMA foreign_keys = OFF",
    ),
    fault(
        "delete_book_archives",
        "children_gone",
        "DELETE of a book marks it as deleted; nothing marks its reviews.",
        "books.py",
        '"DELETE FROM book WHERE id = ?"',
        '"UPDATE book SET deleted = 1 WHERE id = ?"',
        Edit("db.py", "    summary TEXT,", "    summary TEXT,\n    deleted INTEGER DEFAULT 0,"),
        Edit(
            "books.py",
            'FROM book WHERE id = ?", (str(book_id),)).fetch',
            'FROM book WHERE id = ? AND NOT deleted", (str(book_id),)).fetch',
        ),
        Edit("books.py", "FROM book WHERE seq > :after", "FROM book WHERE NOT deleted AND seq > :after"),
        Edit("books.py", 'if key != "seq"}', 'if key not in ("seq", "deleted")}'),
    ),
)
