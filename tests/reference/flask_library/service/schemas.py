"""The schemas of bodies, in the dialect of OpenAPI 3.0.3."""

from typing import Any

GENRES = ("fiction", "history", "science", "other")
LINE = "^[^\\u0000-\\u001f]*$"

Schema = dict[str, Any]


def text(low: int, high: int, **more: Any) -> Schema:
    """Return the schema of a string of `low` to `high` characters."""
    return {"type": "string", "minLength": low, "maxLength": high, **more}


def form(required: tuple[str, ...], properties: Schema) -> Schema:
    """Return the schema of a body; nothing else may be in it."""
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def answer(properties: Schema) -> Schema:
    """Return the schema of an answer, which always has all of its properties."""
    return form(tuple(properties), properties)


def patch(properties: Schema) -> Schema:
    """Return the schema of a PATCH: any of the properties, none with a default."""
    bare = {
        name: {key: value for key, value in part.items() if key != "default"}
        for name, part in properties.items()
    }
    return form((), bare)


MADE: Schema = {
    "created_at": {"type": "string", "format": "date-time", "readOnly": True},
    "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
}
UUID: Schema = {"type": "string", "format": "uuid", "readOnly": True}
ROW: Schema = {"type": "integer", "minimum": 1, "readOnly": True}

BOOK: Schema = {
    "title": text(1, 200, pattern=LINE),
    "author": text(1, 120, pattern=LINE),
    "pages": {"type": "integer", "minimum": 1, "maximum": 20000},
    "genre": {"type": "string", "enum": list(GENRES), "default": "other"},
    "price": {"type": "number", "minimum": 0, "maximum": 100000, "nullable": True, "default": None},
    "published_on": {"type": "string", "format": "date", "nullable": True, "default": None},
    "summary": text(0, 2000, nullable=True, default=None),
}
REVIEW: Schema = {"rating": {"type": "integer", "minimum": 1, "maximum": 5}, "text": text(1, 1000)}
NOTE: Schema = {
    "title": text(1, 100, pattern=LINE),
    "body": text(0, 5000, default=""),
    "pinned": {"type": "boolean", "default": False},
}
REMINDER: Schema = {
    "note_id": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    "due_on": {"type": "string", "format": "date"},
}
TAG: Schema = {"name": text(1, 40, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")}
LOCAL = "[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*"
LABEL = "[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
EMAIL: Schema = {
    "type": "string",
    "format": "email",
    "maxLength": 64,
    "pattern": f"^{LOCAL}@{LABEL}([.]{LABEL})+$",
}
PASSWORD = text(8, 128, writeOnly=True)
NAME = text(1, 80, pattern=LINE)


def page(name: str) -> Schema:
    """Return the schema of a page by limit and offset."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return answer({"items": items, "total": {"type": "integer", "minimum": 0}})


SCHEMAS: dict[str, Schema] = {
    "SignUp": form(("email", "password", "name"), {"email": EMAIL, "password": PASSWORD, "name": NAME}),
    "SignIn": form(("email", "password"), {"email": EMAIL, "password": {**PASSWORD, "minLength": 1}}),
    "Account": answer({"id": UUID, "email": EMAIL, "name": NAME, "created_at": MADE["created_at"]}),
    "Token": answer({"token": {"type": "string"}, "expires_in": {"type": "integer", "minimum": 1}}),
    "BookInput": form(("title", "author", "pages"), BOOK),
    "BookPatch": patch(BOOK),
    "Book": answer({"id": UUID, **BOOK, "created_by": UUID, **MADE}),
    "BookPage": answer(
        {
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}},
            "next_cursor": {"type": "string", "nullable": True},
        }
    ),
    "ReviewInput": form(("rating", "text"), REVIEW),
    "Review": answer({"id": UUID, "book_id": UUID, **REVIEW, "created_by": UUID, **MADE}),
    "ReviewPage": page("Review"),
    "NoteInput": form(("title",), NOTE),
    "NotePatch": patch(NOTE),
    "Note": answer({"id": ROW, **NOTE, **MADE}),
    "NotePage": page("Note"),
    "ReminderInput": form(("note_id", "due_on"), REMINDER),
    "Reminder": answer({"id": ROW, **REMINDER, "note_title": {**NOTE["title"], "readOnly": True}, **MADE}),
    "ReminderPage": page("Reminder"),
    "TagInput": form(("name",), TAG),
    "Tag": answer({"id": ROW, **TAG, "created_by": UUID}),
    "TagPage": page("Tag"),
    "Error": answer(
        {
            "error": form(
                ("code", "message"),
                {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            )
        }
    ),
}
