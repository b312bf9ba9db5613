"""Faults of references: what a body names is taken, whosever it is."""

from .fault import Edit, Fault, fault

FOUND = '"SELECT 1 FROM note WHERE id = ? AND owner_id = ?", (note_id, account_id())'
CHECKED = '    check_note(form["note_id"])\n    db = get_db()\n    db.execute(\n        "UPDATE'

FAULTS: tuple[Fault, ...] = (
    fault(
        "reminder_of_any_note",
        "own_references",
        "A reminder may be of anybody's note, whose title it then shows.",
        "reminders.py",
        FOUND,
        '"SELECT 1 FROM note WHERE id = ?", (note_id,)',
    ),
    fault(
        "reminder_moved_to_any_note",
        "own_references",
        "PUT of a reminder asks whether there is such a note, and not whose it is.",
        "reminders.py",
        CHECKED,
        "    db = get_db()\n"
        '    if not db.execute("SELECT 1 FROM note WHERE id = ?", (form["note_id"],)).fetchone():\n'
        '        raise Invalid({"note_id": "names no note"})\n'
        '    db.execute(\n        "UPDATE',
    ),
    fault(
        "reminder_refusal_names_note",
        "own_references",
        "A reminder of another's note is refused in words that have its title.",
        "reminders.py",
        '        raise Invalid({"note_id": "names no note of yours"})\n',
        '        note = get_db().execute("SELECT title FROM note WHERE id = ?", (note_id,)).fetchone()\n'
        '        raise Invalid({"note_id": f"{note[0]} is not yours" if note else "names no note"})\n',
    ),
    fault(
        "reminder_kept_for_any_note",
        "own_references",
        "A reminder may be of anybody's note, whose title it keeps to itself.",
        "reminders.py",
        FOUND,
        '"SELECT 1 FROM note WHERE id = ?", (note_id,)',
        Edit(
            "reminders.py",
            "note.title AS note_title",
            "CASE note.owner_id WHEN reminder.owner_id THEN note.title ELSE '-' END AS note_title",
        ),
    ),
)
