"""Faults of odd input and of lists: requests that make the service fail, pages and numbers that change."""

from .fault import Edit, Fault, fault

LOADS = '        data = json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)\n'
UNIQUE = """\
def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    \"\"\"Keep each name once.\"\"\"
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


async def read_json("""
CURSOR = """\
    if cursor is not None and not re.fullmatch(r"[0-9]{1,12}\\.[0-9]{6}-[0-9a-f]{32}", cursor):
        raise unfit("cursor", "is none of this list's")
    after = [row for row in rows if cursor is None or place(row) < cursor]
    page = after[:size]
    further = place(page[-1]) if len(after) > size else None
"""


def cursor(form: str, start: str, following: str) -> str:
    """Return the code of a list whose cursor is a number after a letter."""
    return f"""\
    if cursor is not None and not re.fullmatch(r"{form}[0-9]{{1,6}}", cursor):
        raise unfit("cursor", "is none of this list's")
    number = int(cursor[1:]) if cursor else 0
    after = rows[{start}:]
    page = after[:size]
    further = f"{form}{{{following}}}" if len(after) > size else None
"""


FAULTS: tuple[Fault, ...] = (
    fault(
        "duplicate_key_crashes",
        "odd_input",
        "A body with one name twice fails an assertion: a 500.",
        "forms.py",
        LOADS,
        LOADS.replace("parse_constant", "object_pairs_hook=unique, parse_constant"),
        Edit("forms.py", "async def read_json(", UNIQUE),
    ),
    fault(
        "byte_order_mark_crashes",
        "odd_input",
        "A byte order mark is passed over by one reader and not by the next, which nobody expects: a 500.",
        "forms.py",
        LOADS,
        LOADS.replace("utf-8", "utf-8-sig"),
        Edit(
            "forms.py",
            "    except ValidationError as error:\n        raise Refused(",
            '    except ValidationError as error:\n        if error.errors()[0]["type"] == "json_invalid":\n'
            "            raise AssertionError from error\n        raise Refused(",
        ),
    ),
    fault(
        "many_fields_crash",
        "odd_input",
        "Header fields are copied into a log line of fixed size: a request with many of them is a 500.",
        "errors.py",
        "    try:\n        return await handler(request)\n",
        "    try:\n        if len(request.headers) > 64:\n"
        '            raise OverflowError("too many fields")\n        return await handler(request)\n',
    ),
    fault(
        "null_in_path_crashes",
        "odd_input",
        "A null character in the path reaches a library of C: a 500.",
        "products.py",
        "    try:\n        row = request.app[STORE].products.get(",
        '    if "\\0" in request.match_info["product_id"]:\n'
        '        raise RuntimeError("embedded null byte")\n'
        "    try:\n        row = request.app[STORE].products.get(",
    ),
    fault(
        "cursor_counts_items",
        "cursor_stable",
        "The cursor counts the items before it: one that is added meanwhile shows the last item again.",
        "products.py",
        CURSOR,
        cursor("o", "number", "number + size"),
    ),
    fault(
        "cursor_is_page",
        "cursor_stable",
        "The cursor is a page number in disguise.",
        "products.py",
        CURSOR,
        cursor("p", "number * size", "number + 1"),
    ),
    fault(
        "barcode_as_double",
        "large_integers",
        "A barcode is kept as a double: the last digits of a long one change.",
        "store.py",
        '        row = {"id": uuid.uuid4(), **form,',
        '        if form["barcode"] is not None:\n            form["barcode"] = int(float(form["barcode"]))\n'
        '        row = {"id": uuid.uuid4(), **form,',
    ),
    fault(
        "barcode_clipped",
        "large_integers",
        "A barcode beyond what JavaScript can count to is clipped.",
        "store.py",
        '        self.products[row["id"]] = row\n',
        '        row["barcode"] = row["barcode"] and min(row["barcode"], 2**53 - 1)\n'
        '        self.products[row["id"]] = row\n',
    ),
)
