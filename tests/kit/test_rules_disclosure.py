"""What must not be told: the inside of a service, and passwords (ERR009, SEC012, SEC014)."""

from typing import Any

import pytest

from tests.kit.rule_records import Tape, broken, service, verdict

POST, ITEM, SIGN_UP, CONNECT = "POST /books", "GET /books/{book_id}", "POST /accounts", "POST /connections"
PASSWORD = "c2345-hunter-9Zq"
ARGON = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub"
BCRYPT = "$2b$12$" + "a" * 53


def error(body: Any, *, status: int = 400, send: Any = None) -> Tape:
    return Tape().add("errors", "invalid", POST, status, body, send=send, field="title", fault="type")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('Traceback (most recent call last):\n  File "x.py", line 3, in f', "a stack trace (Python)"),
        ("java.lang.Exception: no\n\tat org.shop.Till.pay(Till.java:42)", "a stack trace (Java)"),
        ("TypeError: no\n    at pay (/srv/shop/till.js:4:17)", "a stack trace (JavaScript)"),
        ("goroutine 1 [running]:\nmain.main()", "a stack trace (Go)"),
        ("   at Shop.Till.Pay(Int32 sum) in C:\\shop\\Till.cs:line 9", "a stack trace (.NET)"),
        ("#0 /var/www/till.php(12): pay()", "a stack trace (PHP)"),
        ("till.rb:12:in `pay'", "a stack trace (Ruby)"),
        ("thread 'main' panicked at src/till", "a stack trace (Rust)"),
        ("sqlite3.IntegrityError: no", "the name of an internal exception"),
        ("org.hibernate.exception.LockAcquisitionException", "the name of an internal exception"),
        ("<app.Till object at 0x7f3a2b1c>", "the inside of a Python object"),
        ("'NoneType' object has no attribute 'id'", "the inside of a Python object"),
        ("UNIQUE constraint failed: books.title", "a database's words"),
        ('duplicate key value violates unique constraint "books_title_key"', "a database's words"),
        ("SELECT id, title FROM books WHERE id = 1", "an SQL statement"),
        ("[SQL: INSERT INTO books (title) VALUES (?)]", "an SQL statement"),
        ("refused in /home/shop/app/auth.py", "the path of a file"),
        ("refused (auth.py:36)", "the path of a file"),
        ("cannot open /var/lib/shop/shop.db", "the path of a file"),
        ("cannot reach postgresql://shop:hunter2@db/shop", "a key or a connection string"),
    ],
)
def test_an_error_that_tells_of_the_inside_fails(text: str, cause: str) -> None:
    assert broken("ERR009", error({"detail": [{"msg": text}]})) == [(POST, cause)]
    assert broken("ERR009", error(f"<pre>{text}</pre>".encode())) == [(POST, cause)]


@pytest.mark.parametrize(
    "text",
    [
        "Book not found",
        "title: String should have at most 40 characters",
        "Select a genre from the list",
        "See https://api.example.rs:8443/errors/conflict and /docs/errors.html",
        "Update your profile and set a name",
        "no such book",
        "JSON decode error at line 1 column 14 (char 13)",
        "Content-Type must be application/json",
        "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "Try again at 12:30:15",
    ],
)
def test_an_error_in_plain_words_passes(text: str) -> None:
    assert verdict("ERR009", error({"detail": text})).outcome == "passed"


def test_what_the_request_said_is_not_judged() -> None:
    text = "SELECT id FROM books WHERE 1"
    assert verdict("ERR009", error({"detail": f"no: {text}"}, send={"title": text})).outcome == "passed"


def test_fields_of_a_success_that_the_document_declares_are_data() -> None:
    trace = "Traceback (most recent call last)"
    tape = Tape().add("lifecycle", "read", ITEM, 200, {"id": "1", "title": trace})
    assert verdict("ERR009", tape).outcome == "vacuous"
    tape = Tape().add("lifecycle", "read", ITEM, 200, {"id": "1", "debug": {"why": trace}})
    assert broken("ERR009", tape) == [(ITEM, "a stack trace (Python)")]


def test_header_fields_tell_too_but_a_location_is_a_path() -> None:
    tape = Tape().add("lifecycle", "read", ITEM, 200, {}, answered={"x-query": "SELECT a FROM b WHERE c"})
    assert broken("ERR009", tape) == [(ITEM, "an SQL statement")]
    tape = Tape().add("lifecycle", "read", ITEM, 201, {}, answered={"location": "/files/app/main.py"})
    assert verdict("ERR009", tape).outcome == "vacuous"


def test_a_key_is_not_repeated_in_the_finding() -> None:
    found = verdict("ERR009", error({"detail": "redis://:hunter2@cache/0"}))
    assert "hunter2" not in found.findings[0].shown.actual


def signed_up(body: Any, *, status: int = 200, password: str = PASSWORD) -> Tape:
    return Tape().add("principals", "sign-up", SIGN_UP, status, body, send={"password": password})


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ({"id": "1", "password": PASSWORD}, "the password"),
        ({"id": "1", "note": f"Welcome, your password is {PASSWORD}."}, "the password"),
        ({"id": "1", "secret": ARGON}, "a hash"),
        ({"id": "1", "x": BCRYPT}, "a hash"),
        ({"id": "1", "hashedPassword": "5f4dcc3b5aa765d61d8327deb882cf99"}, "a hash"),
    ],
)
def test_a_success_with_a_password_or_its_hash_fails(body: Any, cause: str) -> None:
    assert broken("SEC012", signed_up(body)) == [(SIGN_UP, cause)]


@pytest.mark.parametrize(
    "body", [{"id": "1"}, {"id": "1", "password": None}, {"id": "1", "password": "****"}]
)
def test_a_success_without_it_passes(body: Any) -> None:
    assert verdict("SEC012", signed_up(body)).outcome == "passed"


def test_an_account_shown_elsewhere_must_not_have_it_either() -> None:
    tape = signed_up({"id": "1"}).add("operations", "call", ITEM, 200, {"title": PASSWORD})
    assert broken("SEC012", tape) == [(ITEM, "the password")]


def test_a_declared_password_of_something_else_is_data() -> None:
    sent = {"host": "db", "password": PASSWORD}
    tape = Tape().add("operations", "call", CONNECT, 200, {"id": "1", **sent}, send=sent)
    assert verdict("SEC012", tape).outcome == "passed"


def test_a_plain_word_may_stand_in_an_answer_by_chance() -> None:
    assert verdict("SEC012", signed_up({"name": "string"}, password="string")).outcome == "passed"


@pytest.mark.parametrize("sent", [PASSWORD, "xxxxxxx"])
def test_a_refusal_that_repeats_the_password_fails(sent: str) -> None:
    body = {"detail": [{"loc": ["body", "name"], "input": {"password": sent}}]}
    assert broken("SEC014", signed_up(body, status=422, password=sent)) == [(SIGN_UP, "repeated in a 422")]


def test_a_refusal_that_masks_it_passes() -> None:
    masked = signed_up({"detail": "name is missing, password was xxxxxxxxxx"}, status=422, password="xxxxxxx")
    assert verdict("SEC014", masked).outcome == "passed"


def test_without_refused_passwords_nothing_is_judged() -> None:
    assert verdict("SEC014", signed_up({"id": "1"})).outcome == "not_applicable"
    assert verdict("SEC012", error({"detail": ARGON}), service()).outcome == "not_applicable"
