"""A small library on Flask: books and their reviews, private notes and reminders, tags, accounts."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response

from . import accounts, auth, books, db, errors, notes, reminders, reviews, tags
from .document import DOCUMENT


def create_app(config: Mapping[str, Any]) -> Flask:
    """Make the application. `config` needs `DATABASE` (a path) and `JWT_SECRET` (32 bytes or more)."""
    app = Flask(__name__)
    app.config.from_mapping(MAX_CONTENT_LENGTH=64 * 1024, TOKEN_SECONDS=3600)
    app.config.from_mapping(config)
    app.url_map.merge_slashes = False
    app.url_map.converters["row"] = db.RowConverter

    db.init_app(app)
    errors.init_app(app)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(books.bp, url_prefix="/books")
    app.register_blueprint(reviews.bp, url_prefix="/books/<uuid:book_id>/reviews")
    app.register_blueprint(notes.bp, url_prefix="/notes")
    app.register_blueprint(reminders.bp, url_prefix="/reminders")
    app.register_blueprint(tags.bp, url_prefix="/tags")

    @app.get("/openapi.json")
    def openapi() -> dict[str, Any]:
        return DOCUMENT

    @app.after_request
    def private(response: Response) -> Response:
        """Keep what was answered to one account out of shared caches."""
        if auth.signed_in():
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return app
