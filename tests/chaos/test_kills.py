"""A short form of the harness: few rounds, and kills at the very moment that an outbox is there for."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos import topics
from tests.chaos.judge import Report, judge
from tests.chaos.plan import BROKER, CONSUMER, RELAY, SERVICE, plan
from tests.chaos.run import Run, drained, gather, launch, observe, until, watching
from tests.chaos.stack import running
from tests.chaos.variants import AFTER_COMMIT, BEFORE_COMMIT, OUTBOX, bake

pytestmark = [pytest.mark.docker, pytest.mark.slow]
ROUNDS, SEED = 6, 1
# Longer than any wait of the test: the kill ends it.
GAP = "3600"
TITLE = "Between commit and publication"


def test_few_rounds_find_nothing(tmp_path: Path) -> None:
    killed = {target for one in plan(SEED, ROUNDS) for target in one.targets}
    assert killed == {SERVICE, RELAY, CONSUMER, BROKER}
    report = judge(asyncio.run(observe(OUTBOX, ROUNDS, SEED, print, tmp_path / "bake")))
    assert report.faultless, (report.rows, report.troubles)
    assert report.total.committed > ROUNDS


def test_publishing_after_the_commit_loses(tmp_path: Path) -> None:
    report = asyncio.run(strike_between(AFTER_COMMIT, tmp_path / "bake"))
    assert (report.total.lost, report.total.not_applied, report.total.invented) == (1, 1, 0)


def test_publishing_before_the_commit_invents(tmp_path: Path) -> None:
    report = asyncio.run(strike_between(BEFORE_COMMIT, tmp_path / "bake"))
    assert (report.total.lost, report.total.invented, report.total.applied_twice) == (0, 1, 1)


async def strike_between(variant: str, folder: Path) -> Report:
    """Kill the service between commit and publication of a post, whichever comes first."""
    service = bake(folder, variant)
    with running(service, print, CHAOS_GAP_SECONDS=GAP) as stack:
        async with watching(stack) as witness:
            traffic = await launch(stack, witness, SEED)
            await traffic.start(authors=1, clients_each=0)
            (author,) = traffic.authors
            request = asyncio.create_task(traffic.create(author, TITLE))

            async def first_step_is_done() -> bool:
                if variant == AFTER_COMMIT:
                    return await witness.has_committed(TITLE)
                seen = await asyncio.to_thread(topics.messages, stack.broker.address)
                return any(TITLE in message.content for message in seen)

            await until(first_step_is_done, "the request does not get to its first step")
            stack.kill(SERVICE)
            await request
            assert traffic.answers.statuses == {("create", 0): 1}
            await traffic.stop()
            await drained(stack, witness)
            return judge(await gather(Run(stack, witness, traffic, print)))
