"""Laws of authentication."""

import base64
import json
import time

import jwt

from .errors import expired_token as run_out
from .library import CAROL, KEY, PASSWORD, Library, Person, book, good, note, review


def refused(library: Library, stranger: Person) -> None:
    """Assert that every operation which asks for a token refuses this one and does nothing."""
    of = library.book()
    at, tag, under = library.note(), library.tag(), library.review(of)
    before = [library.alice.read(path) for path in (of, at, tag, under, "/books", "/notes", "/tags")]
    for method, path, body in (
        ("GET", "/me", None),
        ("GET", "/notes", None),
        ("GET", at, None),
        ("POST", "/notes", note()),
        ("PUT", at, note()),
        ("PATCH", at, {"title": "x"}),
        ("DELETE", at, None),
        ("POST", "/books", book()),
        ("PUT", of, book()),
        ("PATCH", of, {"title": "x"}),
        ("DELETE", of, None),
        ("POST", f"{of}/reviews", review()),
        ("PUT", under, review()),
        ("DELETE", under, None),
        ("POST", "/tags", {"name": "strange"}),
        ("PUT", tag, {"name": "strange"}),
        ("DELETE", tag, None),
    ):
        assert stranger.send(method, path, json=body).status_code == 401, f"{method} {path}"
    assert [library.alice.read(path) for path in (of, at, tag, under, "/books", "/notes", "/tags")] == before


def alice_id(library: Library) -> str:
    """Return the id of Alice's account."""
    return str(library.alice.read("/me")["id"])


def no_token(library: Library) -> None:
    """Without a token nothing that asks for one is done."""
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}, {"Authorization": "x"}):
        refused(library, Person(library.app, headers))


def forged_token(library: Library) -> None:
    """A token that another key has signed, or whose claims were changed, is refused."""
    claims = {"sub": alice_id(library), "exp": int(time.time()) + 600}
    refused(
        library, library.bearer(jwt.encode(claims, "another key of more than 32 bytes", algorithm="HS256"))
    )
    refused(library, library.bearer(jwt.encode(claims, KEY, algorithm="HS512")))
    header, payload, signature = library.bob.headers["Authorization"].removeprefix("Bearer ").split(".")
    decoded = json.loads(base64.urlsafe_b64decode(payload + "=="))
    changed = json.dumps({**decoded, "sub": claims["sub"]}).encode()
    payload = base64.urlsafe_b64encode(changed).decode().rstrip("=")
    refused(library, library.bearer(f"{header}.{payload}.{signature}"))


def unsigned_token(library: Library) -> None:
    """A token without a signature is refused, whatever it says of itself."""
    claims = {"sub": alice_id(library), "exp": int(time.time()) + 600}
    refused(library, library.bearer(jwt.encode(claims, "", algorithm="none")))
    header, payload, _ = library.alice.headers["Authorization"].removeprefix("Bearer ").split(".")
    refused(library, library.bearer(f"{header}.{payload}."))
    refused(library, library.bearer(f"{header}.{payload}"))
    for name in ("None", "nOnE", ""):
        said = json.dumps({"alg": name, "typ": "JWT"}).encode()
        header = base64.urlsafe_b64encode(said).decode().rstrip("=")
        refused(library, library.bearer(f"{header}.{payload}."))


def expired_token(library: Library) -> None:
    """A token that has expired is refused."""
    refused(library, library.bearer(run_out(library)))
    claims = {"sub": alice_id(library), "exp": int(time.time()) - 3600}
    refused(library, library.bearer(jwt.encode(claims, KEY, algorithm="HS256")))


def disabled_refused(library: Library) -> None:
    """A disabled account is refused with a token that has not run out, whatever it asks for."""
    refused(library, library.bearer(jwt.encode({"sub": CAROL, "exp": int(time.time()) + 600}, KEY, "HS256")))
    wrong = library.nobody.post("/sessions", {"email": "carol@library.example", "password": PASSWORD})
    assert wrong.status_code == 401


def refused_changes_nothing(library: Library) -> None:
    """What is refused for its token is not done."""
    refused(library, library.nobody)


def token_for_another(library: Library) -> None:
    """A token for another audience, or of another kind, is refused."""
    good_token = library.alice.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good_token, KEY, algorithms=["HS256"], options={"verify_aud": False})
    refused(library, library.bearer(jwt.encode({**claims, "aud": "elsewhere"}, KEY, "HS256")))
    if "token_type" in claims:
        refused(library, library.bearer(jwt.encode({**claims, "token_type": "refresh"}, KEY, "HS256")))


def token_expires(library: Library) -> None:
    """Sign-in gives tokens that expire when it says."""
    answer = good(library.nobody.post("/sessions", {"email": "bob@example.org", "password": PASSWORD}), 200)
    claims = jwt.decode(answer["token"], KEY, algorithms=["HS256"])
    assert "exp" in claims
    assert abs(claims["exp"] - claims["iat"] - answer["expires_in"]) <= 1


def sign_in_tells_nothing(library: Library) -> None:
    """Sign-in answers a wrong password and an unknown email alike."""
    wrong = library.nobody.post("/sessions", {"email": "bob@example.org", "password": "wrong password"})
    unknown = library.nobody.post("/sessions", {"email": "eve@example.org", "password": "wrong password"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()


def wrong_password_refused(library: Library) -> None:
    """Sign-in takes the password that was given at sign-up and no other."""
    for password in ("wrong", PASSWORD[:8], PASSWORD + "x", PASSWORD.upper(), " " + PASSWORD):
        response = library.nobody.post("/sessions", {"email": "bob@example.org", "password": password})
        assert response.status_code == 401


LAWS = (
    no_token,
    forged_token,
    unsigned_token,
    expired_token,
    disabled_refused,
    refused_changes_nothing,
    token_for_another,
    token_expires,
    sign_in_tells_nothing,
    wrong_password_refused,
)
