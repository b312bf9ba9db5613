"""Laws of lists: windows, cursors, totals, filters and sorts."""

from typing import Any

from .library import Library


def windows(library: Library, path: str, size: int) -> list[Any]:
    """Return all items of a list by limit and offset."""
    items: list[Any] = []
    while page := library.alice.read(f"{path}?limit={size}&offset={len(items)}")["items"]:
        assert len(items) < 50
        items += page
    return items


def cursors(library: Library, size: int, more: str = "") -> list[Any]:
    """Return all books by cursor."""
    page = library.nobody.read(f"/books?page_size={size}{more}")
    books: list[Any] = page["results"]
    while page["next_cursor"] is not None:
        assert len(books) < 50
        page = library.nobody.read(f"/books?page_size={size}&cursor={page['next_cursor']}{more}")
        books += page["results"]
    return books


def fill(library: Library) -> str:
    """Make five of each kind and return the path of the reviews."""
    of = library.book()
    for _ in range(5):
        library.book()
        library.review(of)
        library.note()
        library.tag()
    return f"{of}/reviews"


def limit_bounds(library: Library) -> None:
    """A page has as many items as asked for, where there are more."""
    reviews = fill(library)
    for size in (1, 2, 3):
        for path in (reviews, "/notes", "/tags"):
            assert len(library.alice.read(f"{path}?limit={size}&offset=1")["items"]) == size
        assert len(library.nobody.read(f"/books?page_size={size}")["results"]) == size


def bounds_enforced(library: Library) -> None:
    """A size or an offset out of its declared bounds is refused."""
    reviews = fill(library)
    for path in (reviews, "/notes", "/tags"):
        for query in ("limit=0", "limit=101", "limit=-1", "offset=-1", f"offset={10**9 + 1}"):
            assert library.alice.get(f"{path}?{query}").status_code == 422
    for size in (0, 101, -1):
        assert library.nobody.get(f"/books?page_size={size}").status_code == 422


def pages_complete(library: Library) -> None:
    """Pages together are the list: nothing twice, nothing left out."""
    reviews = fill(library)
    for path in (reviews, "/notes", "/tags"):
        for size in (1, 2, 4):
            assert windows(library, path, size) == library.alice.read(path)["items"]
    library.book(title="A title that sorts before the others")
    everything = library.nobody.read("/books")["results"]
    assert len(everything) == 7
    for size in (1, 2, 3):
        assert cursors(library, size) == everything


def total_right(library: Library) -> None:
    """The total counts what the list has, whatever the page."""
    reviews = fill(library)
    library.review(library.book())
    library.bob.make("/notes", {"title": "Another's"})
    for path in (reviews, "/notes", "/tags"):
        for query in ("limit=2", "limit=2&offset=4", "offset=100"):
            assert library.alice.read(f"{path}?{query}")["total"] == 5


def past_the_end_empty(library: Library) -> None:
    """The page past the end is empty."""
    reviews = fill(library)
    for path in (reviews, "/notes", "/tags"):
        assert library.alice.read(f"{path}?limit=2&offset=5")["items"] == []
        assert library.alice.read(f"{path}?offset=1000000000")["items"] == []


def filter_works(library: Library) -> None:
    """A filter gives all that it describes and nothing else, on every page."""
    for genre, author in (("history", "A"), ("science", "A"), ("history", "B"), ("history", "A")):
        library.book(genre=genre, author=author)
    assert [item["genre"] for item in cursors(library, 2, "&genre=history")] == ["history"] * 3
    assert [item["author"] for item in cursors(library, 2, "&author=A")] == ["A"] * 3
    for pinned in (True, False, True):
        library.note(pinned=pinned)
    for text, expected in (("true", [True, True]), ("false", [False])):
        page = library.alice.read(f"/notes?pinned={text}")
        assert [item["pinned"] for item in page["items"]] == expected
        assert page["total"] == len(expected)


def sort_works(library: Library) -> None:
    """A sort holds over the whole list, not only within a page."""
    for title in ("b", "d", "a", "c"):
        library.note(title=title)
    for sort, expected in (("title", "abcd"), ("-title", "dcba"), ("id", "bdac"), ("-id", "cadb")):
        items = [
            *library.alice.read(f"/notes?sort={sort}&limit=2")["items"],
            *library.alice.read(f"/notes?sort={sort}&limit=2&offset=2")["items"],
        ]
        assert "".join(item["title"] for item in items) == expected


LAWS = (
    limit_bounds,
    bounds_enforced,
    pages_complete,
    total_right,
    past_the_end_empty,
    filter_works,
    sort_works,
)
