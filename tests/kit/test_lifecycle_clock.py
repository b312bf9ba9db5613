"""A number that a clock moves is moved by no request, over real connections and on record."""

import re
import time
from collections import Counter
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


class Settling(Shop):
    """A shop whose amounts go down to nothing soon after they were given, as slots do that are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def __call__(self, seen: Seen) -> Answer:
        answer = super().__call__(seen)
        if seen.method == "GET" and re.fullmatch(r"/items/\d+", seen.path) and answer.status == 200:
            self.asked[seen.path] += 1
            if self.asked[seen.path] > 2:
                self.items[answer.data["id"]]["amount"] = 0
                return replace(answer, data={**answer.data, "amount": 0})
        return answer


class Shared(Shop):
    """A shop that keeps one amount for all items."""

    def __call__(self, seen: Seen) -> Answer:
        answer = super().__call__(seen)
        if seen.method in ("PUT", "PATCH") and answer.status == 200:
            for item in self.items.values():
                item["amount"] = answer.data["amount"]
        return answer


@pytest.mark.parametrize(
    ("shop", "outcome"), [(Settling, {"passed", "not_applicable"}), (Shared, {"failed"})]
)
def test_what_moves_a_number_of_another(cli: Cli, work: Path, shop: type[Shop], outcome: set[str]) -> None:
    with Server(shop()) as server:
        cli("audit", "--url", server.url, "--rule", "API011", "--json", "out.json")
    found = read_json(work / "out.json")
    assert outcomes(found)["API011"] in outcome, findings(found)


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


PATCH = "PATCH /books/{book_id}"


def beside(*following: tuple[float, float]) -> Story:
    """Another object's number takes what was sent; `following` are what was sent and found afterwards."""
    facts = {"id": "7", "key": "id", "resource": "/books"}
    story = Story("lifecycle", "lifecycle /books")
    story.then("create", CREATE, 201, {"id": 7, "text": 1}, **facts, sent={"text": 1})
    story.then("read other", READ, 200, {"id": 8, "text": 3}, **facts)
    story.then("update PATCH", PATCH, 200, {"id": 7, "text": 0}, **facts, sent={"text": 0})
    story.then("read other after PATCH", READ, 200, {"id": 8, "text": 0}, **facts)
    for sent, found in following:
        story.then("follow PATCH", PATCH, 200, {"id": 7, "text": sent}, **facts, sent={"text": sent})
        story.then("read other following PATCH", READ, 200, {"id": 8, "text": found}, **facts)
    return story


def test_a_number_of_another_must_follow_up_and_down() -> None:
    assert broken("API011", beside((0, 0), (5, 5), (0, 0)), service()) == [(PATCH, "others changed")]
    for decayed in (beside(), beside((0, 0), (0, 0)), beside((0, 0), (5, 0), (0, 0)), beside((0, 0), (5, 5))):
        assert verdict("API011", decayed, service()).outcome == "passed"
