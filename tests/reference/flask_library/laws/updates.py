"""Laws of PUT and PATCH, and of safe methods."""

from functools import partial

from .library import Library, book, good, note, review


def put_stored(library: Library) -> None:
    """What PUT answers is what is stored, with all values given."""
    of = library.book()
    second = book(
        title="Second", author="Other", pages=7, genre="history", price=1, published_on=None, summary=""
    )
    for path, body in (
        (of, second),
        (library.review(of), review(rating=5, text="Better")),
        (library.note(), note(title="Second", body="Else", pinned=False)),
        (library.tag(), {"name": "renamed"}),
    ):
        answered = good(library.alice.put(path, body), 200)
        assert body.items() <= answered.items()
        assert library.alice.read(path) == answered


def patch_stored(library: Library) -> None:
    """What PATCH answers is what is stored, field by field, null and false too."""
    changes = ({"title": "Second"}, {"price": None}, {"summary": ""}, {"genre": "history"}, {"pages": 9})
    for path, change in (
        *((library.book(), change) for change in changes),
        (library.note(), {"title": "Second"}),
        (library.note(), {"pinned": False}),
    ):
        answered = good(library.alice.patch(path, change), 200)
        assert change.items() <= answered.items()
        assert library.alice.read(path) == answered


def patch_keeps(library: Library) -> None:
    """PATCH keeps what was left out."""
    for path, change in ((library.book(), {"title": "Second"}), (library.note(), {"title": "Second"})):
        before = library.alice.read(path)
        good(library.alice.patch(path, change), 200)
        after = library.alice.read(path)
        assert {**before, **change, "updated_at": after["updated_at"]} == after


def put_resets(library: Library) -> None:
    """PUT gives what was left out its default."""
    book_path, note_path = library.book(), library.note()
    good(library.alice.put(book_path, {"title": "T", "author": "A", "pages": 1}), 200)
    stored = library.alice.read(book_path)
    assert (stored["genre"], stored["price"], stored["published_on"], stored["summary"]) == (
        "other",
        None,
        None,
        None,
    )
    good(library.alice.put(note_path, {"title": "T"}), 200)
    stored = library.alice.read(note_path)
    assert (stored["body"], stored["pinned"]) == ("", False)


def created_at_fixed(library: Library) -> None:
    """PUT and PATCH leave created_at as it was."""
    of = library.book()
    for path, body in ((of, book()), (library.note(), note()), (library.review(of), review())):
        before = library.alice.read(path)["created_at"]
        for method in ("PUT", "PATCH") if "reviews" not in path else ("PUT",):
            good(library.alice.send(method, path, json=body), 200)
            assert library.alice.read(path)["created_at"] == before


def updated_at_moves(library: Library) -> None:
    """PUT and PATCH move updated_at."""
    of = library.book()
    for path, body in ((of, book()), (library.note(), note()), (library.review(of), review())):
        for method in ("PUT", "PATCH") if "reviews" not in path else ("PUT",):
            before = library.alice.read(path)["updated_at"]
            good(library.alice.send(method, path, json=body), 200)
            assert library.alice.read(path)["updated_at"] > before


def others_unchanged(library: Library) -> None:
    """PUT and PATCH change one thing."""
    of = library.book()
    for make, body in (
        (library.book, book()),
        (library.note, note()),
        (partial(library.review, of), review()),
        (library.tag, {"name": "renamed"}),
    ):
        path, sibling = make(), make()
        before = library.alice.read(sibling)
        good(library.alice.put(path, body), 200)
        assert library.alice.read(sibling) == before


def safe_unchanged(library: Library) -> None:
    """GET and HEAD change nothing."""
    of = library.book()
    for path in (of, library.review(of), library.note(), library.tag()):
        before = library.alice.read(path)
        library.alice.send("HEAD", path)
        library.alice.read(path.rpartition("/")[0])
        assert library.alice.read(path) == before


def put_idempotent(library: Library) -> None:
    """The same PUT again changes nothing more, and makes nothing new."""
    of = library.book()
    for path, body in ((of, book()), (library.note(), note()), (library.review(of), review())):
        listing = path.rpartition("/")[0]
        count = len(next(value for value in library.alice.read(listing).values() if isinstance(value, list)))
        first = good(library.alice.put(path, body), 200)
        second = good(library.alice.put(path, body), 200)
        assert {**first, "updated_at": second["updated_at"]} == second
        page = library.alice.read(listing)
        assert len(next(value for value in page.values() if isinstance(value, list))) == count


LAWS = (
    put_stored,
    patch_stored,
    patch_keeps,
    put_resets,
    created_at_fixed,
    updated_at_moves,
    others_unchanged,
    safe_unchanged,
    put_idempotent,
)
