"""Faults of PUT and PATCH: what is answered is not what is stored, or more than that changes."""

from .fault import Fault, fault

PUT_BOOK = '    form = read_form("BookInput")\n    return store(book_id, form)\n'
PATCH_BOOK = "    return store(book_id, {**dict(row), **form})"
PUT_NOTE = '    form = read_form("NoteInput")\n    return store(note_id, form)\n'
PATCH_NOTE = "    return store(note_id, {**dict(row), **form})"

FAULTS: tuple[Fault, ...] = (
    fault(
        "update_book_uncommitted",
        "put_stored",
        "PUT and PATCH of a book answer the new values and forget to commit.",
        "books.py",
        "    db.commit()\n    return book_json(find_book(book_id))",
        "    return book_json(find_book(book_id))",
    ),
    fault(
        "put_book_ignores_genre",
        "put_stored",
        "PUT of a book keeps the genre that it had.",
        "books.py",
        PUT_BOOK,
        PUT_BOOK.replace("    return", '    form["genre"] = find_book(book_id)["genre"]\n    return'),
    ),
    fault(
        "put_review_only_answers",
        "put_stored",
        "PUT of a review answers with the new values and writes nothing.",
        "reviews.py",
        "    db.commit()\n    return review_json(find_review(book_id, review_id))",
        "    db.rollback()\n    return {**review_json(find_review(book_id, review_id)), **form}",
    ),
    fault(
        "patch_book_ignores_falsy",
        "patch_stored",
        "PATCH of a book passes over null, zero and the empty string.",
        "books.py",
        PATCH_BOOK,
        "    return store(book_id, {**dict(row), **{key: value for key, value in form.items() if value}})",
    ),
    fault(
        "patch_book_ignores_title",
        "patch_stored",
        "PATCH of a book never changes the title.",
        "books.py",
        PATCH_BOOK,
        '    return store(book_id, {**dict(row), **form, "title": row["title"]})',
    ),
    fault(
        "patch_note_only_answers",
        "patch_stored",
        "PATCH of a note answers with the new values and writes nothing.",
        "notes.py",
        PATCH_NOTE,
        "    return {**note_json(row), **form}",
    ),
    fault(
        "patch_book_resets_omitted",
        "patch_keeps",
        "PATCH of a book empties the optional fields that were left out.",
        "books.py",
        PATCH_BOOK,
        '    empty = {"price": None, "published_on": None, "summary": None}\n'
        "    return store(book_id, {**dict(row), **empty, **form})",
    ),
    fault(
        "patch_note_unpins",
        "patch_keeps",
        "PATCH of a note without `pinned` unpins it.",
        "notes.py",
        PATCH_NOTE,
        '    return store(note_id, {**dict(row), **form, "pinned": form.get("pinned", False)})',
    ),
    fault(
        "put_book_keeps_omitted",
        "put_resets",
        "PUT of a book changes only what was given, as PATCH does.",
        "books.py",
        PUT_BOOK,
        '    read_form("BookInput")\n'
        "    return store(book_id, {**dict(find_book(book_id)), **request.get_json()})\n",
    ),
    fault(
        "put_note_keeps_body",
        "put_resets",
        "PUT of a note without a body keeps the old one.",
        "notes.py",
        PUT_NOTE,
        PUT_NOTE.replace(
            "    return", '    form["body"] = form["body"] or find_note(note_id)["body"]\n    return'
        ),
    ),
    fault(
        "update_book_moves_created_at",
        "created_at_fixed",
        "PUT and PATCH of a book set created_at anew.",
        "books.py",
        "summary = :summary, updated_at = :updated_at WHERE id = :id",
        "summary = :summary, created_at = :updated_at, updated_at = :updated_at WHERE id = :id",
    ),
    fault(
        "update_note_reinserts",
        "created_at_fixed",
        "PUT and PATCH of a note put a new row in the place of the old one.",
        "notes.py",
        '        "UPDATE note SET title = :title, body = :body, pinned = :pinned, updated_at = :updated_at"\n'
        '        " WHERE id = :id",\n'
        '        {**note, "id": note_id,',
        '        "REPLACE INTO note (id, owner_id, title, body, pinned, created_at, updated_at)"\n'
        '        " VALUES (:id, :owner_id, :title, :body, :pinned, :updated_at, :updated_at)",\n'
        '        {**note, "id": note_id, "owner_id": account_id(),',
    ),
    fault(
        "update_book_keeps_updated_at",
        "updated_at_moves",
        "PUT and PATCH of a book leave updated_at alone.",
        "books.py",
        " summary = :summary, updated_at = :updated_at WHERE",
        " summary = :summary WHERE",
    ),
    fault(
        "patch_note_keeps_updated_at",
        "updated_at_moves",
        "PATCH of a note writes the old updated_at back.",
        "notes.py",
        '{**note, "id": note_id, "updated_at": now()}',
        '{"updated_at": now(), **note, "id": note_id}',
    ),
    fault(
        "update_note_changes_all",
        "others_unchanged",
        "PUT and PATCH of a note change all notes of its owner.",
        "notes.py",
        '" WHERE id = :id",\n        {**note, "id": note_id,',
        '" WHERE owner_id = :owner",\n        {**note, "owner": account_id(),',
    ),
    fault(
        "put_review_changes_all",
        "others_unchanged",
        "PUT of a review changes all reviews of the book.",
        "reviews.py",
        'updated_at = :updated_at WHERE id = :id",\n        {**form, "id": str(review_id),',
        'updated_at = :updated_at WHERE book_id = :id",\n        {**form, "id": str(book_id),',
    ),
    fault(
        "show_book_touches",
        "safe_unchanged",
        "GET of a book moves its updated_at.",
        "books.py",
        "    return book_json(find_book(book_id))\n\n\ndef store",
        "    return store(book_id, dict(find_book(book_id)))\n\n\ndef store",
    ),
    fault(
        "show_note_unpins",
        "safe_unchanged",
        "GET of a note unpins it once it has been read.",
        "notes.py",
        "    return note_json(find_note(note_id))\n\n\ndef store",
        "    note = note_json(find_note(note_id))\n"
        '    get_db().execute("UPDATE note SET pinned = 0 WHERE id = ?", (note_id,))\n'
        "    get_db().commit()\n    return note\n\n\ndef store",
    ),
    fault(
        "put_note_adds_copy",
        "put_idempotent",
        "PUT of a note stores a copy of it each time.",
        "notes.py",
        PUT_NOTE,
        '    form = read_form("NoteInput")\n    create()\n    return store(note_id, form)\n',
    ),
    fault(
        "put_review_adds_version",
        "put_idempotent",
        "PUT of a review leaves the old version behind as a review of its own.",
        "reviews.py",
        '    form = read_form("ReviewInput")\n    db = get_db()\n    db.execute(\n        "UPDATE',
        '    form = read_form("ReviewInput")\n    db = get_db()\n'
        "    db.execute(\n"
        '        "INSERT INTO review (id, book_id, rating, text, created_by, created_at, updated_at)"\n'
        '        " SELECT ?, book_id, rating, text, created_by, created_at, updated_at"\n'
        '        " FROM review WHERE id = ?",\n'
        "        (str(uuid.uuid4()), str(review_id)),\n    )\n"
        '    db.execute(\n        "UPDATE',
    ),
)
