"""A number that a clock moves is not moved by who reads it, over real connections and on record."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.conftest import Cli, findings, outcomes, read_json
from tests.kit.rule_records import broken, verdict
from tests.kit.rule_stories import Story, service
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop

TICKS = 40
"""A second: fast enough to tick between any two reads but those in a row, on a quick machine."""
CREATE, READ = "POST /books", "GET /books/{book_id}"


class Melting(Shop):
    """A shop whose amounts grow less by themselves."""

    began = time.monotonic()

    def __call__(self, seen: Seen) -> Answer:
        answer = super().__call__(seen)
        past = int((time.monotonic() - self.began) * TICKS)
        if isinstance(answer.data, dict) and "amount" in answer.data:
            return replace(answer, data={**answer.data, "amount": answer.data["amount"] - past})
        return answer


class Eaten(Shop):
    """A shop where each look at an item takes one away."""

    def __call__(self, seen: Seen) -> Answer:
        answer = super().__call__(seen)
        if seen.method == "GET" and re.fullmatch(r"/items/\d+", seen.path) and answer.status == 200:
            item = self.items[answer.data["id"]]
            answer = replace(answer, data=dict(item))
            item["amount"] -= 1
        return answer


@pytest.mark.parametrize(("shop", "outcome"), [(Melting, "passed"), (Eaten, "failed")])
def test_what_moves_a_number(cli: Cli, work: Path, shop: type[Shop], outcome: str) -> None:
    with Server(shop()) as server:
        cli("audit", "--url", server.url, "--rule", "API012", "--json", "out.json")
    assert outcomes(read_json(work / "out.json")) == {"API012": outcome}, findings(
        read_json(work / "out.json")
    )


def told(amounts: list[float], at: list[float], **facts: Any) -> Story:
    """A number as it is read, read again, and then in a row, at these seconds."""
    facts = {"id": "7", "key": "id", "resource": "/books", **facts}
    story = Story("lifecycle", "lifecycle /books")
    story.then("create", CREATE, 201, {"id": 7, "text": amounts[0]}, **facts, sent={"text": amounts[0]})
    steps = ["read", "read again", *["read in a row"] * (len(amounts) - 2)]
    for step, amount in zip(steps, amounts, strict=True):
        story.then(step, READ, 200, {"id": 7, "text": amount}, **facts)
    exchanges = story.record.exchanges
    exchanges[1:] = [replace(e, started=second) for e, second in zip(exchanges[1:], at, strict=True)]
    return story


def test_as_much_by_every_read_is_the_reads_doing() -> None:
    reads = told([9, 8, 7, 6, 5, 4], [0, 1, 2, 3, 4, 9])
    assert broken("API012", reads, service()) == [(READ, "changes ['text']")]
    quick = told([9, 8, 7, 6, 5, 4], [0, 1, 2, 3, 4, 6])  # a slow clock could do that
    clock = told([9, 8, 7, 6, 5, 3], [0, 1, 2, 3, 4, 9])
    once = told([9, 8, 8, 8, 8, 8], [0, 1, 2, 3, 4, 9])
    assert {verdict("API012", s, service()).outcome for s in (quick, clock, once)} == {"passed"}
    steady = told([9, 9], [0, 1])
    assert verdict("API012", steady, service()).outcome == "passed"


def updated(control: list[int] | None) -> Story:
    """Another note's number becomes what an update sent; of a third one nothing is sent."""
    facts = {"id": "7", "key": "id", "resource": "/notes"}
    story = Story("lifecycle", "lifecycle /notes")
    story.then("create", "POST /notes", 201, {"id": 7, "stars": 5}, **facts, sent={"stars": 5})
    story.then("read other", "GET /notes/{note_id}", 200, {"id": 8, "stars": 9}, **facts)
    story.then(
        "update PATCH", "PATCH /notes/{note_id}", 200, {"id": 7, "stars": 0}, **facts, sent={"stars": 0}
    )
    story.then("read other after PATCH", "GET /notes/{note_id}", 200, {"id": 8, "stars": 0}, **facts)
    for step, stars in zip(("read control", "read control after"), control or (), strict=False):
        story.then(step, "GET /notes/{note_id}", 200, {"id": 9, "stars": stars}, **facts)
    return story


def test_a_number_that_moves_by_itself_is_not_the_updates_doing() -> None:
    for control in (None, [9, 9]):
        assert broken("API011", updated(control), service()) == [("PATCH /notes/{note_id}", "others changed")]
    assert verdict("API011", updated([9, 4]), service()).outcome == "passed"


def test_one_more_is_left_alone_where_a_number_of_another_moves(cli: Cli, work: Path) -> None:
    with Server(Melting()) as server:
        cli("audit", "--url", server.url, "--rule", "API011", "--record", "out.rec")
    steps = [e["step"] for e in json.loads((work / "out.rec").read_text())["exchanges"]]
    assert "read control after" in steps
