"""Hand-made records of what breaks: exchanges as the scenarios leave them, and messages beside them."""

import json
from typing import Any

from conformance.events.consumed import Consumed
from conformance.events.declared import Declared, EventMessage
from conformance.model.message import Message, MessageHeaders
from conformance.model.service import Service
from tests.kit.rule_records import DOCUMENT, Tape, service

CREATE = "POST /books"
UPDATE = "PATCH /books/{book_id}"
READ = "GET /books/{book_id}"
CONSUMES = Consumed("BookCounted", "counts", "GET /accounts/{data.account_id}", "counts.dead")


def shelf(**changes: Any) -> Service:
    """A service that publishes what happens to books, and counts them for accounts."""
    paths = json.loads(json.dumps(DOCUMENT["paths"]))
    item = paths["/books/{book_id}"]
    item["patch"] = {**item["get"], "requestBody": paths["/books"]["post"]["requestBody"]}
    made = service({**DOCUMENT, "paths": paths})
    made.events = Declared(
        messages=(
            EventMessage("BookAdded", "books", envelope="cloudevents", type="BookAdded"),
            EventMessage("BookChanged", "books", envelope="cloudevents", type="BookChanged"),
            EventMessage("BookCounted", "counts", envelope="cloudevents", type="BookCounted", sent=False),
        ),
        publishes={CREATE: ("BookAdded",), UPDATE: ("BookChanged",)},
        said_by="configuration",
        source="a test",
    )
    made.consumes = (CONSUMES,)
    made.means = frozenset({"kill", "broker"})
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def message(
    tape: Tape,
    topic: str,
    type_: str,
    data: Any,
    *,
    key: str = "",
    id_: str | None = None,
    ours: bool = False,
    more: MessageHeaders = (),
) -> Message:
    """One more message of the tape's, as a CloudEvent in binary mode."""
    number = len(tape.record.messages) + 1
    headers: MessageHeaders = (
        ("ce_specversion", b"1.0"),
        ("ce_id", (id_ or f"event-{number}").encode()),
        ("ce_source", b"/shelf"),
        ("ce_type", type_.encode()),
        *more,
    )
    found = Message(
        number,
        topic,
        0,
        number,
        (key or str(data.get("id", ""))).encode(),
        headers,
        json.dumps(data).encode(),
        None,
        0.0,
        ours,
    )
    tape.record.messages.append(found)
    return found


def book(tape: Tape, scenario: str, step: str, id_: str, title: str, status: int = 201) -> Tape:
    """A create of a book with that title."""
    sent = {"title": title}
    return tape.add(
        scenario,
        step,
        CREATE,
        status,
        {"id": id_, **sent} if status < 300 else None,
        sent=sent,
        key="id",
        resource="/books",
    )


def change(tape: Tape, scenario: str, step: str, id_: str, title: str) -> Tape:
    """A change of a book's title."""
    sent = {"title": title}
    return tape.add(
        scenario, step, UPDATE, 200, {"id": id_, **sent}, sent=sent, key="id", resource="/books", id=id_
    )


def close(tape: Tape, scenario: str, step: str, **facts: Any) -> Tape:
    """The end of a phase: all exchanges and messages so far belong to it."""
    window = {"messages": [0, len(tape.record.messages)], "exchanges": [0, len(tape.record)]}
    # In the trace of the creates, as a scenario's exchanges are all of one trace.
    return tape.add(scenario, step, CREATE, 200, {}, **{**window, "complete": True, "waited": 60.0, **facts})


def added(tape: Tape, book_id: str, title: str, **more: Any) -> Message:
    """The event of a new book."""
    return message(tape, "books", "BookAdded", {"id": book_id, "title": title}, **more)


def changed(tape: Tape, book_id: str, title: str, **more: Any) -> Message:
    """The event of a changed book."""
    return message(tape, "books", "BookChanged", {"id": book_id, "title": title}, **more)
