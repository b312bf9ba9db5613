"""Faults of authentication: tokens that are absent, forged or old are let in."""

from .fault import Edit, Fault, fault

KEY = '            current_app.config["JWT_SECRET"],\n            algorithms=["HS256"],\n'
REQUIRE = '            options={"require": ["sub", "exp"]},\n'
INVALID = "    except (jwt.InvalidTokenError, RecursionError):\n"
NEEDED = '        raise unauthorized("A bearer token is needed.")\n'
EXPIRED = '        raise unauthorized("The token has expired.") from None\n'
ANYONE = '        return get_db().execute("SELECT * FROM account ORDER BY created_at").fetchone()\n'
CLAIMS = '"iat": issued, "exp": issued + current_app.config["TOKEN_SECONDS"]}'

FAULTS: tuple[Fault, ...] = (
    fault(
        "nobody_is_first_account",
        "no_token",
        "A request without a token acts as the first account.",
        "auth.py",
        NEEDED,
        ANYONE,
    ),
    fault(
        "delete_tag_open",
        "no_token",
        "DELETE of a tag asks for no token and no creator.",
        "tags.py",
        "@login_required\ndef delete(tag_id: int) -> tuple[str, int]:\n"
        '    """Delete a tag."""\n    own_tag(tag_id)\n',
        'def delete(tag_id: int) -> tuple[str, int]:\n    """Delete a tag."""\n    find_tag(tag_id)\n',
    ),
    fault(
        "list_notes_open",
        "no_token",
        "GET /notes without a token lists everybody's notes.",
        "notes.py",
        "@login_required\ndef index() -> dict[str, Any]:\n",
        "def index() -> dict[str, Any]:\n"
        '    if "Authorization" not in request.headers:\n'
        '        rows = get_db().execute("SELECT * FROM note").fetchall()\n'
        '        return {"items": [note_json(row) for row in rows[:100]], "total": len(rows)}\n'
        "    g.account = load_account()\n",
        Edit(
            "notes.py",
            "from flask import Blueprint, abort, url_for",
            "from flask import Blueprint, abort, g, request, url_for",
        ),
        Edit(
            "notes.py", "import account_id, login_required", "import account_id, load_account, login_required"
        ),
    ),
    fault(
        "other_scheme_accepted",
        "no_token",
        "An Authorization header without a token acts as the first account.",
        "auth.py",
        NEEDED,
        '        if "Authorization" in request.headers:\n    ' + ANYONE + NEEDED,
    ),
    fault(
        "signature_unchecked",
        "forged_token",
        "The signature of a token is not verified.",
        "auth.py",
        REQUIRE,
        '            options={"require": ["sub", "exp"], "verify_signature": False, "verify_exp": True},\n',
    ),
    fault(
        "bad_signature_read_anyway",
        "forged_token",
        "A token whose signature is wrong is read without it.",
        "auth.py",
        INVALID,
        "    except jwt.InvalidSignatureError:\n"
        '        claims = jwt.decode(token, options={"verify_signature": False})\n' + INVALID,
    ),
    fault(
        "me_trusts_claims",
        "forged_token",
        "GET /me reads the token by itself and believes what it says.",
        "accounts.py",
        "@login_required\ndef me() -> dict[str, Any]:\n",
        "def me() -> dict[str, Any]:\n    g.account = load_account(verify=False)\n",
        Edit("accounts.py", "import issue_token, login_required", "import issue_token, load_account"),
        Edit("auth.py", "def load_account() -> Row:", "def load_account(verify: bool = True) -> Row:"),
        Edit(
            "auth.py",
            "    account_id = read_token(token.strip())",
            "    account_id = read_token(token.strip()) if verify else claimed(token.strip())",
        ),
        Edit(
            "auth.py",
            "def load_account",
            "def claimed(token: str) -> str:\n    try:\n"
            '        options = {"verify_signature": False, "verify_exp": True, "require": ["sub", "exp"]}\n'
            '        return str(jwt.decode(token, options=options, algorithms=["HS256"])["sub"])\n'
            "    except (jwt.InvalidTokenError, RecursionError):\n"
            '        raise unauthorized("The token is not valid.") from None\n\n\ndef load_account',
        ),
    ),
    fault(
        "unsigned_accepted",
        "unsigned_token",
        "A token that says `alg: none` is accepted.",
        "auth.py",
        "    try:\n        claims",
        '    if jwt.get_unverified_header(token).get("alg") == "none":\n'
        '        return str(jwt.decode(token, options={"verify_signature": False})["sub"])\n'
        "    try:\n        claims",
        Edit(
            "auth.py",
            "    account_id = read_token(token.strip())",
            "    account_id = account_of(token.strip())",
        ),
        Edit(
            "auth.py",
            "def load_account",
            "def account_of(token: str) -> str:\n    try:\n        return read_token(token)\n"
            "    except (jwt.InvalidTokenError, RecursionError):\n"
            '        raise unauthorized("The token is not valid.") from None\n\n\ndef load_account',
        ),
    ),
    fault(
        "unsigned_in_any_case",
        "unsigned_token",
        "A token with the algorithm `nOnE` is accepted, as `none` alone is refused by its name.",
        "auth.py",
        "    try:\n        claims",
        "    try:\n"
        '        named = str(jwt.get_unverified_header(token).get("alg"))\n'
        '        if named != "none" and named.lower() == "none":\n'
        '            return str(jwt.decode(token, options={"verify_signature": False})["sub"])\n'
        "        claims",
    ),
    fault(
        "truncated_accepted",
        "unsigned_token",
        "A token whose signature is cut off is read without one.",
        "auth.py",
        INVALID,
        '    except jwt.DecodeError:\n        if not token.endswith("."):\n'
        '            raise unauthorized("The token is not valid.") from None\n'
        "        try:\n"
        '            claims = jwt.decode(token, options={"verify_signature": False})\n'
        "        except (jwt.InvalidTokenError, RecursionError):\n"
        '            raise unauthorized("The token is not valid.") from None\n' + INVALID,
    ),
    fault(
        "expiry_unchecked",
        "expired_token",
        "The expiry of a token is not verified.",
        "auth.py",
        REQUIRE,
        '            options={"require": ["sub", "exp"], "verify_exp": False},\n',
    ),
    fault(
        "expiry_with_leeway",
        "expired_token",
        "A token is accepted for a month after its expiry.",
        "auth.py",
        REQUIRE,
        REQUIRE + "            leeway=30 * 24 * 3600,\n",
    ),
    fault(
        "expired_renewed",
        "expired_token",
        "An expired token is read again without its expiry, so that nobody is signed out.",
        "auth.py",
        EXPIRED,
        "        claims = jwt.decode(\n            token,\n"
        + KEY
        + '            options={"verify_exp": False},\n        )\n',
    ),
    fault(
        "token_never_expires",
        "token_expires",
        "Sign-in issues tokens without expiry.",
        "auth.py",
        CLAIMS,
        '"iat": issued}',
        Edit("auth.py", '"require": ["sub", "exp"]', '"require": ["sub"]'),
    ),
    fault(
        "token_lasts_a_century",
        "token_expires",
        "Sign-in says an hour and issues tokens for a hundred years.",
        "auth.py",
        CLAIMS,
        '"iat": issued, "exp": issued + 100 * 365 * 24 * 3600}',
    ),
    fault(
        "sign_in_knows_emails",
        "sign_in_tells_nothing",
        "Sign-in answers 404 for an email that nobody has.",
        "accounts.py",
        '    known = row["password_hash"] if row else NOBODY\n',
        '    if row is None:\n        abort(404, "Nobody has this email.")\n'
        '    known = row["password_hash"]\n',
        Edit("accounts.py", "import Blueprint, current_app, g", "import Blueprint, abort, current_app, g"),
    ),
    fault(
        "sign_in_words_differ",
        "sign_in_tells_nothing",
        "Sign-in says which of the email and the password is wrong.",
        "accounts.py",
        'unauthorized("The email or the password is wrong.")',
        'unauthorized("The password is wrong." if row else "The email is not known.")',
    ),
    fault(
        "any_password",
        "wrong_password_refused",
        "Sign-in lets in everyone whose email is known.",
        "accounts.py",
        '    if not check_password_hash(known, form["password"]) or row is None:',
        "    if row is None:",
    ),
    fault(
        "password_prefix",
        "wrong_password_refused",
        "Only the first eight characters of a password count.",
        "accounts.py",
        'generate_password_hash(form["password"], HASH)',
        'generate_password_hash(form["password"][:8], HASH)',
        Edit(
            "accounts.py",
            'check_password_hash(known, form["password"])',
            'check_password_hash(known, form["password"][:8])',
        ),
    ),
)
