"""The form of a service's errors, found among errors of several forms."""

from tests.kit.rule_records import Tape, verdict

ITEM, POST = "GET /books/{book_id}", "POST /books"
HTML = {"content-type": "text/html"}


def test_json_is_the_form_of_a_service_whose_framework_answers_with_pages() -> None:
    tape = Tape()
    for status in (404, 405, 413):
        tape.add("errors", f"page {status}", ITEM, status, b"<h1>no</h1>", answered=HTML)
    for _ in range(3):
        tape.add("errors", "invalid", POST, 422, {"error": "no"})
    found = verdict("ERR005", tape)
    assert {o.expected for f in found.findings for o in f.observations} == {"application/json with error"}
    assert {o.actual for f in found.findings for o in f.observations} == {"text/html"}


def test_pages_have_no_fields_of_others() -> None:
    tape = Tape()
    for status in (404, 405):
        tape.add("errors", f"page {status}", ITEM, status, b"<h1>no</h1>", answered=HTML)
        tape.add("errors", f"page {status}", ITEM, status, b"<h1>no</h1>", answered=HTML)
        tape.add("errors", f"json {status}", ITEM, status, {"error": "no"})
    found = verdict("ERR005", tape)
    assert {o.expected for f in found.findings for o in f.observations} == {"text/html"}
