"""Faults that show when requests come together."""

from .fault import Edit, Fault, fault

# The pauses stand for the network between a service and its database.
LOOK_FOR_TAG = """\
    if db.execute("SELECT 1 FROM tag WHERE name = ?", (form["name"],)).fetchone():
        raise Taken("name")
    time.sleep(0.2)
    try:
        cursor = db.execute("""
LOOK_FOR_ACCOUNT = """\
    if db.execute("SELECT 1 FROM account WHERE email = ?", (form["email"],)).fetchone():
        raise Taken("email")
    time.sleep(0.2)
    try:
        db.execute(
"""

FAULTS: tuple[Fault, ...] = (
    fault(
        "tag_race_duplicates",
        "race_unique",
        "POST /tags looks for the name first and has no constraint: two at once both win.",
        "tags.py",
        "    try:\n        cursor = db.execute(",
        LOOK_FOR_TAG,
        Edit("tags.py", "import sqlite3\n", "import sqlite3\nimport time\n"),
        Edit("db.py", "name TEXT NOT NULL UNIQUE,", "name TEXT NOT NULL,"),
    ),
    fault(
        "account_race_crashes",
        "race_unique",
        "Sign-up looks for the email first and does not handle the constraint: the loser gets a 500.",
        "accounts.py",
        "    try:\n        db.execute(\n",
        LOOK_FOR_ACCOUNT,
        Edit("accounts.py", "    except sqlite3.IntegrityError:", "    except sqlite3.ProgrammingError:"),
        Edit("accounts.py", "import sqlite3\n", "import sqlite3\nimport time\n"),
    ),
)
