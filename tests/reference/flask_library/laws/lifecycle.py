"""Laws of creating."""

from .library import Library, book, good, note, review


def created_readable(library: Library) -> None:
    """What was created is read back with the same values."""
    alice, of = library.alice, library.book()
    for path, body in (
        ("/books", book()),
        (f"{of}/reviews", review()),
        ("/notes", note()),
        ("/tags", {"name": "x"}),
    ):
        made = alice.make(path, body)
        assert body.items() <= made.items()
        assert alice.read(f"{path}/{made['id']}") == made


def created_listed(library: Library) -> None:
    """What was created is in its list, with the same values."""
    alice, of = library.alice, library.book()
    for path, body in (
        ("/books", book()),
        (f"{of}/reviews", review()),
        ("/notes", note()),
        ("/tags", {"name": "x"}),
    ):
        alice.read(path)
        made = alice.make(path, body)
        page = alice.read(path)
        assert made in page.get("items", page.get("results"))


def location(library: Library) -> None:
    """Location of a 201 leads to the thing created."""
    alice, of = library.alice, library.book()
    library.tag("first")
    for path, body in (
        ("/books", book()),
        (f"{of}/reviews", review()),
        ("/notes", note()),
        ("/tags", {"name": "x"}),
    ):
        response = alice.post(path, body)
        made = good(response, 201)
        assert "Location" in response.headers
        assert alice.read(response.headers["Location"]) == made


def ids_not_reused(library: Library) -> None:
    """The identifier of what was deleted is not given again."""
    note_path, tag_path = library.note(), library.tag()
    good(library.alice.delete(note_path), 204)
    good(library.alice.delete(tag_path), 204)
    assert library.note() != note_path
    assert library.tag() != tag_path


def unique_409(library: Library) -> None:
    """What must be unique and is taken answers 409, and nothing changes."""
    taken, other = library.tag("taken"), library.tag("other")
    for response in (
        library.bob.post("/tags", {"name": "taken"}),
        library.alice.put(other, {"name": "taken"}),
        library.nobody.post("/accounts", {"email": "bob@example.org", "password": "x" * 9, "name": "b"}),
    ):
        assert response.status_code == 409
        assert response.get_json()["error"]["code"] == "conflict"
    assert library.alice.read(taken)["name"] == "taken"
    assert library.alice.read(other)["name"] == "other"


LAWS = (created_readable, created_listed, location, ids_not_reused, unique_409)
