"""Faults of data: values are changed in silence on their way in or out."""

from .fault import Edit, Fault, fault

RETURN = "    return {**defaults, **data}"

FAULTS: tuple[Fault, ...] = (
    fault(
        "strings_stripped",
        "data_unchanged",
        "Spaces at the ends of every string are cut off.",
        "forms.py",
        RETURN,
        "    for key, value in data.items():\n"
        "        data[key] = value.strip() if isinstance(value, str) else value\n" + RETURN,
    ),
    fault(
        "strings_escaped",
        "data_unchanged",
        "Every string is escaped for HTML when it comes in.",
        "forms.py",
        RETURN,
        "    for key, value in data.items():\n"
        "        data[key] = html.escape(value) if isinstance(value, str) else value\n" + RETURN,
        Edit("forms.py", "import json\n", "import html\nimport json\n"),
    ),
    fault(
        "title_truncated",
        "data_unchanged",
        "A title of more than 64 characters is cut when it is stored.",
        "books.py",
        "    book = {**form, **made}",
        '    form["title"] = form["title"][:64]\n    book = {**form, **made}',
    ),
    fault(
        "note_body_ascii",
        "data_unchanged",
        "All that is not ASCII vanishes from the body of a note.",
        "notes.py",
        'form["title"], form["body"], form["pinned"]',
        'form["title"], form["body"].encode("ascii", "ignore").decode(), form["pinned"]',
    ),
    fault(
        "price_rounded",
        "data_unchanged",
        "The price is stored without its decimals.",
        "db.py",
        "    price REAL,",
        "    price INTEGER CHECK (1),",
        Edit(
            "books.py",
            ":genre, :pages, :price, :published_on",
            ":genre, :pages, CAST(:price AS INTEGER), :published_on",
        ),
    ),
    fault(
        "date_shifted",
        "data_unchanged",
        "published_on comes back a day early, as through a time zone.",
        "books.py",
        '    return {key: row[key] for key in row.keys() if key != "seq"}',
        '    row = dict(row) | {"published_on": day_before(row["published_on"])}\n'
        '    return {key: row[key] for key in row.keys() if key != "seq"}',
        Edit(
            "books.py",
            "def book_json",
            "def day_before(text: str | None) -> str | None:\n"
            "    if text is None or text == '0001-01-01':\n        return text\n"
            "    return (date.fromisoformat(text) - timedelta(days=1)).isoformat()\n\n\ndef book_json",
        ),
        Edit("books.py", "import re\n", "import re\nfrom datetime import date, timedelta\n"),
    ),
    fault(
        "empty_summary_is_null",
        "data_unchanged",
        "An empty summary comes back as null.",
        "books.py",
        "    book = {**form, **made}",
        '    form["summary"] = form["summary"] or None\n    book = {**form, **made}',
    ),
    fault(
        "review_text_normalized",
        "data_unchanged",
        "The text of a review is stored in Unicode's compatibility form.",
        "reviews.py",
        '        **form,\n        "id": str(review_id),',
        '        **form,\n        "text": unicodedata.normalize("NFKC", form["text"]),\n'
        '        "id": str(review_id),',
        Edit("reviews.py", "import sqlite3\n", "import sqlite3\nimport unicodedata\n"),
    ),
)
