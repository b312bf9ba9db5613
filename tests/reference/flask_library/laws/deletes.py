"""Laws of DELETE."""

from functools import partial

from .library import Library, good


def paths(library: Library) -> tuple[str, ...]:
    """Make one thing of each kind."""
    of = library.book()
    return library.book(), library.review(of), library.note(), library.tag()


def deleted_gone(library: Library) -> None:
    """What was deleted answers 404."""
    for path in paths(library):
        good(library.alice.delete(path), 204)
        assert library.alice.get(path).status_code == 404


def deleted_unlisted(library: Library) -> None:
    """What was deleted is in no list."""
    for path in paths(library):
        listing, _, identifier = path.rpartition("/")
        library.alice.read(listing)
        good(library.alice.delete(path), 204)
        page = library.alice.read(listing)
        assert identifier not in [str(item["id"]) for item in page.get("items", page.get("results"))]


def sibling_survives(library: Library) -> None:
    """DELETE deletes one thing."""
    of = library.book()
    for make in (library.book, partial(library.review, of), library.note, library.tag):
        older, path, newer = make(), make(), make()
        good(library.alice.delete(path), 204)
        good(library.alice.get(older), 200)
        good(library.alice.get(newer), 200)


def delete_once(library: Library) -> None:
    """DELETE of what is gone answers 404."""
    for path in paths(library):
        good(library.alice.delete(path), 204)
        assert library.alice.delete(path).status_code == 404


def children_gone(library: Library) -> None:
    """With a book its reviews are gone."""
    of = library.book()
    path = library.review(of)
    good(library.alice.delete(of), 204)
    assert library.alice.get(path).status_code == 404


LAWS = (deleted_gone, deleted_unlisted, sibling_survives, delete_once, children_gone)
