"""Laws of HEAD and OPTIONS, and of headers that browsers and caches obey."""

from .errors import methods
from .library import Library, good, note


def head_is_get(library: Library) -> None:
    """HEAD answers as GET does, without a body."""
    of = library.book()
    for path in ("/books", of, library.review(of), library.note(), "/notes", "/me", library.tag()):
        get, head = library.alice.get(path), library.alice.send("HEAD", path)
        assert head.status_code == get.status_code == 200
        assert head.get_data() == b""
        assert head.headers == get.headers


def options_true(library: Library) -> None:
    """OPTIONS lists the methods that the path has."""
    for path, known in methods(library).items():
        response = library.nobody.send("OPTIONS", path)
        assert set(response.headers.get("Allow", "").split(", ")) == known


def private_not_cacheable(library: Library) -> None:
    """What is answered to one account may not be kept by shared caches."""
    path = library.note()
    for response in (library.alice.get(path), library.alice.get("/notes"), library.alice.get("/me")):
        good(response, 200)
        assert response.cache_control.private or response.cache_control.no_store
        assert not response.cache_control.public
    assert library.alice.post("/notes", note()).cache_control.no_store


def cors_closed(library: Library) -> None:
    """No foreign origin is let in with credentials."""
    for origin in ("https://evil.example", "null", "http://books.example.evil.example"):
        response = library.alice.send("GET", "/notes", headers={"Origin": origin})
        assert response.headers.get("Access-Control-Allow-Credentials") != "true"


LAWS = (head_is_get, options_true, private_not_cacheable, cors_closed)
