"""Every error in one shape: `{"error": {"code", "message", "fields"?}}`."""

import json
from collections.abc import Mapping

from flask import Flask, Response
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Conflict, HTTPException, Unauthorized, UnprocessableEntity


class Invalid(UnprocessableEntity):
    """The request can be read, but says what it must not; `fields` names where."""

    description = "The request is not valid."

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self.fields = dict(fields)


class Taken(Conflict):
    """What must be unique is used already."""

    def __init__(self, field: str) -> None:
        super().__init__(f"This {field} is taken.")
        self.fields = {field: "is taken"}


def unauthorized(message: str) -> Unauthorized:
    """Return a 401 with its challenge (RFC 6750 §3)."""
    return Unauthorized(message, www_authenticate=WWWAuthenticate("bearer", {"realm": "library"}))


def payload(error: HTTPException) -> str:
    """Return the JSON text of an error."""
    detail: dict[str, object] = {
        "code": error.name.lower().replace(" ", "_"),
        "message": error.description or error.name,
    }
    if fields := getattr(error, "fields", None):
        detail["fields"] = fields
    return json.dumps({"error": detail})


def handle(error: HTTPException) -> Response:
    """Answer an error; the headers that belong to it (Allow, WWW-Authenticate) stay."""
    response = Response(status=error.code, headers=error.get_headers())
    response.data = payload(error)
    response.content_type = "application/json"
    return response


def init_app(app: Flask) -> None:
    """Answer all errors of the router, the views and their crashes alike."""
    app.register_error_handler(HTTPException, handle)
