"""The rules of publishing over records made by hand, and what becomes of such records in a file."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.events.declared import Declared, EventMessage, as_data, from_data
from conformance.model.archive import Archive, load, save
from conformance.model.message import Message
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.report.published import published
from conformance.target.secrets import Secrets
from tests.kit.rule_records import DOCUMENT, Tape, service, verdict

BOOK = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "title": {"type": "string"}},
}
CREATED = EventMessage("BookCreated", "books", payload=BOOK)
OTHER = EventMessage("ShelfFull", "books", payload={"type": "object", "required": ["shelf"]})
DECLARED = Declared(
    (CREATED, OTHER),
    {"POST /books": ("BookCreated",)},
    "configuration",
    "here",
    raw={"asyncapi": "3.0.0"},
    alone=True,
)
CREATE = "POST /books"


def publishing(**changes: Any) -> Service:
    """The service of books that publishes."""
    found = service()
    found.events = replace(DECLARED, **changes)
    return found


def told(tape: Tape, value: Any, *, key: str | None = "7", topic: str = "books", **headers: str) -> Tape:
    """A message more."""
    messages = tape.record.messages
    messages.append(
        Message(
            number=len(messages) + 1,
            topic=topic,
            partition=0,
            offset=len(messages),
            key=None if key is None else key.encode(),
            headers=tuple((name, text.encode()) for name, text in headers.items()),
            value=json.dumps(value).encode(),
            timestamp=1_900_000_000.0,
            seen=float(len(messages)),
        )
    )
    return tape


def created(
    status: int = 201, *, known: str = "marker", number: str = "7", window: int = 0, **sent: Any
) -> Tape:
    """A record of one create."""
    tape = Tape()
    body = {"id": number, "title": "Emma", "author": "Austen"} if status == 201 else {"detail": "no"}
    tape.add("events", "create", CREATE, status, body, send=sent, sent=sent, window=window)
    tape.record.waits["books"] = known  # type: ignore[assignment]
    return tape


def outcome(rule: str, tape: Tape, **changes: Any) -> str:
    """What becomes of a rule."""
    return verdict(rule, tape, publishing(**changes)).outcome


def test_one_event_of_one_write() -> None:
    tape = told(created(), {"id": "7", "title": "Emma"})
    assert [outcome(rule, tape) for rule in ("EVT003", "EVT004", "EVT005", "EVT010", "EVT017")] == [
        "passed"
    ] * 5


def test_a_missing_event_is_told_only_where_its_topic_was_read_to_its_end() -> None:
    assert outcome("EVT003", created()) == "failed"
    assert outcome("EVT003", created(known="time")) == "failed"
    assert outcome("EVT003", created(known="none")) == "vacuous"


@pytest.mark.parametrize("scenario", ["fuzz", "cleanup"])
def test_a_write_of_the_fuzzer_or_after_the_end_of_the_topics_is_not_judged(scenario: str) -> None:
    tape = Tape().add(scenario, "any", CREATE, 201, {"id": "7"}, sent={})
    tape.record.waits["books"] = "marker"
    assert outcome("EVT003", tape) == "vacuous"


def test_the_event_of_a_refused_body_is_its_fault() -> None:
    tape = told(created(409, title="A title of its own"), {"id": "9", "title": "A title of its own"}, key="9")
    assert outcome("EVT006", tape) == "failed"
    assert outcome("EVT017", tape) == "not_applicable"


def test_an_event_after_a_server_error_is_nobody_s_fault() -> None:
    tape = told(created(500, title="A title of its own"), {"id": "9", "title": "A title of its own"}, key="9")
    assert {outcome(rule, tape) for rule in ("EVT003", "EVT006")} == {"vacuous"}
    assert outcome("EVT017", tape) == "not_applicable"


def test_an_event_of_nobody_is_told_where_nobody_else_writes() -> None:
    tape = told(told(created(), {"id": "7"}), {"id": "99", "title": "Of another"}, key="99")
    assert outcome("EVT017", tape) == "failed"
    assert outcome("EVT017", tape, alone=False) == "not_applicable"


def test_the_key_may_be_configured() -> None:
    tape = told(created(), {"id": "7", "title": "Emma", "author": "Austen"}, key="Austen")
    assert outcome("EVT004", tape) == "failed"
    by_author = (replace(CREATED, key="data.author"), OTHER)
    assert outcome("EVT004", tape, messages=by_author) == "passed"


def test_a_write_that_touches_objects_of_another_kind_may_publish_many() -> None:
    racked = EventMessage("RackChanged", "books", payload={"type": "object", "required": ["rack"]})
    document = json.loads(json.dumps(DOCUMENT))
    item = {"get": {"responses": {"200": {"description": "ok"}}}}
    document["paths"] |= {"/racks": item, "/racks/{rack_id}": item}
    parameter = {"name": "rack_id", "in": "path", "required": True}
    document["paths"]["/racks/{rack_id}"] = {**item, "parameters": [parameter]}
    of = service(document)
    both = {CREATE: ("BookCreated", "RackChanged")}
    of.events = replace(DECLARED, messages=(CREATED, racked), publishes=both)
    tape = told(created(), {"id": "7"})
    for number in ("1", "2"):
        told(tape, {"rack": number}, key=number, type="RackChanged")
    assert [verdict(rule, tape, of).outcome for rule in ("EVT003", "EVT017")] == ["passed"] * 2


def test_each_object_of_a_bulk_has_its_event() -> None:
    tape = Tape()
    tape.add("events", "call", CREATE, 200, [{"id": "1", "title": "a"}, {"id": "2", "title": "b"}], sent=[])
    tape.record.waits["books"] = "marker"
    told(tape, {"id": "1", "title": "a"}, key="1")
    assert outcome("EVT003", tape) == "failed"
    told(tape, {"id": "2", "title": "b"}, key="2")
    assert outcome("EVT003", tape) == "passed"


def test_nothing_undeclared() -> None:
    tape = told(created(), {"id": "7"})
    assert outcome("EVT015", tape) == "passed"
    assert outcome("EVT015", told(created(), {"odd": 1})) == "failed"
    assert outcome("EVT015", told(created(), {"id": "7"}, topic="elsewhere")) == "failed"


def test_a_registry_s_payload_is_counted_and_not_judged() -> None:
    tape = created()
    told(tape, {})
    tape.record.messages[0] = replace(tape.record.messages[0], value=b"\0\0\0\0\1xyz")
    assert outcome("EVT015", tape) == "passed"
    assert outcome("EVT010", tape) == "not_applicable"
    shown = published(tape.record, publishing(), str)
    assert shown is not None
    assert shown.unsupported == 1


@pytest.mark.parametrize(
    ("data", "result"),
    [
        ({"id": "7", "title": "x"}, "passed"),
        ({"id": "7", "password_hash": "x"}, "failed"),
        ({"id": "7", "who": {"mail": {"email": "a@example.com"}}}, "failed"),
        ({"id": "7", "note": "$argon2id$v=19$m=65536"}, "failed"),
        ({"id": "7", "note": "alices-own-token-1"}, "failed"),
        ({"id": "7", "title": "a@example.com"}, "passed"),
    ],
)
def test_secrets_and_personal_data(data: Mapping[str, Any], result: str) -> None:
    assert outcome("EVT014", told(created(), data)) == result


def test_released_schemas() -> None:
    released = {"BookCreated": BOOK}
    tape = told(created(), {"id": "7"})
    assert outcome("EVT016", tape, released=released) == "passed"
    assert outcome("EVT016", tape, released={"BookSold": BOOK}) == "failed"
    narrower = (replace(CREATED, payload={**BOOK, "required": ["id", "title"]}), OTHER)
    assert outcome("EVT016", tape, released=released, messages=narrower) == "failed"
    assert outcome("EVT016", tape, released=released, messages=narrower, compatibility="forward") == "passed"
    wider = {"BookCreated": {**BOOK, "required": ["id", "title"]}}
    assert outcome("EVT016", tape, released=wider) == "passed"
    assert outcome("EVT016", tape, released=wider, compatibility="full") == "failed"


def test_without_a_broker_the_line_to_add_is_named() -> None:
    found = verdict("EVT003", created(), publishing(unseen="this line"))
    assert (found.outcome, found.requirement) == ("not_run", "a broker that the kit can read (this line)")
    assert published(created().record, publishing(unseen="this line"), str) is None


def test_without_declared_events_nothing_applies() -> None:
    for number in range(1, 19):
        assert verdict(f"EVT{number:03}", created(), service()).outcome == "not_applicable"


def test_a_declaration_comes_back_from_data() -> None:
    assert from_data(json.loads(json.dumps(as_data(DECLARED)))) == DECLARED


def test_messages_come_back_from_a_file_without_their_secrets(tmp_path: Path) -> None:
    tape = told(created(), {"id": "7", "access_token": "s3cr3t-0f-th1s"}, note="a")
    record = Record(tape.record.exchanges, None, tape.record.messages, tape.record.waits)
    record.messages.append(
        replace(record.messages[0], number=2, offset=1, key=None, value=None, headers=(("a", None),))
    )
    record.messages.append(replace(record.messages[0], number=3, offset=2, value=b"\xff\0", ours=True))
    of = publishing()
    save(tmp_path / "r.json", Archive(record, of, "http://127.0.0.1:8000", read_only=False), Secrets())
    assert "s3cr3t-0f-th1s" not in (tmp_path / "r.json").read_text()
    again = load(tmp_path / "r.json")
    assert again.service.events == of.events
    assert again.record.waits == record.waits
    assert again.record.messages[1:] == record.messages[1:]
    assert again.record.messages[0].key == b"7"
    assert b"redacted" in (again.record.messages[0].value or b"")


CHANGE = "PUT /books/{book_id}"


def rewritable() -> dict[str, Any]:
    """The document of books, with a PUT of each."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    body = document["paths"]["/books"]["post"]["requestBody"]
    item = document["paths"]["/books/{book_id}"]
    item["put"] = {"requestBody": body, "responses": item["get"]["responses"]}
    return document


