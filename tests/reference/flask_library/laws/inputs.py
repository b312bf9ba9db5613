"""Laws of what comes in: values stay as they are, or are refused and leave nothing."""

from typing import Any

from .library import MISSING, Library, book, good, note, review

STRINGS = ("  spaces  ", "<b>&amp;\"'", "ﬁ ½ Å e\u0301", "😀 日本語 \u202e", "x" * 100, "Ünïcode", "0")


def data_unchanged(library: Library) -> None:
    """Strings, numbers and dates come back as they went in."""
    alice, of = library.alice, library.book()
    bodies = [
        *(("/books", book(title=text, author=text, summary=text)) for text in STRINGS),
        ("/books", book(title="y" * 200, summary="")),
        ("/books", book(price=0.01, pages=20000, published_on="2024-02-29")),
        ("/books", book(price=99999.99, pages=1, published_on="0001-01-01")),
        *((f"{of}/reviews", review(text=text)) for text in STRINGS),
        *(("/notes", note(title=text, body=text + "\n\0\t")) for text in STRINGS),
    ]
    for path, body in bodies:
        made = alice.make(path, body)
        stored = alice.read(f"{path}/{made['id']}")
        assert {key: stored[key] for key in body} == body


BAD_BOOKS = (
    {"title": ""},
    {"title": "x" * 201},
    {"title": "a\nb"},
    {"title": None},
    {"title": 5},
    {"pages": 0},
    {"pages": 20001},
    {"pages": "12"},
    {"pages": 1.5},
    {"pages": True},
    {"genre": "poetry"},
    {"genre": None},
    {"price": -0.01},
    {"price": "1"},
    {"published_on": "1999-02-30"},
    {"published_on": "yesterday"},
    {"summary": "x" * 2001},
    {"summary": ["a"]},
)
BAD_NOTES = (
    {"title": ""},
    {"pinned": "yes"},
    {"pinned": None},
    {"pinned": 1},
    {"body": "x" * 5001},
    {"body": 7},
)


NO_OBJECTS: tuple[Any, ...] = ([], "text", 5)


def invalid_refused(library: Library) -> None:
    """What breaks the declared schema is refused with 422, in bodies and queries."""
    alice, of, at = library.alice, library.book(), library.note()
    responses = [
        *(alice.post("/books", book(**bad)) for bad in BAD_BOOKS),
        *(alice.put(of, book(**bad)) for bad in BAD_BOOKS),
        *(alice.patch(of, bad) for bad in BAD_BOOKS),
        *(alice.post("/notes", note(**bad)) for bad in BAD_NOTES),
        *(alice.patch(at, bad) for bad in BAD_NOTES),
        *(
            alice.post("/books", {k: v for k, v in book().items() if k != name})
            for name in ("title", "pages")
        ),
        *(alice.post(f"{of}/reviews", review(rating=rating)) for rating in (0, 6, "3", None)),
        *(alice.post("/tags", {"name": name}) for name in ("Two Words", "x" * 41, "", "-a", "a\n")),
        library.nobody.post("/accounts", {"email": "nobody", "password": "x" * 9, "name": "n"}),
        library.nobody.post("/accounts", {"email": "n@example.org", "password": "short", "name": "n"}),
        *(
            library.nobody.get(f"/books?{query}")
            for query in ("genre=poetry", "page_size=ten", "cursor=?", "author=")
        ),
        *(
            alice.get(f"/notes?{query}")
            for query in ("sort=body", "limit=ten", "offset=1.5", "pinned=1", "limit=")
        ),
        *(alice.post("/books", body) for body in NO_OBJECTS),
        alice.raw("POST", "/books", b"null"),
    ]
    assert [response.status_code for response in responses] == [422] * len(responses)


def unknown_refused(library: Library) -> None:
    """A field that the schema does not know is refused."""
    for method, path, body in (
        ("POST", "/books", book(colour="red")),
        ("PUT", library.book(), book(colour="red")),
        ("PATCH", library.book(), {"colour": "red"}),
        ("POST", "/notes", note(colour="red")),
        ("PATCH", library.note(), {"colour": "red"}),
        ("POST", "/tags", {"name": "n", "colour": "red"}),
    ):
        good(library.alice.send(method, path, json=body), 422)


def mass_assignment(library: Library) -> None:
    """What the service makes cannot be set."""
    bob = library.bob.read("/me")["id"]
    moment = "2001-01-01T00:00:00Z"
    for method, path, body in (
        ("POST", "/books", book(created_by=bob)),
        ("POST", "/books", book(id=MISSING)),
        ("PATCH", library.book(), {"created_by": bob}),
        ("PATCH", library.note(), {"created_at": moment}),
        ("PUT", library.note(), note(id=77)),
        ("POST", "/notes", note(created_at=moment)),
    ):
        answer = good(library.alice.send(method, path, json=body), 422)
        assert set(answer["error"]["fields"]) == body.keys() & {"created_by", "id", "created_at"}


def refused_not_stored(library: Library) -> None:
    """What was refused leaves nothing behind."""
    of, at = library.book(), library.note()
    before = (library.alice.read("/books"), library.alice.read("/notes"))
    for method, path, body in (
        ("POST", "/books", book(pages=0)),
        ("PUT", of, book(pages=0)),
        ("PATCH", of, {"pages": 0}),
        ("POST", "/notes", note(title="")),
        ("PATCH", at, {"title": ""}),
    ):
        good(library.alice.send(method, path, json=body), 422)
    assert (library.alice.read("/books"), library.alice.read("/notes")) == before


LAWS = (data_unchanged, invalid_refused, unknown_refused, mass_assignment, refused_not_stored)
