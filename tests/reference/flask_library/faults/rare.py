"""Faults of rare values, rare combinations and rare orders of requests, which few fixed requests meet."""

from .fault import Fault, fault

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
        "early_date_unwritable",
        "no_server_error",
        "Dates before 1900 cannot be written in the old way: a 500.",
        "books.py",
        FORM,
        FORM.replace(
            "    db, moment",
            '    if form["published_on"] and form["published_on"] < "1900":\n'
            '        raise ValueError("year is before 1900")\n'
            "    db, moment",
        ),
    ),
    fault(
        "cheap_science_fails",
        "no_server_error",
        "The share of an author of science is divided by the whole euros of the price: a 500 below one.",
        "books.py",
        FORM,
        FORM.replace(
            "    db, moment",
            '    if form["genre"] == "science" and form["price"] is not None and form["price"] > 0:\n'
            '        1 / int(form["price"])\n'
            "    db, moment",
        ),
    ),
    fault(
        "ten_thousand_as_text",
        "responses_match",
        "Ten thousand pages and some are shown as a text, with a comma in it.",
        "books.py",
        f"    return {BOOK}",
        f"    shown = {BOOK}"
        '    if shown["pages"] // 1000 == 10:\n'
        '        shown["pages"] = f"{shown[\'pages\']:,}"\n'
        "    return shown\n",
    ),
    fault(
        "long_pinned_note_without_body",
        "responses_match",
        "A pinned note with a long title is shown without its body.",
        "notes.py",
        NOTE,
        '    shown = {**{key: row[key] for key in COLUMNS}, "pinned": bool(row["pinned"])}\n'
        '    if shown["pinned"] and len(shown["title"]) > 60:\n        del shown["body"]\n    return shown\n',
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
