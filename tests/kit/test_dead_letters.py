"""Where the reason of a dead letter may stand (EVT028), over records made by hand."""

import json
from dataclasses import replace

import pytest

from conformance.events.consumed import Consumed
from conformance.model.message import Message, MessageHeaders
from tests.kit.rule_records import Tape, service, verdict

POISON = b"no JSON"
CONSUMED = Consumed("OrderPlaced", "orders", "GET /books", "orders.dead")


def outcome(value: bytes | None, headers: MessageHeaders = ()) -> str:
    """What EVT028 says of a dead letter with this payload and these headers."""
    tape = Tape()
    own = (("type", b"x"),)
    sent = Message(1, "orders", 0, 0, b"1", own, POISON, None, 0.0, ours=True)
    tape.record.messages += [sent, Message(2, "orders.dead", 0, 0, b"1", (*own, *headers), value, None, 0.0)]
    tape.add(
        "consuming",
        "not JSON after",
        "GET /books",
        200,
        [],
        case="not JSON",
        handled=True,
        complete=True,
        messages=[0, 2],
        sent=["orders", 0, 0],
    )
    tape.record.exchanges[-1] = replace(tape.record.exchanges[-1], trace=CONSUMED.label)
    asked = service()
    asked.consumes = (CONSUMED,)
    asked.means = frozenset({"own broker", "effect", "own process", "broker"})
    return verdict("EVT028", tape, asked).outcome


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (POISON, (("dlq_reason", b"no JSON"),)),
        (json.dumps({"reason": "no JSON", "offset": 0}).encode(), ()),
        (None, (("x-exception-message", b"too large"),)),
    ],
)
def test_a_reason_in_headers_or_payload_is_one(value: bytes | None, headers: MessageHeaders) -> None:
    assert outcome(value, headers) == "passed"


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (POISON, ()),
        (POISON, (("dlq_reason", b""),)),
        (json.dumps({"reason": "", "offset": 0}).encode(), ()),
        (json.dumps(["reason"]).encode(), ()),
        (json.dumps({"offset": 0}).encode(), (("dlq_topic", b"orders"),)),
    ],
)
def test_a_dead_letter_without_a_reason_fails(value: bytes | None, headers: MessageHeaders) -> None:
    assert outcome(value, headers) == "failed"
