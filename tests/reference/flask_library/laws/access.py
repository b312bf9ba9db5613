"""Laws of authorization: what is another's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from .library import Library, book, note, review


def private_unreadable(library: Library) -> None:
    """Another's private thing cannot be read and is in no list."""
    path = library.note()
    assert library.bob.get(path).status_code == 404
    assert library.bob.send("HEAD", path).status_code == 404
    for query in ("", "?sort=-id", "?sort=title", "?pinned=true"):
        assert library.bob.read(f"/notes{query}")["items"] == []


def stranger_change(library: Library) -> None:
    """Another's thing cannot be changed, by any method."""
    of = library.book()
    foreign = f"/books/{library.bob.make('/books', book())['id']}"
    owners = library.review(foreign)
    for method, path, body, status in (
        ("PUT", of, book(), 403),
        ("PATCH", of, {"title": "x"}, 403),
        ("PUT", library.review(of), review(), 403),
        ("PUT", owners, review(), 403),
        ("PUT", library.note(), note(), 404),
        ("PATCH", library.note(), {"title": "x"}, 404),
        ("PUT", library.tag(), {"name": "x"}, 403),
    ):
        before = library.alice.read(path)
        response = library.bob.send(method, path, json=body)
        assert library.alice.read(path) == before
        assert response.status_code == status


def stranger_delete(library: Library) -> None:
    """Another's thing cannot be deleted."""
    of = library.book()
    for path, status in ((of, 403), (library.review(of), 403), (library.note(), 404), (library.tag(), 403)):
        response = library.bob.delete(path)
        assert library.alice.get(path).status_code == 200
        assert response.status_code == status


def existence_hidden(library: Library) -> None:
    """Nothing tells a stranger which private things exist."""
    path = library.note()
    for method, body in (("GET", None), ("PUT", note()), ("PATCH", {}), ("DELETE", None)):
        private = library.bob.send(method, path, json=body)
        missing = library.bob.send(method, "/notes/999999", json=body)
        assert private.status_code == missing.status_code == 404
        assert private.get_json() == missing.get_json()
    assert library.bob.read("/notes")["total"] == 0


def strangers_total(library: Library) -> None:
    """No number beside a list counts what is hidden from who asks."""
    library.reminder(library.note())
    for path in ("/notes", "/reminders"):
        response = library.bob.get(path)
        assert response.get_json() == {"items": [], "total": 0}
        assert response.headers.get("X-Total-Count", "0") == "0"


def own_references(library: Library) -> None:
    """A body that names another's private thing is refused, and shows nothing of it."""
    secret = library.note(title="A title of Alice's")
    number, bobs = int(secret.rpartition("/")[2]), int(library.bob.make("/notes", note())["id"])
    own = library.bob.make("/reminders", {"note_id": bobs, "due_on": "2030-01-01"})
    for method, path in (("POST", "/reminders"), ("PUT", f"/reminders/{own['id']}")):
        response = library.bob.send(method, path, json={"note_id": number, "due_on": "2030-01-01"})
        assert response.status_code == 422
        assert "A title of" not in response.get_data(as_text=True)
    assert library.bob.read(f"/reminders/{own['id']}") == own


INTERNALS = ("Traceback", "sqlite", "SELECT", "UNIQUE constraint", "/service/", ".py", "Werkzeug/", "Python/")


def nothing_internal_told(library: Library) -> None:
    """No error tells of code, SQL, paths or versions."""
    library.tag("taken")
    for response in (
        library.bob.post("/tags", {"name": "taken"}),
        library.alice.raw("POST", "/books", b"{"),
        library.bearer("a.b.c").get("/me"),
        library.nobody.get("/nowhere"),
        library.alice.get("/notes/999"),
        library.alice.post("/books", {}),
        library.nobody.get("/books?cursor=!"),
    ):
        text = response.get_data(as_text=True) + str(response.headers)
        assert [word for word in INTERNALS if word in text] == []


def password_hidden(library: Library) -> None:
    """No answer carries a password or its hash."""
    secret = "\0secret"
    account = {"email": "dave@example.org", "password": "a secret of Dave's", "name": "Dave"}
    for response in (
        library.nobody.post("/accounts", {**account, "password": secret}),
        library.nobody.post("/accounts", account),
        library.nobody.post("/accounts", account),
        library.nobody.post("/sessions", {**account, "name": 5}),
        library.alice.get("/me"),
    ):
        text = response.get_data(as_text=True)
        assert "secret" not in text
        assert "pbkdf2" not in text
        assert "hash" not in text


def race_unique(library: Library) -> None:
    """Of two requests at once for one unique name, one wins and the other gets 409."""
    account = {"email": "erin@example.org", "password": "x" * 9, "name": "Erin"}
    for path, body in (("/tags", {"name": "raced"}), ("/accounts", account)):
        assert sorted(together(library, path, body)) == [201, 409, 409, 409]


def together(library: Library, path: str, body: object) -> list[int]:
    """Send four POSTs at once and return their statuses."""
    barrier = Barrier(4)

    def send(_: int) -> int:
        barrier.wait(timeout=30)
        return library.alice.post(path, body).status_code

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(send, range(4)))


LAWS = (
    private_unreadable,
    stranger_change,
    stranger_delete,
    existence_hidden,
    strangers_total,
    own_references,
    nothing_internal_told,
    password_hidden,
    race_unique,
)
