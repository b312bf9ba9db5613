"""Which writes are waited for, and which messages are theirs."""

from dataclasses import replace
from typing import Any, cast

import pytest

from conformance.events.written import about, arrived, contradicting, events_of, tells, written
from conformance.scenarios.publishing import Publishing
from conformance.scenarios.session import Made, Session
from tests.kit.breaking_records import UPDATE, added, book, change, changed, message, shelf
from tests.kit.rule_records import Tape

SHELF = shelf()


def made(sent: Any) -> Made:
    return Made(cast("Any", None), ("7",), {"id": "7"}, sent)


def test_an_update_that_changes_nothing_is_not_sent() -> None:
    """Nobody need publish it, so nobody may wait for its event."""
    tools = Publishing(cast("Session", None), cast("Any", None), "outage", "outage", [])
    assert not tools.changes(made({"title": "a", "open": True}), {"open": True})
    assert tools.changes(made({"title": "a"}), {"title": "b"})
    assert not tools.changes(made({"title": "a"}), {"title": "b"})
    assert tools.changes(made(None), {"title": "c"})


@pytest.mark.parametrize(("status", "is_one"), [(201, True), (409, False), (503, False)])
def test_only_an_accepted_request_is_a_write(status: int, is_one: bool) -> None:
    (exchange,) = book(Tape(), "outage", "away", "7", "a", status).record
    assert (written(exchange, SHELF) is not None) is is_one


def test_a_read_is_no_write() -> None:
    (exchange,) = Tape().add("outage", "away", "GET /books", 200, {"id": "7"}, key="id").record
    assert written(exchange, SHELF) is None


def test_an_event_is_of_the_object_that_it_names() -> None:
    tape = change(book(Tape(), "outage", "away", "7", "a"), "outage", "away", "7", "b")
    create, update = (write for e in tape.record if (write := written(e, SHELF)))
    assert (create.id, update.id) == ("7", "7")
    by_data = message(tape, "books", "BookAdded", {"bookId": "7"}, key="elsewhere")
    by_key = message(tape, "books", "BookAdded", {"title": "a"}, key="7")
    others = [
        added(tape, "8", "a"),
        changed(tape, "7", "b"),
        added(tape, "7", "a", ours=True),
        message(tape, "books", "BookBurnt", {"id": "7"}),
    ]
    assert about(by_data, create, SHELF)
    assert about(by_key, create, SHELF)
    assert not any(about(other, create, SHELF) for other in others)
    assert not arrived(create, others, SHELF)
    assert arrived(update, others, SHELF)


def test_an_event_tells_a_write_in_its_own_spelling() -> None:
    tape = Tape()
    sent = {"page_count": 7}
    tape.add("outage", "away", UPDATE, 200, {"id": "7"}, sent=sent, key="id", resource="/books", id="7")
    (write,) = (write for e in tape.record if (write := written(e, SHELF)))
    (own, other) = events_of(
        write,
        [
            message(tape, "books", "BookChanged", {"id": "7", "pageCount": 7}),
            message(tape, "books", "BookChanged", {"id": "7", "pageCount": 8}),
        ],
        SHELF,
    )
    assert tells(own, write)
    assert not tells(other, write)


def test_a_number_as_binary_key_names_the_object() -> None:
    tape = book(Tape(), "outage", "away", "7", "a")
    (write,) = (write for e in tape.record if (write := written(e, SHELF)))
    by_number = message(tape, "books", "BookAdded", {"title": "a"})
    assert about(replace(by_number, key=(7).to_bytes(8, "big")), write, SHELF)


def test_what_contradicts_a_write_is_another_event_with_other_values() -> None:
    tape = book(Tape(), "outage", "away", "7", "kept")
    (write,) = (write for e in tape.record if (write := written(e, SHELF)))
    own = added(tape, "7", "kept", id_="one")
    assert contradicting(write, [own, added(tape, "7", "kept", id_="two")], SHELF) is None
    other = added(tape, "7", "lost", id_="three")
    found = contradicting(write, [other, own], SHELF)
    assert found is not None
    assert found.message is other
    # Where none says what was sent, they may say it in words of their own.
    assert contradicting(write, [other], SHELF) is None
