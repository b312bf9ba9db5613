"""Laws of the document: it is valid, and it tells what the service does."""

import re
from collections.abc import Iterator
from typing import Any

from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator
from werkzeug.test import TestResponse

from .errors import expired_token, failures
from .library import MISSING, Library, book, note, review


def document_valid(library: Library) -> None:
    """The document is valid OpenAPI 3.0.3."""
    document = library.nobody.read("/openapi.json")
    assert [error.message for error in OpenAPIV30SpecValidator(document).iter_errors()] == []
    for name in re.findall(r"'#/components/schemas/(\w+)'", str(document)):
        assert name in document["components"]["schemas"]
    for template, item in document["paths"].items():
        declared = {parameter["name"] for parameter in item.get("parameters", ())}
        assert declared == set(re.findall(r"{(\w+)}", template))


def exchanges(library: Library) -> Iterator[tuple[str, str, TestResponse]]:
    """Send to every operation what it accepts and yield its label and the response."""
    alice, of = library.alice, library.book(summary=None)
    session = {"email": "alice@example.org", "password": "correct horse battery"}
    account = {"email": "carol@example.org", "password": "x" * 9, "name": "Carol"}
    remembered = library.note()
    reminder = {"note_id": int(remembered.rpartition("/")[2]), "due_on": "2030-01-01"}
    one = {
        "POST": (book(), review(), note(), reminder, {"name": "fresh"}),
        "PUT": (book(), review(), note(), reminder, {"name": "newer"}),
    }
    yield "POST", "/accounts", library.nobody.post("/accounts", account)
    yield "POST", "/sessions", library.nobody.post("/sessions", session)
    yield "GET", "/me", alice.get("/me")
    kinds = (
        ("/books", "/books", "book_id", of),
        (f"{of}/reviews", "/books/{book_id}/reviews", "review_id", library.review(of)),
        ("/notes", "/notes", "note_id", library.note()),
        ("/reminders", "/reminders", "reminder_id", library.reminder(remembered)),
        ("/tags", "/tags", "tag_id", library.tag()),
    )
    for number, (listing, template, parameter, path) in enumerate(kinds):
        item = f"{template}/{{{parameter}}}"
        yield "GET", template, alice.get(listing)
        yield "POST", template, alice.post(listing, one["POST"][number])
        yield "GET", item, alice.get(path)
        yield "PUT", item, alice.put(path, one["PUT"][number])
        if parameter in ("book_id", "note_id"):
            yield "PATCH", item, alice.patch(path, {"title": "Patched"})
    for _, template, parameter, path in reversed(kinds):
        yield "DELETE", f"{template}/{{{parameter}}}", alice.delete(path)


def declared(document: dict[str, Any], method: str, template: str, response: TestResponse) -> dict[str, Any]:
    """Return the declaration of a response, which must be there."""
    responses: dict[str, Any] = document["paths"][template][method.lower()]["responses"]
    assert str(response.status_code) in responses, f"{method} {template} {response.status}"
    found: dict[str, Any] = responses[str(response.status_code)]
    return found


def matches(document: dict[str, Any], method: str, template: str, response: TestResponse) -> None:
    """Assert that a response is as declared: status, headers, media type and schema."""
    found = declared(document, method, template, response)
    assert set(found.get("headers", {})) <= set(response.headers.keys())
    if "content" not in found:
        assert response.get_data() == b""
        return
    assert response.mimetype in found["content"]
    schema = {**found["content"][response.mimetype]["schema"], "components": document["components"]}
    checker = OAS30ReadValidator(schema, format_checker=oas30_format_checker)
    assert [error.message for error in checker.iter_errors(response.get_json())] == []


def responses_match(library: Library) -> None:
    """Every accepted request is answered as declared, and every operation has one."""
    document = library.nobody.read("/openapi.json")
    seen = set()
    for method, template, response in exchanges(library):
        assert response.status_code < 300, f"{method} {template} {response.get_data(as_text=True)}"
        matches(document, method, template, response)
        seen.add((method.lower(), template))
    every = {(key, path) for path, item in document["paths"].items() for key in item if key != "parameters"}
    assert seen == every


def refusal_declared(library: Library) -> None:
    """What refuses bad input is declared."""
    document, of = library.nobody.read("/openapi.json"), library.book()
    for method, template, path in (
        ("POST", "/accounts", "/accounts"),
        ("POST", "/books", "/books"),
        ("PATCH", "/books/{book_id}", of),
        ("POST", "/books/{book_id}/reviews", f"{of}/reviews"),
        ("PUT", "/notes/{note_id}", library.note()),
        ("POST", "/tags", "/tags"),
    ):
        matches(document, method, template, library.alice.send(method, path, json={"unknown": 1}))
        matches(document, method, template, library.alice.raw(method, path, b"{"))
        matches(document, method, template, library.alice.raw(method, path, b"{}", "text/plain"))
    for template, path in (
        ("/books", "/books?page_size=0"),
        ("/notes", "/notes?limit=0"),
        ("/tags", "/tags?limit=0"),
    ):
        matches(document, "GET", template, library.alice.get(path))


def errors_declared(library: Library) -> None:
    """What refuses nobody, strangers, and names that are not there or taken is declared."""
    document, path = library.nobody.read("/openapi.json"), library.note()
    errors = failures(library)
    for method, template, response in (
        ("GET", "/me", errors["nobody"][1]),
        ("GET", "/books/{book_id}", errors["missing book"][1]),
        ("GET", "/notes/{note_id}", errors["missing note"][1]),
        ("PUT", "/books/{book_id}", errors["stranger"][1]),
        ("POST", "/tags", errors["taken"][1]),
        ("POST", "/books", errors["large"][1]),
        ("GET", "/notes/{note_id}", library.nobody.get(path)),
        ("DELETE", "/notes/{note_id}", library.bearer(expired_token(library)).delete(path)),
        ("GET", "/books/{book_id}/reviews", library.alice.get(f"/books/{MISSING}/reviews")),
    ):
        matches(document, method, template, response)


LAWS = (document_valid, responses_match, refusal_declared, errors_declared)
