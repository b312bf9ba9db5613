"""Faults of reading the body: broken bodies are accepted, unusual ones end in a 500."""

from .fault import Edit, Fault, fault

CHECK = '    if request.mimetype != "application/json":\n'
UNREADABLE = "    except (ValueError, RecursionError):\n"
REFUSE = '        raise BadRequest("The body is not valid JSON.") from None'
LOADS = 'json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)'
CURSOR = 'if not re.fullmatch("[0-7][0-9a-f]{15}", cursor):'
REQUIRED = '{"pattern": pattern, "required": lambda *_: ()}'

FAULTS: tuple[Fault, ...] = (
    fault(
        "malformed_is_empty",
        "malformed_refused",
        "A body that cannot be read counts as {}.",
        "forms.py",
        REFUSE,
        "        return {}",
    ),
    fault(
        "malformed_tail_ignored",
        "malformed_refused",
        "What follows the first JSON value is not read.",
        "forms.py",
        LOADS,
        'json.JSONDecoder().raw_decode(raw.decode("utf-8").strip())[0]',
    ),
    fault(
        "malformed_as_text",
        "malformed_refused",
        "A body that cannot be read gets its missing brace and is read again.",
        "forms.py",
        LOADS,
        'repaired(raw.decode("utf-8"))',
        Edit(
            "forms.py",
            "def read_json",
            "def repaired(text: str) -> Any:\n"
            "    try:\n        return json.loads(text)\n"
            '    except json.JSONDecodeError:\n        return json.loads(text + "}")\n\n\ndef read_json',
        ),
    ),
    fault(
        "bad_utf8_replaced",
        "malformed_refused",
        "Bytes that are no UTF-8 are stored as replacement characters.",
        "forms.py",
        'raw.decode("utf-8")',
        'raw.decode("utf-8", "replace")',
    ),
    fault(
        "any_media_type",
        "media_type_refused",
        "The body is read as JSON whatever its Content-Type.",
        "forms.py",
        CHECK,
        "    if request.mimetype is None:\n",
    ),
    fault(
        "form_accepted",
        "media_type_refused",
        "An urlencoded form is accepted in place of JSON.",
        "forms.py",
        CHECK,
        '    if request.mimetype == "application/x-www-form-urlencoded":\n'
        "        items = request.form.items()\n"
        "        return {key: int(value) if value.isdecimal() else value for key, value in items}\n" + CHECK,
    ),
    fault(
        "plain_text_crashes",
        "media_type_refused",
        "A body of another media type ends in a 500: the view goes on with None.",
        "forms.py",
        '        raise UnsupportedMediaType("The body must be application/json.")',
        "        return None",
        Edit("forms.py", "    validator = Validator(", '    data.get("id")\n    validator = Validator('),
    ),
    fault(
        "deep_nesting_crashes",
        "no_server_error",
        "A body of deeply nested arrays ends in a 500.",
        "forms.py",
        UNREADABLE,
        "    except ValueError:\n",
    ),
    fault(
        "array_crashes",
        "no_server_error",
        "A body that is an array ends in a 500.",
        "forms.py",
        "    validator = Validator(",
        '    data.pop("id", None)\n    validator = Validator(',
    ),
    fault(
        "surrogate_crashes",
        "no_server_error",
        "Half of a surrogate pair ends in a 500.",
        "forms.py",
        '        json.dumps(data, ensure_ascii=False).encode("utf-8")  # refuses lone surrogates\n',
        "",
    ),
    fault(
        "nul_crashes",
        "no_server_error",
        "A null character in the text of a review ends in a 500.",
        "db.py",
        "    rating INTEGER NOT NULL,\n    text TEXT NOT NULL,",
        "    rating INTEGER NOT NULL,\n    text TEXT NOT NULL CHECK (instr(text, char(0)) = 0),",
        Edit("reviews.py", "    except sqlite3.IntegrityError:", "    except sqlite3.ProgrammingError:"),
    ),
    fault(
        "emoji_crashes",
        "no_server_error",
        "A title outside Latin 1 ends in a 500: it goes into a header.",
        "books.py",
        'return book, 201, {"Location"',
        'return book, 201, {"X-Title": form["title"].encode("latin-1").decode("latin-1"), "Location"',
    ),
    fault(
        "huge_id_crashes",
        "no_server_error",
        "A number in the path that needs more than 64 bits ends in a 500.",
        "db.py",
        'regex = "[1-9][0-9]{0,17}"',
        'regex = "[0-9]+"',
    ),
    fault(
        "huge_offset_crashes",
        "no_server_error",
        "An offset that needs more than 64 bits ends in a 500.",
        "forms.py",
        "    if not minimum <= number <= maximum:",
        '    if name != "offset" and not minimum <= number <= maximum:',
        Edit("forms.py", '"-?[0-9]{1,10}"', '"-?[0-9]{1,30}"'),
    ),
    fault(
        "bad_cursor_crashes",
        "no_server_error",
        "A cursor that is none ends in a 500.",
        "books.py",
        CURSOR,
        'if cursor == "":',
    ),
    fault(
        "null_crashes",
        "no_server_error",
        "A price of null ends in a 500.",
        "books.py",
        "    book = {**form, **made}",
        '    form["price"] = round(form["price"], 2)\n    book = {**form, **made}',
        Edit(
            "schemas.py",
            '"nullable": True, "default": None},\n    "published_on"',
            '"nullable": True, "default": 0},\n    "published_on"',
        ),
    ),
    fault(
        "missing_field_crashes",
        "no_server_error",
        "A body without a required field ends in a 500.",
        "forms.py",
        '{"pattern": pattern}',
        REQUIRED,
    ),
    fault(
        "empty_patch_crashes",
        "no_server_error",
        "A PATCH that changes nothing ends in a 500: its SQL has an empty SET.",
        "notes.py",
        "    return store(note_id, {**dict(row), **form})",
        '    changes = ", ".join(f"{name} = :{name}" for name in form)\n'
        "    get_db().execute(f\"UPDATE note SET {changes} WHERE id = {row['id']}\", form)\n"
        "    return store(note_id, {**dict(row), **form})",
    ),
)
