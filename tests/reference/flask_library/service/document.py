"""The OpenAPI 3.0.3 document, written by hand."""

from typing import Any

from .schemas import GENRES, SCHEMAS

REASONS = {
    400: "The body cannot be read",
    401: "Nobody is signed in",
    403: "It belongs to another account",
    404: "There is no such thing",
    409: "The name is taken",
    413: "The body is too large",
    415: "The body is not application/json",
    422: "The request is not valid",
}
BODY = (400, 413, 415, 422)
PUBLIC: list[Any] = []


def content(schema: str) -> dict[str, Any]:
    """Return a JSON content of the schema of this name."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def failures(*statuses: int) -> dict[str, Any]:
    """Return the error responses of these statuses."""
    answers = {
        str(status): {"description": REASONS[status], "content": content("Error")} for status in statuses
    }
    if 401 in statuses:
        challenge = {"required": True, "schema": {"type": "string"}}
        answers["401"] = {**answers["401"], "headers": {"WWW-Authenticate": challenge}}
    return answers


def gives(schema: str, *errors: int) -> dict[str, Any]:
    """Return the responses of an operation that answers 200."""
    return {"200": {"description": "OK", "content": content(schema)}, **failures(*errors)}


def creates(schema: str, *errors: int, located: bool = True) -> dict[str, Any]:
    """Return the responses of an operation that answers 201."""
    location = {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}}
    created = {
        "description": "Created",
        "content": content(schema),
        **({"headers": location} if located else {}),
    }
    return {"201": created, **failures(*errors)}


def deletes(*errors: int) -> dict[str, Any]:
    """Return the responses of an operation that answers 204."""
    return {"204": {"description": "Deleted"}, **failures(*errors)}


def takes(schema: str) -> dict[str, Any]:
    """Return the request body of the schema of this name."""
    return {"required": True, "content": content(schema)}


def path_id(name: str, **schema: Any) -> dict[str, Any]:
    """Return a parameter of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query(name: str, **schema: Any) -> dict[str, Any]:
    """Return an optional parameter of the query."""
    return {"name": name, "in": "query", "required": False, "schema": schema}


