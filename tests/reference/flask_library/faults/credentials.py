"""Faults of credentials that are refused late, or not for all that they say."""

from .fault import Edit, Fault, fault
from .tokens import CLAIMS, REQUIRE

DISABLED = '    if account is None or account["disabled"]:\n'
DELETE = '    own_tag(tag_id)\n    db = get_db()\n    db.execute("DELETE FROM tag WHERE id = ?", (tag_id,))\n'
RENAME = '    own_tag(tag_id)\n    form = read_form("TagInput")\n'
IDENTIFY = Edit(
    "tags.py", "import account_id, login_required", "import account_id, load_account, login_required"
)
CURRENT = Edit("tags.py", "import Blueprint, abort, url_for", "import Blueprint, abort, g, url_for")
RENAMED = "    db.commit()\n    return dict(find_tag(tag_id))\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "disabled_let_in",
        "disabled_refused",
        "A disabled account is refused at sign-in alone: its tokens still work.",
        "auth.py",
        DISABLED,
        "    if account is None:\n",
    ),
    fault(
        "disabled_may_read",
        "disabled_refused",
        "A disabled account may still read all that is its own.",
        "auth.py",
        DISABLED,
        '    if account is None or (account["disabled"] and request.method not in ("GET", "HEAD")):\n',
    ),
    fault(
        "disabled_may_write_notes",
        "disabled_refused",
        "The blueprint of notes asks whose the token is, and not whether the account is disabled.",
        "auth.py",
        DISABLED,
        '    if account is None or (account["disabled"] and request.blueprint != "notes"):\n',
    ),
    fault(
        "tag_deleted_then_refused",
        "refused_changes_nothing",
        "DELETE of a tag deletes it before it asks for a token.",
        "tags.py",
        '@login_required\ndef delete(tag_id: int) -> tuple[str, int]:\n    """Delete a tag."""\n'
        + DELETE
        + "    db.commit()\n",
        'def delete(tag_id: int) -> tuple[str, int]:\n    """Delete a tag."""\n'
        + DELETE.replace("own_tag", "find_tag")
        + "    db.commit()\n    g.account = load_account()\n",
        IDENTIFY,
        CURRENT,
    ),
    fault(
        "tag_renamed_then_refused",
        "refused_changes_nothing",
        "PUT of a tag answers 401 or 403 when it has renamed it.",
        "tags.py",
        "@login_required\ndef rename(",
        "def rename(",
        Edit("tags.py", RENAME, RENAME.replace("own_tag", "find_tag")),
        Edit(
            "tags.py",
            RENAMED,
            RENAMED.replace("    return", "    g.account = load_account()\n    own_tag(tag_id)\n    return"),
        ),
        IDENTIFY,
        CURRENT,
    ),
    fault(
        "audience_written_not_read",
        "token_for_another",
        "Tokens name their audience, and one of another audience is accepted.",
        "auth.py",
        CLAIMS,
        CLAIMS.replace('"iat"', '"aud": "library", "iat"'),
        Edit("auth.py", REQUIRE, REQUIRE.replace("]}", '], "verify_aud": False}')),
    ),
    fault(
        "renewal_token_accepted",
        "token_for_another",
        "Tokens say that they are to ask with, and one that is to renew a session is accepted.",
        "auth.py",
        CLAIMS,
        CLAIMS.replace('"iat"', '"token_type": "access", "iat"'),
    ),
)
