"""Faults of validation: bad input is accepted, or refused after it was stored."""

from .fault import Edit, Fault, fault

KEYWORDS = '{"pattern": pattern}'
READ = "    data = read_json()\n"
CREATE_NOTE = '    form = read_form("NoteInput")\n    db, moment'
INSERT_NOTE = '    db.commit()\n    note = {"id": note_id'
PATCH_BOOK = '    form = read_form("BookPatch")\n    return store(book_id, {**dict(row), **form})'


def unchecked(name: str, keyword: str, title: str) -> Fault:
    """Return the fault of a validator that does not know one keyword of the schemas."""
    new = f'{{"pattern": pattern, "{keyword}": lambda *_: ()}}'
    return fault(name, "invalid_refused", title, "forms.py", KEYWORDS, new)


FAULTS: tuple[Fault, ...] = (
    unchecked("too_long_accepted", "maxLength", "Strings longer than declared are accepted."),
    unchecked(
        "too_short_accepted", "minLength", "Strings shorter than declared, empty ones too, are accepted."
    ),
    unchecked("too_large_accepted", "maximum", "Numbers above the declared maximum are accepted."),
    unchecked("too_small_accepted", "minimum", "Numbers below the declared minimum are accepted."),
    unchecked("other_genre_accepted", "enum", "Any string is accepted as a genre."),
    unchecked("other_format_accepted", "format", "Any string is accepted as a date or an email."),
    fault(
        "tag_pattern_ignored",
        "invalid_refused",
        "Any string is accepted as the name of a tag.",
        "forms.py",
        KEYWORDS,
        '{"pattern": lambda *_: ()}',
    ),
    fault(
        "rating_off_by_one",
        "invalid_refused",
        "A rating of 6 is accepted, where 5 is the declared maximum.",
        "forms.py",
        READ,
        READ + '    if name == "ReviewInput":\n        schema = widened(schema)\n',
        Edit(
            "forms.py",
            "def read_form(",
            "def widened(schema: Any) -> Any:\n"
            '    rating = {"type": "integer", "minimum": 1, "maximum": 6}\n'
            '    return {**schema, "properties": {**schema["properties"], "rating": rating}}\n\n\n'
            "def read_form(",
        ),
    ),
    fault(
        "missing_pages_accepted",
        "invalid_refused",
        "A book without the required pages gets one page.",
        "forms.py",
        READ,
        READ
        + '    if name == "BookInput" and isinstance(data, dict):\n        data.setdefault("pages", 1)\n',
    ),
    fault(
        "numbers_as_text_accepted",
        "invalid_refused",
        'Numbers in quotes are accepted as numbers: pages "12".',
        "forms.py",
        READ,
        READ + "    if isinstance(data, dict):\n"
        "        data = {key: number(value) for key, value in data.items()}\n",
        Edit(
            "forms.py",
            "def read_form(",
            "def number(value: Any) -> Any:\n"
            "    digits = isinstance(value, str) and re.fullmatch('[0-9]{1,9}', value)\n"
            "    return int(value) if digits else value\n\n\n"
            "def read_form(",
        ),
    ),
    fault(
        "anything_as_boolean_accepted",
        "invalid_refused",
        "A note takes anything for `pinned` and makes a boolean of it.",
        "forms.py",
        READ,
        READ + '    if isinstance(data, dict) and "pinned" in data:\n'
        '        data["pinned"] = bool(data["pinned"])\n',
    ),
    fault(
        "patch_note_unchecked",
        "invalid_refused",
        "PATCH of a note drops fields that do not pass the check and answers 200.",
        "forms.py",
        "    if problems:\n",
        '    if problems and name == "NotePatch":\n'
        "        return {key: value for key, value in data.items() if key not in problems}\n"
        "    if problems:\n",
    ),
    fault(
        "query_defaults",
        "invalid_refused",
        "A limit that is no integer is taken for the default.",
        "forms.py",
        '        raise Invalid({name: "must be an integer"})',
        "        return default",
    ),
    fault(
        "query_choice_ignored",
        "invalid_refused",
        "An unknown sort or genre is ignored.",
        "forms.py",
        "        raise Invalid({name: f\"must be one of {', '.join(choices)}\"})",
        "        return None",
    ),
    fault(
        "unknown_fields_accepted",
        "unknown_refused",
        "Fields that the schema does not know are accepted, where it says none are.",
        "forms.py",
        KEYWORDS,
        '{"pattern": pattern, "additionalProperties": lambda *_: ()}',
        Edit("forms.py", "    return {**defaults, **data}", "    return {**defaults, **known(schema, data)}"),
        Edit(
            "forms.py",
            "def read_form(",
            "def known(schema: Any, data: Any) -> Any:\n"
            '    return {key: value for key, value in data.items() if key in schema["properties"]}\n\n\n'
            "def read_form(",
        ),
    ),
    fault(
        "unknown_fields_dropped_by_patch",
        "unknown_refused",
        "PATCH drops unknown fields before the check.",
        "forms.py",
        READ,
        READ + '    if request.method == "PATCH" and isinstance(data, dict):\n'
        '        data = {key: value for key, value in data.items() if key in schema["properties"]}\n',
    ),
    fault(
        "creator_from_body",
        "mass_assignment",
        "POST /books lets the body name the creator.",
        "books.py",
        "    book = {**form, **made}",
        "    book = {**made, **form}",
        Edit(
            "db.py",
            "summary TEXT,\n    created_by TEXT NOT NULL REFERENCES account (id),",
            "summary TEXT,\n    created_by TEXT NOT NULL,",
        ),
        Edit(
            "forms.py",
            READ,
            READ + '    if name == "BookInput":\n'
            '        creator = {"type": "string", "format": "uuid"}\n'
            '        properties = {**schema["properties"], "created_by": creator}\n'
            '        schema = {**schema, "properties": properties}\n',
        ),
    ),
    fault(
        "created_at_from_body",
        "mass_assignment",
        "PATCH of a note takes created_at from the body.",
        "notes.py",
        "SET title = :title,",
        "SET created_at = :created_at, title = :title,",
        Edit(
            "notes.py",
            '{**note, "id": note_id, "updated_at": now()}',
            '{"created_at": now(), **note, "id": note_id, "updated_at": now()}',
        ),
        Edit(
            "forms.py",
            READ,
            READ + '    if name == "NotePatch":\n'
            '        moment = {"type": "string", "format": "date-time"}\n'
            '        properties = {**schema["properties"], "created_at": moment}\n'
            '        schema = {**schema, "properties": properties}\n',
        ),
    ),
    fault(
        "create_note_checked_late",
        "refused_not_stored",
        "POST /notes stores the note, then checks it and answers 422.",
        "notes.py",
        CREATE_NOTE,
        '    form = {"body": "", "pinned": False, **read_json()}\n    db, moment',
        Edit(
            "notes.py",
            INSERT_NOTE,
            '    db.commit()\n    form = read_form("NoteInput")\n    note = {"id": note_id',
        ),
        Edit("notes.py", "query_integer, read_form", "query_integer, read_form, read_json"),
        Edit("notes.py", '(account_id(), form["title"],', '(account_id(), str(form.get("title")),'),
    ),
    fault(
        "patch_book_checked_late",
        "refused_not_stored",
        "PATCH of a book stores what was given, then checks it and answers 422.",
        "books.py",
        PATCH_BOOK,
        "    book = store(book_id, {**dict(row), **read_json()})\n"
        '    read_form("BookPatch")\n    return book',
        Edit("books.py", "query_text, read_form", "query_text, read_form, read_json"),
    ),
)