def changed(*titles: str, windows: tuple[int, ...]) -> Tape:
    """A record of a create and of updates one after the other."""
    tape = created(number="{book_id}", window=1)
    for title, window in zip(titles, windows, strict=True):
        sent = {"title": title, "author": "Austen"}
        tape.add("events", "update", CHANGE, 200, {"id": "{book_id}", **sent}, sent=sent, window=window)
    return tape


@pytest.mark.parametrize(
    ("told_titles", "windows", "result"),
    [
        # Each event came while its write was waited for.
        (("Persuasion", "Sanditon", "Evelyn"), (1, 2, 3), "passed"),
        # The event of the first write ended the wait for the second one's, and so on.
        (("Persuasion", "Sanditon", "Evelyn"), (1, 1, 2), "passed"),
        # Each tells what was there before.
        (("Emma", "Persuasion", "Sanditon"), (1, 2, 3), "failed"),
    ],
)
def test_a_late_event_is_no_stale_one(told_titles: Any, windows: Any, result: str) -> None:
    tape = changed("Persuasion", "Sanditon", "Evelyn", windows=windows)
    for title in told_titles:
        told(tape, {"id": "{book_id}", "title": title}, key="{book_id}", type="BookChanged")
    of = service(rewritable())
    message = replace(CREATED, name="BookChanged", type="BookChanged")
    of.events = replace(DECLARED, messages=(message,), publishes={CHANGE: ("BookChanged",)})
    assert verdict("EVT005", tape, of).outcome == result
    assert verdict("EVT003", tape, of).outcome == "passed"


