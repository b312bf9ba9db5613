"""Faults of rare values, rare combinations and rare orders of requests, which few fixed requests meet."""

from .fault import Edit, Fault, fault

READ = "    data = read_json()\n"
FORM = '    form = read_form("BookInput")\n    db, moment'
BOOK = '{key: row[key] for key in row.keys() if key != "seq"}  # noqa: SIM118 - a Row iterates over values\n'
NOTE = '    return {**{key: row[key] for key in COLUMNS}, "pinned": bool(row["pinned"])}\n'
DELETE = '    find_note(note_id)\n    db = get_db()\n    db.execute("DELETE'

FAULTS: tuple[Fault, ...] = (
    fault(
        "history_of_any_length",
        "invalid_refused",
        "A book of history may have more pages than the declared maximum.",
        "forms.py",
        READ,
        READ + '    if name == "BookInput" and isinstance(data, dict) and data.get("genre") == "history":\n'
        '        pages = {"type": "integer", "minimum": 1}\n'
        '        schema = {**schema, "properties": {**schema["properties"], "pages": pages}}\n',
    ),
    fault(
        "private_names_dropped",
        "invalid_refused",
        "Fields that begin with an underscore are dropped, where the schema says no others are known.",
        "forms.py",
        READ,
        READ + "    if isinstance(data, dict):\n"
        '        data = {key: value for key, value in data.items() if not key.startswith("_")}\n',
    ),
    fault(
        "leap_day_has_no_anniversary",
        "no_server_error",
        "The first anniversary of a book that was published on a leap day is no date: a 500.",
        "books.py",
        FORM,
        FORM.replace(
            "    db, moment",
            '    if form["published_on"]:\n'
            '        day = date.fromisoformat(form["published_on"])\n'
            "        day.replace(year=day.year + 1)\n    db, moment",
        ),
        Edit("books.py", "import uuid\n", "import uuid\nfrom datetime import date\n"),
    ),
    fault(
        "tiny_price_unwritable",
        "no_server_error",
        "A price is cut at its point, and one with an exponent has none: a 500.",
        "books.py",
        FORM,
        FORM.replace(
            "    db, moment",
            '    if form["price"] is not None:\n        int(str(form["price"]).partition(".")[0])\n'
            "    db, moment",
        ),
    ),
    fault(
        "round_pages_as_text",
        "responses_match",
        "Pages are shown as a text where they are of a certain roundness.",
        "books.py",
        f"    return {BOOK}",
        f"    shown = {BOOK}"
        '    if shown["pages"] > 300 and shown["pages"] % 256 == 0:\n'
        '        shown["pages"] = f"{shown[\'pages\']:,}"\n'
        "    return shown\n",
    ),
    fault(
        "pinned_note_without_body",
        "responses_match",
        "A pinned note with an empty body is shown without it.",
        "notes.py",
        NOTE,
        '    shown = {**{key: row[key] for key in COLUMNS}, "pinned": bool(row["pinned"])}\n'
        '    if shown["pinned"] and not shown["body"]:\n        del shown["body"]\n    return shown\n',
    ),
    fault(
        "history_cannot_be_withdrawn",
        "no_server_error",
        "A book that has become one of history cannot lose its date by itself: a 500.",
        "books.py",
        '    row = own_book(book_id)\n    form = read_form("BookPatch")\n',
        '    row = own_book(book_id)\n    form = read_form("BookPatch")\n'
        '    if row["genre"] == "history" and "published_on" in form and form["published_on"] is None:\n'
        '        raise RuntimeError("a date is missing")\n',
    ),
    fault(
        "pinned_empty_note_stays",
        "no_server_error",
        "A note that was emptied while it was pinned cannot be deleted: a 500.",
        "notes.py",
        DELETE,
        DELETE.replace(
            "    find_note(note_id)\n",
            "    note = find_note(note_id)\n"
            '    if note["pinned"] and not note["body"]:\n        raise RuntimeError("nothing to archive")\n',
        ),
    ),
)
