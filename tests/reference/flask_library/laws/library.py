"""The library with people at its door, for the laws to be tried on."""

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from ..loader import Factory

KEY = "for-tests-only-for-tests-only-for-tests-only-for-tests-only-for-tests-only"
PASSWORD = "correct horse battery"
CAROL = "5c1d0000-0000-4000-8000-00000000d15a"
"""An account that is disabled."""
MISSING = "00000000-0000-4000-8000-000000000000"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who sends requests with a token, or without one."""

    app: Flask
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request; `options` are those of Werkzeug's test client."""
        headers = {**self.headers, **options.pop("headers", {})}
        return self.app.test_client().open(path, method=method, headers=headers, **options)

    def get(self, path: str) -> TestResponse:
        """Send a GET."""
        return self.send("GET", path)

    def post(self, path: str, body: Any) -> TestResponse:
        """Send a POST of JSON."""
        return self.send("POST", path, json=body)

    def put(self, path: str, body: Any) -> TestResponse:
        """Send a PUT of JSON."""
        return self.send("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> TestResponse:
        """Send a PATCH of JSON."""
        return self.send("PATCH", path, json=body)

    def delete(self, path: str) -> TestResponse:
        """Send a DELETE."""
        return self.send("DELETE", path)

    def raw(self, method: str, path: str, body: bytes, media_type: str = "application/json") -> TestResponse:
        """Send bytes as they are."""
        return self.send(method, path, data=body, content_type=media_type)

    def read(self, path: str) -> Any:
        """Return what a GET answers, which must be 200 with JSON."""
        return good(self.get(path), 200)

    def make(self, path: str, body: Any) -> Any:
        """Create something and return it as it was answered."""
        return good(self.post(path, body), 201)


def good(response: TestResponse, status: int) -> Any:
    """Return the JSON of a response that must have this status."""
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json(silent=True)


class Library:
    """A fresh library, with two accounts that have signed in."""

    def __init__(self, factory: Factory, folder: Path) -> None:
        self.app = factory({"DATABASE": str(folder / "library.db"), "JWT_SECRET": KEY})
        self.nobody = Person(self.app)
        self.alice = self.signed_in("alice@example.org")
        self.bob = self.signed_in("bob@example.org")

    def signed_in(self, email: str) -> Person:
        """Sign up and in."""
        self.nobody.make("/accounts", {"email": email, "password": PASSWORD, "name": email.partition("@")[0]})
        answer = good(self.nobody.post("/sessions", {"email": email, "password": PASSWORD}), 200)
        return self.bearer(answer["token"])

    def bearer(self, token: str) -> Person:
        """Return whoever has this token."""
        return Person(self.app, {"Authorization": f"Bearer {token}"})

    def book(self, **more: Any) -> str:
        """Add a book of Alice's and return its path."""
        return f"/books/{self.alice.make('/books', book(**more))['id']}"

    def review(self, of: str, **more: Any) -> str:
        """Add a review of Alice's and return its path."""
        return f"{of}/reviews/{self.alice.make(f'{of}/reviews', review(**more))['id']}"

    def note(self, **more: Any) -> str:
        """Write a note of Alice's and return its path."""
        return f"/notes/{self.alice.make('/notes', note(**more))['id']}"

    def reminder(self, of: str) -> str:
        """Set a reminder of a note of Alice's and return its path."""
        form = {"note_id": int(of.rpartition("/")[2]), "due_on": "2030-01-01"}
        return f"/reminders/{self.alice.make('/reminders', form)['id']}"

    def tag(self, name: str = "") -> str:
        """Add a tag of Alice's and return its path."""
        return f"/tags/{self.alice.make('/tags', {'name': name or f'tag-{next(_numbers)}'})['id']}"


def book(**more: Any) -> dict[str, Any]:
    """Return the body of a book with every field set."""
    full = {"title": f"Title {next(_numbers)}", "author": "An Author", "pages": 321, "genre": "science"}
    return {**full, "price": 12.5, "published_on": "1999-12-31", "summary": "A summary.", **more}


def review(**more: Any) -> dict[str, Any]:
    """Return the body of a review."""
    return {"rating": 2, "text": f"Text {next(_numbers)}", **more}


def note(**more: Any) -> dict[str, Any]:
    """Return the body of a note with every field set."""
    return {"title": f"Note {next(_numbers)}", "body": "Something", "pinned": True, **more}
