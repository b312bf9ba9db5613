"""The judgement, on observations made by hand: each kind of trouble is found, and only that one."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.judge import START, TOTAL, Row, judge
from tests.chaos.observation import Answers, Applied, Change, Kill, Observation, Published
from tests.chaos.plan import BROKER, CONSUMER, RELAY, SERVICE, plan
from tests.chaos.witness import content_of

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
AUTHOR = 3


def at(seconds: float) -> datetime:
    """So many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def change(seq: int, type_: str, key: str = "7") -> Change:
    """A change `seq` seconds past noon."""
    content = content_of(type_, AUTHOR, f"Title {seq}", True, at(seq))
    return Change(seq, at(seq), type_, key, AUTHOR, content)


def message(of: Change, id_: str = "") -> Published:
    """Its event."""
    return Published(id_ or f"id-{of.seq}", of.at, of.type, of.key, of.content)


CREATED, UPDATED, DELETED, KEPT = (
    change(1, "PostCreated"),
    change(2, "PostUpdated"),
    change(3, "PostDeleted"),
    change(4, "PostCreated", "8"),
)
UP, DOWN, UP_AGAIN = (Applied(at(s), AUTHOR, d) for s, d in ((1, 1), (3, -1), (4, 1)))
ALL = [CREATED, UPDATED, DELETED, KEPT]


def observation() -> Observation:
    """Four changes, two kills, and all as it should be."""
    return Observation(
        kills=[Kill((RELAY,), at(1.5), at(1.6), at(6.5)), Kill((SERVICE, BROKER), at(3.5), at(4), at(5))],
        answers=Answers(
            Counter(
                {("create", 201): 2, ("create", 0): 1, ("update", 503): 1, ("refuse: at commit", 500): 1}
            ),
            [("PostCreated", "7", at(1)), ("PostDeleted", "7", None)],
        ),
        changes=list(ALL),
        published=[message(one) for one in ALL],
        applied=[UP, DOWN, UP_AGAIN],
        posts={AUTHOR: 1},
        statistics={AUTHOR: 1},
        handled={"id-1", "id-3", "id-4"},
        dead_letters=0,
        unsent=0,
        set_aside=0,
        ended=[],
    )


def wrong(seen: Observation) -> dict[str, int]:
    """The counts of the total that are not nought, but what is always there."""
    total = judge(seen).total
    names = ("duplicates", "lost", "invented", "out_of_order", "applied_twice", "not_applied")
    return {name: number for name in names if (number := getattr(total, name))}


def test_a_faultless_run() -> None:
    report = judge(observation())
    assert report.faultless
    assert report.rows == {
        "relay": Row(kills=1, committed=2, published=2, recovery=5.0),
        "service + broker": Row(kills=1, committed=1, published=1, recovery=1.5),
        START: Row(committed=1, published=1),
        TOTAL: Row(kills=2, committed=4, published=4, recovery=5.0),
    }


def test_what_comes_again_is_no_fault() -> None:
    seen = observation()
    seen.published = [message(one) for one in (CREATED, UPDATED, CREATED, UPDATED, DELETED, KEPT)]
    assert wrong(seen) == {"duplicates": 2}
    assert judge(seen).faultless


def test_a_lost_change() -> None:
    seen = observation()
    seen.published.remove(message(UPDATED))
    assert wrong(seen) == {"lost": 1}
    assert judge(seen).rows["relay"].lost == 1
    assert not judge(seen).faultless


@pytest.mark.parametrize(
    "event",
    [
        message(change(9, "PostCreated", "9")),
        message(DELETED, "another"),
        replace(message(KEPT), id="another", content=(AUTHOR, "Other", True, at(4))),
    ],
    ids=["of nothing", "told twice", "of other content"],
)
def test_an_invented_event(event: Published) -> None:
    seen = observation()
    seen.published.append(event)
    seen.handled.add(event.id)
    assert wrong(seen) == {"invented": 1}
    assert not judge(seen).faultless


@pytest.mark.parametrize(
    "order",
    [
        (UPDATED, CREATED, DELETED, KEPT),
        (CREATED, DELETED, UPDATED, KEPT),
        # The first comes again, and is what a reader without an inbox believes in the end.
        (CREATED, UPDATED, DELETED, CREATED, KEPT),
    ],
)
def test_events_out_of_order(order: tuple[Change, ...]) -> None:
    seen = observation()
    seen.published = [message(one) for one in order]
    assert wrong(seen).pop("out_of_order") == 1
    assert not judge(seen).faultless


def test_keys_have_no_order_among_them() -> None:
    seen = observation()
    seen.published = [message(one) for one in (KEPT, CREATED, UPDATED, DELETED)]
    assert judge(seen).faultless


def test_applied_twice_although_the_sum_is_right() -> None:
    seen = observation()
    seen.applied += [Applied(at(9), AUTHOR, 1), Applied(at(9), AUTHOR, -1)]
    assert wrong(seen) == {"applied_twice": 2}


def test_not_applied() -> None:
    seen = observation()
    seen.applied.remove(DOWN)
    seen.statistics = {AUTHOR: 2}
    seen.handled.remove("id-3")
    assert wrong(seen) == {"not_applied": 1}
    assert judge(seen).troubles == [
        "1 events that the consumer's inbox lacks",
        "1 authors whose statistics are not the number of their posts",
    ]


def test_other_troubles() -> None:
    seen = observation()
    seen.dead_letters, seen.unsent, seen.set_aside, seen.ended = 1, 2, 3, ["relay (exit status 1)"]
    seen.answers.statuses["update", 500] = 4
    seen.answers.acknowledged.append(("PostUpdated", "7", at(99)))
    assert wrong(seen) == {}
    assert not judge(seen).faultless
    assert judge(seen).troubles == [
        "1 acknowledged changes that were never committed",
        "1 dead letters",
        "2 rows of the outbox that were not sent",
        "3 rows of the outbox that were set aside",
        "ended by itself: relay (exit status 1)",
        "4 answers 500 to `update`",
    ]


def test_a_plan_is_its_seed_and_hits_everything() -> None:
    assert plan(1, 300) == plan(1, 300) != plan(2, 300)
    assert {target for one in plan(1, 300) for target in one.targets} == {SERVICE, RELAY, CONSUMER, BROKER}
