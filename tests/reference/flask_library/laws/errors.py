"""Laws of errors and of what is not there."""

from werkzeug.test import TestResponse

from .library import MISSING, Library, book, good, note, review


def failures(library: Library) -> dict[str, tuple[int, TestResponse]]:
    """Provoke an error of every layer; return the status that each must have."""
    alice, bob, nobody = library.alice, library.bob, library.nobody
    of = library.book()
    library.tag("taken")
    return {
        "router": (404, nobody.get("/nowhere")),
        "method": (405, nobody.send("DELETE", "/books")),
        "missing book": (404, nobody.get(f"/books/{MISSING}")),
        "missing note": (404, alice.get("/notes/999")),
        "nobody": (401, nobody.get("/me")),
        "stranger": (403, bob.put(of, book())),
        "taken": (409, bob.post("/tags", {"name": "taken"})),
        "large": (413, alice.raw("POST", "/books", b" " * 70000)),
        "media type": (415, alice.raw("POST", "/books", b"{}", "text/plain")),
        "malformed": (400, alice.raw("POST", "/books", b"{")),
        "invalid": (422, alice.post("/books", {})),
        "query": (422, nobody.get("/books?page_size=0")),
        "cursor": (422, nobody.get("/books?cursor=xyz")),
    }


def one_shape(library: Library) -> None:
    """Every error has one shape, whichever layer it comes from."""
    for name, (status, response) in failures(library).items():
        body = response.get_json(silent=True)
        assert isinstance(body, dict), name
        assert body.keys() == {"error"}, name
        assert isinstance(body["error"], dict), name
        assert {"code", "message"} <= body["error"].keys() <= {"code", "message", "fields"}, name
        assert response.status_code == status, name


def error_media_type(library: Library) -> None:
    """Every error has the declared media type."""
    for name, (_, response) in failures(library).items():
        assert response.content_type == "application/json", name


def challenge(library: Library) -> None:
    """Every 401 names its scheme."""
    wrong = {"email": "alice@example.org", "password": "wrong"}
    for response in (
        library.nobody.get("/me"),
        library.nobody.post("/notes", note()),
        library.bearer("a.b.c").get("/notes"),
        library.bearer(expired_token(library)).get("/notes"),
        library.nobody.post("/sessions", wrong),
    ):
        assert response.status_code == 401
        assert response.headers.get("WWW-Authenticate", "").startswith("Bearer")


def expired_token(library: Library) -> str:
    """Return a token of Alice's that the service made and that has run out."""
    seconds = library.app.config["TOKEN_SECONDS"]
    library.app.config["TOKEN_SECONDS"] = -60
    body = {"email": "alice@example.org", "password": "correct horse battery"}
    token = str(good(library.nobody.post("/sessions", body), 200)["token"])
    library.app.config["TOKEN_SECONDS"] = seconds
    return token


def methods(library: Library) -> dict[str, set[str]]:
    """Return what each path has."""
    of = library.book()
    return {
        "/books": {"GET", "HEAD", "POST", "OPTIONS"},
        of: {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"},
        library.review(of): {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"},
        "/sessions": {"POST", "OPTIONS"},
        "/me": {"GET", "HEAD", "OPTIONS"},
    }


def allow(library: Library) -> None:
    """Every 405 lists the methods that the path has."""
    for path, known in methods(library).items():
        response = library.alice.send("TRACE", path)
        assert response.status_code == 405
        assert set(response.headers.get("Allow", "").split(", ")) == known


def field_named(library: Library) -> None:
    """A 422 names the fields that are wrong."""
    for response, fields in (
        (library.alice.post("/books", book(pages=0, genre="x")), {"pages", "genre"}),
        (library.alice.post("/books", {"author": "a"}), {"title", "pages"}),
        (library.alice.post("/notes", note(colour="red")), {"colour"}),
        (library.nobody.get("/books?page_size=0"), {"page_size"}),
    ):
        assert good(response, 422)["error"].get("fields", {}).keys() == fields


def missing_404(library: Library) -> None:
    """What is not there answers 404 to every method."""
    alice, of = library.alice, library.book()
    gone = f"/books/{MISSING}"
    responses = [
        alice.get(gone),
        alice.put(gone, book()),
        alice.patch(gone, {}),
        alice.delete(gone),
        alice.get(f"{gone}/reviews"),
        alice.post(f"{gone}/reviews", review()),
        *(
            alice.send(method, f"{of}/reviews/{MISSING}", json=review())
            for method in ("GET", "PUT", "DELETE")
        ),
        *(alice.send(method, "/notes/999", json=note()) for method in ("GET", "PUT", "PATCH", "DELETE")),
        *(alice.send(method, "/tags/999", json={"name": "x"}) for method in ("GET", "PUT", "DELETE")),
        *(alice.get(path) for path in ("/", "/nowhere", "/books/5", "/notes/x", "/books/", "//books")),
    ]
    assert [response.status_code for response in responses] == [404] * len(responses)


def success_without_error(library: Library) -> None:
    """A success never carries an error."""
    for name, (_, response) in failures(library).items():
        assert response.status_code >= 400, name
    assert library.alice.get("/tags/999").status_code >= 400


def own_parent(library: Library) -> None:
    """A child is reached through its own parent only."""
    of, other = library.book(), library.book()
    path = library.review(of).replace(of, other)
    for method in ("GET", "PUT", "DELETE"):
        assert library.alice.send(method, path, json=review()).status_code == 404
    assert library.alice.read(f"{other}/reviews") == {"items": [], "total": 0}
    assert library.alice.read(f"{of}/reviews")["total"] == 1


LAWS = (
    one_shape,
    error_media_type,
    challenge,
    allow,
    field_named,
    missing_404,
    success_without_error,
    own_parent,
)
