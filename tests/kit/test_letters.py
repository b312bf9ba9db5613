"""Messages for consumers: valid ones, of each envelope, and what is wrong with the others."""

import json
from typing import Any

import pytest

from conformance.events.consumed import Consumed
from conformance.events.declared import Declared, EventMessage
from conformance.events.effects import differing, leaves, shown
from conformance.events.envelope import Event, understood
from conformance.events.letters import UNKNOWN, Letter, Letters
from conformance.model.message import Message, MessageHeaders
from conformance.model.record import Response

CONSUMED = Consumed("Counted", "counts", "GET /accounts/{data.account_id}/total", "counts.dead")
PAYLOAD = {
    "type": "object",
    "required": ["id", "account_id", "amount"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "account_id": {"type": "integer"},
        "amount": {"$ref": "#/$defs/Amount"},
    },
    "$defs": {"Amount": {"type": "integer", "minimum": 3, "maximum": 3}},
}
ACCOUNT: dict[tuple[str, ...], Any] = {("account_id",): 7}
BINARY = EventMessage("Counted", "counts", PAYLOAD, envelope="cloudevents", type="com.example.Counted")
STRUCTURED = EventMessage(
    "Counted",
    "counts",
    PAYLOAD,
    envelope="cloudevents",
    type="Counted",
    content_type="application/cloudevents+json",
)
HEADERS = {
    "type": "object",
    "required": ["event_type", "event_id"],
    "properties": {"event_type": {"const": "Counted"}, "event_id": {"type": "string", "format": "uuid"}},
}
PLAIN = EventMessage("Counted", "counts", PAYLOAD, headers=HEADERS, type="Counted")
EACH = pytest.mark.parametrize("declared", [BINARY, STRUCTURED, PLAIN], ids=["binary", "structured", "plain"])


def read(letter: Letter, declared: EventMessage) -> Event:
    """The letter as the kit reads a message."""
    message = Message(1, letter.topic, 0, 0, letter.key, letter.headers, letter.value, None, 0.0)
    return understood(message, Declared((declared,), {}, "configuration", "a test"))


def sample(declared: EventMessage, data: Any, headers: MessageHeaders, value: Any = None) -> Event:
    """A message of that type that was seen."""
    body = json.dumps(data if value is None else value).encode()
    message = Message(1, "counts", 0, 0, str(data["id"]).encode(), headers, body, None, 0.0)
    return understood(message, Declared((declared,), {}, "configuration", "a test"))


@EACH
def test_a_letter_from_the_schema_is_what_is_declared(declared: EventMessage) -> None:
    event = read(Letters(CONSUMED, declared, None, 0).write(ACCOUNT), declared)
    assert event.name == "Counted"
    assert event.problems == ()
    assert (event.data["account_id"], event.data["amount"]) == (7, 3)
    assert event.key == event.data["id"]


@EACH
def test_each_letter_is_an_event_of_its_own(declared: EventMessage) -> None:
    letters = Letters(CONSUMED, declared, None, 0)
    events = [read(letters.write(ACCOUNT), declared) for _ in range(5)]
    assert len({event.id for event in events}) == len({event.data["id"] for event in events}) == 5


def test_a_letter_like_one_that_was_seen_keeps_its_envelope() -> None:
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"seen"),
        ("ce_source", b"/elsewhere"),
        ("ce_type", b"com.example.Counted"),
        ("trace", b"abc"),
    )
    seen = sample(BINARY, {"id": 4, "account_id": 1, "amount": 5, "extra": {"x": 1}}, headers)
    event = read(Letters(CONSUMED, BINARY, seen, 0).write(ACCOUNT), BINARY)
    assert (event.source, event.attributes["type"]) == ("/elsewhere", "com.example.Counted")
    assert event.message.header("trace") == "abc"
    assert event.id not in (None, "seen")
    assert event.data == {"id": int(event.key or 0), "account_id": 7, "amount": 5, "extra": {"x": 1}}
    assert seen.data["id"] == 4
    assert event.data["id"] > 2**30


def test_a_structured_letter_like_one_that_was_seen() -> None:
    data = {"id": "a-1", "account_id": 1, "amount": 5}
    body = {"specversion": "1.0", "id": "seen", "source": "/x", "type": "Counted", "data": data}
    headers = (("content-type", b"application/cloudevents+json"),)
    event = read(
        Letters(CONSUMED, STRUCTURED, sample(STRUCTURED, data, headers, body), 0).write(ACCOUNT), STRUCTURED
    )
    assert event.problems == ()
    assert event.id != "seen"
    assert (event.data["account_id"], event.source) == (7, "/x")
    assert event.data["id"] == event.key != "a-1"


@EACH
def test_poison(declared: EventMessage) -> None:
    letters = Letters(CONSUMED, declared, None, 0)
    letter = letters.write(ACCOUNT)
    poison = letters.poison(letter)
    assert set(poison) == {"not JSON", "null payload", "wrong schema", "null header"}
    with pytest.raises(ValueError, match=r"Unterminated|delimiter"):
        json.loads(poison["not JSON"].value or b"")
    assert poison["null payload"].value is None
    assert read(poison["wrong schema"], declared).data == {}
    assert [value for _, value in poison["null header"].headers].count(None) == 1
    for each in poison.values():
        # Where the effect would show is known all the same.
        assert CONSUMED.path(each.data) == "/accounts/7/total"
        assert each.key == letter.key


@EACH
def test_an_unknown_type(declared: EventMessage) -> None:
    letters = Letters(CONSUMED, declared, None, 0)
    letter = letters.write(ACCOUNT)
    unknown = letters.unknown(letter)
    assert unknown is not None
    event = read(unknown, declared)
    assert event.type == UNKNOWN
    assert event.data == letter.data


def test_what_does_not_tell_its_type_has_no_unknown_one() -> None:
    letters = Letters(CONSUMED, EventMessage("Counted", "counts", PAYLOAD), None, 0)
    assert letters.unknown(letters.write(ACCOUNT)) is None


def test_the_path_of_an_effect() -> None:
    assert CONSUMED.places == (("account_id",),)
    assert CONSUMED.path({"account_id": 7}) == "/accounts/7/total"
    assert CONSUMED.path({"account_id": "a/b ?"}) == "/accounts/a%2Fb%20%3F/total"
    assert CONSUMED.path({"account": 7}) is None
    deep = Consumed("A", "a", "GET /x/{data.order.id}?y={data.z}")
    assert deep.places == (("order", "id"), ("z",))
    assert deep.path({"order": {"id": "q"}, "z": 1}) == "/x/q?y=1"
    assert Consumed("A", "a", "GET /x/{key}").path({"key": 1}) is None
    assert Consumed("A", "a", "GET /total").path(None) == "/total"


def test_effects_are_compared_leaf_by_leaf() -> None:
    one = Response(200, (), b'{"n": 1, "list": [{"a": 1}], "now": 5}')
    other = Response(200, (), b'{"n": 2, "list": [{"a": 1}, {"a": 2}], "now": 6}')
    assert differing(one, one) == []
    assert differing(one, other) == ["/list/1/a", "/n", "/now"]
    assert differing(one, other, ["/now"]) == ["/list/1/a", "/n"]
    assert differing(one, Response(404, (), one.body)) == [""]
    assert shown(one, ["/n", "/list/1/a", ""]) == "/n 1, /list/1/a absent, status 200"
    assert leaves(None) == {}