def test_what_is_told_again_after_a_refused_repetition_is_that_one_s() -> None:
    sent = {"title": "A title of its own"}
    tape = created(window=1, title="A title of its own")
    told(tape, {"id": "7", "title": "Emma"})
    tape.add("events", "create again", CREATE, 409, {"detail": "taken"}, send=sent, sent=sent, window=2)
    assert [outcome(rule, tape) for rule in ("EVT003", "EVT006")] == ["passed"] * 2
    told(tape, {"id": "7", "title": "Emma"})
    assert [outcome(rule, tape) for rule in ("EVT003", "EVT006")] == ["passed", "failed"]


def test_of_a_bulk_that_was_refused_no_item_is_told() -> None:
    tape = created()
    told(tape, {"id": "7", "title": "Emma"})
    items = [{"title": "A title of its own"}, {"title": 5}]
    tape.add("events", "refused bulk", CREATE, 422, {"detail": "no"}, send=items, sent=items, items=items)
    assert outcome("EVT006", tape) == "passed"
    told(tape, {"id": "8", "title": "A title of its own"}, key="8")
    assert outcome("EVT006", tape) == "failed"


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        (BOOK, "passed"),
        ({"$ref": "book.json"}, "passed"),
        ({"type": "object", "additionalProperties": True}, "passed"),
        ({"type": "object", "title": "Book"}, "failed"),
        ({"$ref": "#/$defs/Book", "$defs": {"Book": {}}}, "failed"),
        (None, "failed"),
    ],
)
def test_a_schema_that_says_nothing_declares_nothing(payload: Any, result: str) -> None:
    tape = told(created(), {"id": "7", "title": "Emma"}, key=None, type="BookCreated")
    message = replace(CREATED, payload=payload, type="BookCreated", headers={"type": "object"})
    assert outcome("EVT002", tape, messages=(message,)) == result


def test_seconds_are_no_time_of_a_cloud_event() -> None:
    attributes = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "s", "ce_type": "BookCreated"}
    named = (replace(CREATED, type="BookCreated"),)
    tape = told(created(), {"id": "7", "title": "Emma"}, **attributes, ce_time="1900000000")
    assert outcome("EVT012", tape, messages=named) == "failed"
    plain = told(created(), {"id": "7", "title": "Emma"}, type="BookCreated", time="1900000000")
    assert outcome("EVT012", plain, messages=named) == "not_applicable"


@pytest.mark.parametrize(("again", "result"), [((), "passed"), (("1",), "passed"), (("1", "2"), "failed")])
def test_what_a_sender_repeats_now_and_then_is_no_second_event(again: tuple[str, ...], result: str) -> None:
    tape = Tape()
    for number in ("1", "2", "3"):
        tape.add("events", "create", CREATE, 201, {"id": number, "title": "Emma"}, sent={})
        for _ in range(1 + (number in again)):
            told(tape, {"id": number, "title": "Emma"}, key=number, event_id=f"e{number}")
    tape.record.waits["books"] = "marker"
    assert outcome("EVT003", tape) == result
    told(tape, {"id": "1", "title": "Emma"}, key="1", event_id="another")
    assert outcome("EVT003", tape) == "failed"
