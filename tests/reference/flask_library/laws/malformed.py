"""Laws of bodies that are no JSON, and of unusual input."""

import json
from typing import Any

from .library import Library, book, good, note, review

BROKEN = (
    b"{",
    b'{"title": "a"',
    b"",
    b"title=a",
    b"[1,]",
    b'{"title": "\xff"}',
    b'{"pages": NaN}',
    b"{} {}",
    b"{'a': 1}",
)


def bodies(library: Library) -> tuple[tuple[str, str, bytes], ...]:
    """Return every operation that takes a body, with a good one."""
    of = library.book()
    return (
        ("POST", "/books", json.dumps(book()).encode()),
        ("PUT", of, json.dumps(book()).encode()),
        ("PATCH", of, b'{"pages": 3}'),
        ("POST", f"{of}/reviews", json.dumps(review()).encode()),
        ("POST", "/notes", json.dumps(note()).encode()),
        ("PATCH", library.note(), b'{"title": "x"}'),
        ("POST", "/tags", b'{"name": "fresh"}'),
        ("POST", "/sessions", b'{"email": "alice@example.org", "password": "correct horse battery"}'),
    )


def malformed_refused(library: Library) -> None:
    """A body that is not JSON answers 400."""
    for method, path, body in bodies(library):
        for broken in (*BROKEN, body[:-1], body + b"}", body.replace(b'": ', b'": "\xfe', 1)):
            assert library.alice.raw(method, path, broken).status_code == 400


def media_type_refused(library: Library) -> None:
    """A body of another media type answers 415."""
    for method, path, body in bodies(library):
        for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
            assert library.alice.raw(method, path, body, media_type).status_code == 415
    form = b"title=a&author=b&pages=3"
    good(library.alice.raw("POST", "/books", form, "application/x-www-form-urlencoded"), 415)


NO_FORMS: tuple[Any, ...] = ([], {}, 5, [{}])


def no_server_error(library: Library) -> None:
    """Nothing that is sent ends in a 5xx."""
    alice, of, at = library.alice, library.book(), library.note()
    odd = ("\0", "😀", "日本語", "\u202e", "' OR 1=1 --", "%00", "\x7f", "a" * 60000)
    huge = ("9" * 18, "9" * 19, "9" * 40, "9" * 5000, "-1", "0", "1.5", "\0", "😀")
    responses = [
        *(alice.post("/books", book(title=text, summary=text)) for text in odd),
        *(alice.post("/notes", note(title=text, body=text)) for text in odd),
        *(alice.post(f"{of}/reviews", review(text=text)) for text in odd),
        *(alice.get(f"/books?author={text}&genre={text}&cursor={text}") for text in odd[:-1]),
        *(alice.get(f"/notes/{text}") for text in huge),
        *(alice.get(f"/tags/{text}") for text in huge),
        *(
            alice.get(f"{path}?{name}={text}")
            for path in ("/notes", "/tags")
            for name in ("limit", "offset")
            for text in huge
        ),
        *(alice.get(f"/books?cursor={text}") for text in ("a", "-1", "f" * 16, "7" * 16, "0" * 17, "é", "")),
        *(alice.raw("POST", "/books", body) for body in (b"[" * 60000, b'{"a":' * 12000, b'"\\ud800"')),
        alice.raw("POST", "/books", b'{"title": "\\ud800", "author": "a", "pages": 1}'),
        alice.raw("POST", "/books", b'{"title": "a", "author": "a", "pages": ' + b"9" * 5000 + b"}"),
        alice.raw("POST", "/books", b'{"title": "a", "author": "a", "pages": 1, "price": 1e999}'),
        *(alice.post(path, body) for path in ("/books", "/notes", "/tags") for body in NO_FORMS),
        alice.post("/books", book(price=None, published_on=None, summary=None)),
        alice.patch(at, {}),
        alice.patch(of, {}),
        alice.get("/me"),
        *(
            library.bearer(token).get("/me")
            for token in ("a", "a.b.c", "..", "é.é.é", "W1tb" * 9000 + ".e30.")
        ),
    ]
    assert [response.status for response in responses if response.status_code >= 500] == []


LAWS = (malformed_refused, media_type_refused, no_server_error)
