"""Faults of errors: another shape on one layer, a header forgotten, a status not declared."""

from .fault import Edit, Fault, fault

RESPONSE = "    response = Response(status=error.code, headers=error.get_headers())\n"
CHALLENGE = 'Unauthorized(message, www_authenticate=WWWAuthenticate("bearer", {"realm": "library"}))'
TAKEN = (
    '    except sqlite3.IntegrityError:\n        raise Taken("name") from None\n    db.commit()\n    tag_id'
)


def plain(name: str, status: int, title: str) -> Fault:
    """Return the fault of a status that is left to Flask's own HTML page."""
    new = f"    if error.code == {status}:\n        return error.get_response()\n" + RESPONSE
    return fault(name, "one_shape", title, "errors.py", RESPONSE, new)


FAULTS: tuple[Fault, ...] = (
    fault(
        "router_404_html",
        "one_shape",
        "A path that is no route gets Flask's own page.",
        "errors.py",
        RESPONSE,
        '    if error.code == 404 and "requested URL" in str(error.description):\n'
        "        return error.get_response()\n" + RESPONSE,
    ),
    plain("method_405_html", 405, "A method that a path does not have gets Flask's own page."),
    plain("large_413_html", 413, "A body that is too large gets Flask's own page."),
    plain("media_415_html", 415, "A body of another media type gets Flask's own page."),
    plain("malformed_400_html", 400, "A body that is not JSON gets Flask's own page."),
    plain("nobody_401_html", 401, "A request without a token gets Flask's own page."),
    fault(
        "invalid_other_shape",
        "one_shape",
        "Validation answers a list of its own: {errors: [{field, message}]}.",
        "errors.py",
        '    return json.dumps({"error": detail})',
        '    if error.code == 422:\n        fields = getattr(error, "fields", {})\n'
        '        return json.dumps({"errors": [{"field": key, "message": fields[key]} for key in fields]})\n'
        '    return json.dumps({"error": detail})',
    ),
    fault(
        "nobody_other_shape",
        "one_shape",
        "A request without a token gets {msg}.",
        "errors.py",
        '    return json.dumps({"error": detail})',
        '    return json.dumps({"msg": detail["message"]} if error.code == 401 else {"error": detail})',
    ),
    fault(
        "taken_other_shape",
        "one_shape",
        "POST /tags answers a taken name with {detail}.",
        "tags.py",
        TAKEN,
        TAKEN.replace('raise Taken("name") from None', 'return {"detail": "taken"}, 409, {}'),
    ),
    fault(
        "note_other_shape",
        "one_shape",
        "GET of a note that is not there answers {message}.",
        "notes.py",
        "    return note_json(find_note(note_id))\n\n\ndef store",
        "    try:\n        return note_json(find_note(note_id))\n"
        '    except NotFound:\n        return {"message": "not found"}, 404\n\n\ndef store',
        Edit(
            "notes.py", "from .auth import", "from werkzeug.exceptions import NotFound\n\nfrom .auth import"
        ),
    ),
    fault(
        "error_as_string",
        "one_shape",
        "403 carries its error as a string.",
        "errors.py",
        '    return json.dumps({"error": detail})',
        '    return json.dumps({"error": error.description if error.code == 403 else detail})',
    ),
    fault(
        "errors_as_text",
        "error_media_type",
        "Errors are JSON that calls itself text/html.",
        "errors.py",
        'response.content_type = "application/json"',
        'response.content_type = "text/html; charset=utf-8"',
    ),
    fault(
        "invalid_as_problem",
        "error_media_type",
        "Validation answers application/problem+json, which is not declared.",
        "errors.py",
        'response.content_type = "application/json"',
        'response.content_type = "application/problem+json" if error.code == 422 else "application/json"',
    ),
    fault(
        "challenge_missing",
        "challenge",
        "401 comes without WWW-Authenticate.",
        "errors.py",
        CHALLENGE,
        "Unauthorized(message)",
    ),
    fault(
        "challenge_missing_for_expired",
        "challenge",
        "401 for a token that has expired comes without WWW-Authenticate.",
        "auth.py",
        'raise unauthorized("The token has expired.") from None',
        'raise Unauthorized("The token has expired.") from None',
        Edit("auth.py", "from .db import", "from werkzeug.exceptions import Unauthorized\n\nfrom .db import"),
    ),
    fault(
        "allow_missing",
        "allow",
        "405 comes without Allow.",
        "errors.py",
        RESPONSE,
        RESPONSE + '    response.headers.pop("Allow", None)\n',
    ),
    fault(
        "allow_made_up",
        "allow",
        "405 names the same methods on every path.",
        "errors.py",
        RESPONSE,
        RESPONSE + '    if error.code == 405:\n        response.headers["Allow"] = "GET, POST"\n',
    ),
    fault(
        "fields_missing",
        "field_named",
        "422 does not say which field is wrong.",
        "errors.py",
        "        self.fields = dict(fields)",
        "        self.fields = {}",
    ),
    fault(
        "fields_without_name",
        "field_named",
        "422 names every wrong field `body`.",
        "forms.py",
        "problems = {field: words(error)",
        'problems = {field and "body": words(error)',
    ),
    fault(
        "invalid_is_406",
        "refusal_declared",
        "Validation answers 406, which is declared nowhere.",
        "errors.py",
        "class Invalid(UnprocessableEntity)",
        "class Invalid(NotAcceptable)",
        Edit(
            "errors.py",
            "HTTPException, Unauthorized, UnprocessableEntity",
            "HTTPException, NotAcceptable, Unauthorized",
        ),
    ),
    fault(
        "crash_shows_page",
        "one_shape",
        "A crash (here: a cursor that is none) gets Flask's own page.",
        "errors.py",
        RESPONSE,
        "    if error.code == 500:\n        return error.get_response()\n" + RESPONSE,
        Edit("books.py", 'if not re.fullmatch("[0-7][0-9a-f]{15}", cursor):', 'if cursor == "":'),
    ),
)
