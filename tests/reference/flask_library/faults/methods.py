"""Faults of HEAD and OPTIONS, and of headers that browsers and caches obey."""

from .fault import Edit, Fault, fault

HOOK = "    @app.after_request\n"
CACHE = 'response.headers["Cache-Control"] = "private, no-store"'
IMPORT = "from flask import Flask, Response\n"


def before(body: str) -> str:
    """Return the hook with another one in front of it."""
    return f"    @app.before_request\n    def early() -> Any:\n{body}        return None\n\n" + HOOK


FAULTS: tuple[Fault, ...] = (
    fault(
        "head_refused",
        "head_is_get",
        "HEAD answers 405 where GET answers 200.",
        "__init__.py",
        HOOK,
        before('        if request.method == "HEAD":\n            abort(405)\n'),
        Edit("__init__.py", IMPORT, "from flask import Flask, Response, abort, request\n"),
    ),
    fault(
        "head_of_book_missing",
        "head_is_get",
        "HEAD of a book answers 404: the view looks at the method.",
        "books.py",
        "    return book_json(find_book(book_id))\n\n\ndef store",
        '    if request.method != "GET":\n        abort(404)\n'
        "    return book_json(find_book(book_id))\n\n\ndef store",
    ),
    fault(
        "options_made_up",
        "options_true",
        "OPTIONS names the same methods on every path.",
        "__init__.py",
        HOOK,
        before(
            '        if request.method == "OPTIONS":\n'
            '            return "", 200, {"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}\n'
        ),
        Edit("__init__.py", IMPORT, "from flask import Flask, Response, request\n"),
    ),
    fault(
        "options_without_allow",
        "options_true",
        "OPTIONS answers 200 without Allow.",
        "__init__.py",
        HOOK,
        HOOK + '    def bare(response: Response) -> Response:\n        response.headers.pop("Allow", None)\n'
        "        return response\n\n" + HOOK,
    ),
    fault(
        "notes_cached_by_all",
        "private_not_cacheable",
        "What is private may be kept by shared caches.",
        "__init__.py",
        CACHE,
        'response.headers["Cache-Control"] = "public, max-age=600"',
    ),
    fault(
        "cache_lasts_for_proxies",
        "private_not_cacheable",
        "What is private may be kept by proxies for an hour: s-maxage overrules.",
        "__init__.py",
        CACHE,
        'response.headers["Cache-Control"] = "s-maxage=3600, max-age=0"',
    ),
    fault(
        "cors_reflects_origin",
        "cors_closed",
        "Every origin is let in with credentials.",
        "__init__.py",
        HOOK,
        HOOK + "    def cors(response: Response) -> Response:\n"
        '        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")\n'
        '        response.headers["Access-Control-Allow-Credentials"] = "true"\n'
        "        return response\n\n" + HOOK,
        Edit("__init__.py", IMPORT, "from flask import Flask, Response, request\n"),
    ),
    fault(
        "cors_matches_prefix",
        "cors_closed",
        "Every origin that starts with http is let in with credentials.",
        "__init__.py",
        HOOK,
        HOOK + "    def cors(response: Response) -> Response:\n"
        '        origin = request.headers.get("Origin", "")\n'
        '        if re.match("https?://.*", origin):\n'
        "            response.access_control_allow_origin = origin\n"
        "            response.access_control_allow_credentials = True\n"
        "        return response\n\n" + HOOK,
        Edit("__init__.py", IMPORT, "import re\n\nfrom flask import Flask, Response, request\n"),
    ),
)
