"""Messages in all envelopes, understood or named as not understood."""

import json
from typing import Any

import pytest

from conformance.events.declared import Declared, EventMessage
from conformance.events.envelope import Event, understood
from conformance.events.likeness import identities, keys
from conformance.model.message import Message, MessageHeaders

POST = {"type": "object", "required": ["id", "title"], "properties": {"id": {}, "title": {}}}
USER = {"type": "object", "required": ["id", "name"], "properties": {"id": {}, "name": {}}}
DECLARED = Declared(
    (
        EventMessage("PostCreated", "posts", payload=POST, type="blog.post.created", envelope="cloudevents"),
        EventMessage("UserJoined", "posts", payload=USER),
        EventMessage("Only", "single", payload=USER),
        EventMessage("Binary", "avro", envelope="unsupported"),
    ),
    {},
    "configuration",
    "here",
)
CLOUD: MessageHeaders = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"a-1"),
    ("ce_source", b"/blog"),
    ("ce_type", b"blog.post.created"),
    ("ce_time", b"2030-01-31T12:00:00Z"),
    ("content-type", b"application/json"),
)


def event(value: Any, headers: MessageHeaders = (), topic: str = "posts", key: bytes | None = b"7") -> Event:
    """A message as it is understood; `value` is JSON unless it is bytes or None."""
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return understood(Message(1, topic, 0, 0, key, headers, raw, None, 0.0), DECLARED)


def test_binary_mode() -> None:
    found = event({"id": 7, "title": "x"}, CLOUD)
    assert (found.name, found.id, found.source, found.key) == ("PostCreated", "a-1", "/blog", "7")
    assert found.time == "2030-01-31T12:00:00Z"
    assert found.data == found.value == {"id": 7, "title": "x"}
    assert found.problems == ()


def test_structured_mode() -> None:
    body = {
        "specversion": "1.0",
        "id": "a-1",
        "source": "/blog",
        "type": "blog.post.created",
        "data": {"id": 7},
    }
    found = event(body, (("content-type", b"application/cloudevents+json; charset=utf-8"),))
    assert (found.name, found.id, found.data, found.problems) == ("PostCreated", "a-1", {"id": 7}, ())
    assert event(body).problems == ("its content-type is not application/cloudevents+json",)


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_type", "ce_specversion"])
def test_what_a_cloud_event_lacks_is_told(name: str) -> None:
    found = event({"id": 7}, tuple(header for header in CLOUD if header[0] != name))
    assert found.problems == (f"it has no `{name.removeprefix('ce_')}`",)


def test_plain_payloads_are_told_apart_by_what_they_are() -> None:
    assert event({"id": 1, "name": "Ann"}).name == "UserJoined"
    assert event({"id": 1}, (("type", b"UserJoined"),)).name == "UserJoined"
    assert event({"type": "UserJoined", "id": 1, "event_id": "e"}).id == "e"
    assert event({"id": 1}).name is None


def test_the_one_message_of_a_topic_is_what_is_there() -> None:
    assert event({"odd": True}, topic="single").name == "Only"


@pytest.mark.parametrize(("value", "topic"), [(b"\0\0\0\0\1abc", "posts"), (b"Obj\1", "avro")])
def test_a_registry_s_payload_is_not_judged(value: bytes, topic: str) -> None:
    found = event(value, topic=topic)
    assert found.unsupported
    assert found.problems == ()


@pytest.mark.parametrize("value", [None, b"", b"\xff\xfe", b"[" * 100_000, b"null", b"3"])
def test_no_value_breaks_it(value: bytes | None) -> None:
    for headers in ((), CLOUD, (("ce_id", None),), (("content-type", b"application/cloudevents+json"),)):
        assert event(value, headers, key=None).key is None


def test_what_an_event_is_about() -> None:
    assert identities(event({"id": 7, "title": "x"}, CLOUD, key=b"other"), None) == {"7"}
    assert identities(event({"title": "x"}, (*CLOUD, ("ce_subject", b"posts/9"))), None) == {"posts/9", "9"}
    assert identities(event({"title": "x"}, CLOUD), None) == {"7"}
    assert "258" in keys(event({}, key=(258).to_bytes(8, "big")))
    assert "7" in keys(event({}, key=b'"7"'))