def operation(name: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an operation."""
    return {"operationId": name, "responses": responses, **more}


BOOK_ID = path_id("book_id", type="string", format="uuid")
REVIEW_ID = path_id("review_id", type="string", format="uuid")
NOTE_ID = path_id("note_id", type="integer", minimum=1, maximum=10**18 - 1)
REMINDER_ID = path_id("reminder_id", type="integer", minimum=1, maximum=10**18 - 1)
TAG_ID = path_id("tag_id", type="integer", minimum=1, maximum=10**18 - 1)
WINDOW = [
    query("limit", type="integer", minimum=1, maximum=100, default=20),
    query("offset", type="integer", minimum=0, maximum=10**9, default=0),
]

PATHS: dict[str, Any] = {
    "/accounts": {
        "post": operation(
            "sign_up",
            creates("Account", 409, *BODY, located=False),
            requestBody=takes("SignUp"),
            security=PUBLIC,
            tags=["accounts"],
        )
    },
    "/sessions": {
        "post": operation(
            "sign_in",
            gives("Token", 401, *BODY),
            requestBody=takes("SignIn"),
            security=PUBLIC,
            tags=["accounts"],
        )
    },
    "/me": {"get": operation("me", gives("Account", 401), tags=["accounts"])},
    "/books": {
        "get": operation(
            "list_books",
            gives("BookPage", 422),
            parameters=[
                query("cursor", type="string", pattern="^[0-7][0-9a-f]{15}$"),
                query("page_size", type="integer", minimum=1, maximum=100, default=20),
                query("genre", type="string", enum=list(GENRES)),
                query("author", type="string", minLength=1, maxLength=120),
            ],
            security=PUBLIC,
            tags=["books"],
        ),
        "post": operation(
            "create_book", creates("Book", 401, *BODY), requestBody=takes("BookInput"), tags=["books"]
        ),
    },
    "/books/{book_id}": {
        "parameters": [BOOK_ID],
        "get": operation("get_book", gives("Book", 404), security=PUBLIC, tags=["books"]),
        "put": operation(
            "replace_book",
            gives("Book", 401, 403, 404, *BODY),
            requestBody=takes("BookInput"),
            tags=["books"],
        ),
        "patch": operation(
            "update_book",
            gives("Book", 401, 403, 404, *BODY),
            requestBody=takes("BookPatch"),
            tags=["books"],
        ),
        "delete": operation("delete_book", deletes(401, 403, 404), tags=["books"]),
    },
    "/books/{book_id}/reviews": {
        "parameters": [BOOK_ID],
        "get": operation(
            "list_reviews",
            gives("ReviewPage", 404, 422),
            parameters=WINDOW,
            security=PUBLIC,
            tags=["reviews"],
        ),
        "post": operation(
            "create_review",
            creates("Review", 401, 404, *BODY),
            requestBody=takes("ReviewInput"),
            tags=["reviews"],
        ),
    },
    "/books/{book_id}/reviews/{review_id}": {
        "parameters": [BOOK_ID, REVIEW_ID],
        "get": operation("get_review", gives("Review", 404), security=PUBLIC, tags=["reviews"]),
        "put": operation(
            "replace_review",
            gives("Review", 401, 403, 404, *BODY),
            requestBody=takes("ReviewInput"),
            tags=["reviews"],
        ),
        "delete": operation("delete_review", deletes(401, 403, 404), tags=["reviews"]),
    },
    "/notes": {
        "get": operation(
            "list_notes",
            gives("NotePage", 401, 422),
            parameters=[
                *WINDOW,
                query("sort", type="string", enum=["id", "-id", "title", "-title"], default="id"),
                query("pinned", type="boolean"),
            ],
            tags=["notes"],
        ),
        "post": operation(
            "create_note", creates("Note", 401, *BODY), requestBody=takes("NoteInput"), tags=["notes"]
        ),
    },
    "/notes/{note_id}": {
        "parameters": [NOTE_ID],
        "get": operation("get_note", gives("Note", 401, 404), tags=["notes"]),
        "put": operation(
            "replace_note", gives("Note", 401, 404, *BODY), requestBody=takes("NoteInput"), tags=["notes"]
        ),
        "patch": operation(
            "update_note", gives("Note", 401, 404, *BODY), requestBody=takes("NotePatch"), tags=["notes"]
        ),
        "delete": operation("delete_note", deletes(401, 404), tags=["notes"]),
    },
    "/reminders": {
        "get": operation(
            "list_reminders", gives("ReminderPage", 401, 422), parameters=WINDOW, tags=["reminders"]
        ),
        "post": operation(
            "create_reminder",
            creates("Reminder", 401, *BODY),
            requestBody=takes("ReminderInput"),
            tags=["reminders"],
        ),
    },
    "/reminders/{reminder_id}": {
        "parameters": [REMINDER_ID],
        "get": operation("get_reminder", gives("Reminder", 401, 404), tags=["reminders"]),
        "put": operation(
            "replace_reminder",
            gives("Reminder", 401, 404, *BODY),
            requestBody=takes("ReminderInput"),
            tags=["reminders"],
        ),
        "delete": operation("delete_reminder", deletes(401, 404), tags=["reminders"]),
    },
    "/tags": {
        "get": operation(
            "list_tags", gives("TagPage", 422), parameters=WINDOW, security=PUBLIC, tags=["tags"]
        ),
        "post": operation(
            "create_tag", creates("Tag", 401, 409, *BODY), requestBody=takes("TagInput"), tags=["tags"]
        ),
    },
    "/tags/{tag_id}": {
        "parameters": [TAG_ID],
        "get": operation("get_tag", gives("Tag", 404), security=PUBLIC, tags=["tags"]),
        "put": operation(
            "rename_tag",
            gives("Tag", 401, 403, 404, 409, *BODY),
            requestBody=takes("TagInput"),
            tags=["tags"],
        ),
        "delete": operation("delete_tag", deletes(401, 403, 404), tags=["tags"]),
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Library", "version": "1.0.0"},
    "servers": [{"url": "/"}],
    "security": [{"bearer": []}],
    "tags": [{"name": name} for name in ("accounts", "books", "reviews", "notes", "reminders", "tags")],
    "paths": PATHS,
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        "schemas": SCHEMAS,
    },
}
