"""Faults of saying too much: secrets, SQL and stack traces in answers."""

from .fault import Edit, Fault, fault

TAKEN = (
    '    except sqlite3.IntegrityError:\n        raise Taken("name") from None\n    db.commit()\n    tag_id'
)
PROBLEMS = "    if problems:\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "conflict_tells_sql",
        "nothing_internal_told",
        "A taken name is answered with the database's own words.",
        "tags.py",
        TAKEN,
        TAKEN.replace("IntegrityError:", "IntegrityError as error:").replace(
            'raise Taken("name") from None', 'abort(409, f"sqlite3.IntegrityError: {error}")'
        ),
    ),
    fault(
        "malformed_tells_trace",
        "nothing_internal_told",
        "A body that is not JSON is answered with the stack trace.",
        "forms.py",
        '        raise BadRequest("The body is not valid JSON.") from None',
        "        raise BadRequest(traceback.format_exc()) from None",
        Edit("forms.py", "import re\n", "import re\nimport traceback\n"),
    ),
    fault(
        "token_error_tells_path",
        "nothing_internal_told",
        "A token that is not valid is answered with the file and line that refused it.",
        "auth.py",
        '        raise unauthorized("The token is not valid.") from None',
        '        raise unauthorized(f"Invalid token ({__file__}, line 36)") from None',
    ),
    fault(
        "invalid_echoes_password",
        "password_hidden",
        "Sign-up repeats the refused password in its 422.",
        "forms.py",
        PROBLEMS,
        '    if "password" in problems and "password" in data:\n'
        '        problems["password"] = f"{data[\'password\']!r} is not allowed"\n' + PROBLEMS,
    ),
    fault(
        "account_shows_hash",
        "password_hidden",
        "GET /me carries the hash of the password.",
        "accounts.py",
        "    return account_json(g.account)",
        '    return {**account_json(g.account), "password_hash": g.account["password_hash"]}',
    ),
    fault(
        "sign_up_answers_password",
        "password_hidden",
        "Sign-up answers with the password that was given.",
        "accounts.py",
        "    return account, 201",
        '    return {**account, "password": form["password"]}, 201',
    ),
)
