"""Requests and events side by side, in the result and on the terminal."""

import io

from rich.console import Console

from conformance.report import events
from conformance.report.published import published
from conformance.report.result import EventsSeen
from tests.kit.events.test_records import CREATE, created, publishing, told
from tests.kit.rule_records import Tape


def shown(tape: Tape) -> EventsSeen:
    """The part of the result."""
    found = published(tape.record, publishing(), lambda text: text.replace("Emma", "[redacted]"))
    assert found is not None
    return found


def terminal(found: EventsSeen) -> str:
    """What a person reads."""
    out = io.StringIO()
    events.show(found, Console(file=out, width=200))
    return out.getvalue()


def test_a_request_stands_beside_its_event() -> None:
    found = shown(told(created(), {"id": "7", "title": "Emma"}))
    (operation,) = found.operations
    assert (operation.operation, operation.publishes, operation.total) == (CREATE, ["BookCreated"], 1)
    (request,) = operation.requests
    assert (request.request, request.status, request.missing) == ("POST /books", 201, [])
    (event,) = request.events
    assert (event.name, event.topic, event.key, event.problem) == ("BookCreated", "books", "7", "")
    assert event.data == '{"id": "7", "title": "[redacted]"}'
    assert "201 POST /books  (create)  BookCreated books[0]@0 key 7" in terminal(found)
    assert "topic books: 1 read, the event of a last write has come" in terminal(found)


def test_what_is_missing_twice_or_unexpected_is_marked() -> None:
    assert shown(created()).operations[0].requests[0].missing == ["BookCreated"]
    assert "BookCreated missing" in terminal(shown(created()))
    twice = told(told(created(), {"id": "7"}), {"id": "7"})
    assert [e.problem for e in shown(twice).operations[0].requests[0].events] == ["", "twice"]
    refused = told(
        created(422, title="A title of its own"), {"id": "8", "title": "A title of its own"}, key="8"
    )
    assert [e.problem for e in shown(refused).operations[0].requests[0].events] == ["unexpected"]
    stray = shown(told(created(), {"id": "99"}, key="99"))
    assert [event.key for event in stray.unmatched] == ["99"]
    assert "of no request" in terminal(stray)


def test_it_says_how_the_end_of_a_topic_is_known() -> None:
    assert "no marker was to be had" in terminal(shown(created(known="time")))
    assert "not read to its end" in terminal(shown(created(known="none")))
