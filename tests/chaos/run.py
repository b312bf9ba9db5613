"""One run: kill by plan while clients write, let it drain, and gather what is to be judged."""

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from confluent_kafka import KafkaException
from sqlalchemy.ext.asyncio import create_async_engine

from tests.chaos import topics
from tests.chaos.observation import Kill, Observation
from tests.chaos.plan import Round, plan
from tests.chaos.stack import GROUP, Stack, running
from tests.chaos.traffic import Traffic
from tests.chaos.variants import bake
from tests.chaos.witness import Witness

Say = Callable[[str], None]
_PATIENCE = 180.0
_TELL_EVERY = 10
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Run:
    """A service under fire."""

    def __init__(self, stack: Stack, witness: Witness, traffic: Traffic, say: Say) -> None:
        self.stack = stack
        self.witness = witness
        self.traffic = traffic
        self.kills: list[Kill] = []
        self.ended: list[str] = []
        self._say = say
        self._began = time.monotonic()

    async def strike(self, rounds: list[Round]) -> None:
        """Kill, and start again, round by round, and see the last one recover.

        A signal (Ctrl-C) makes the round that is under way the last one: what was done is judged.
        """
        enough = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in _SIGNALS:
            loop.add_signal_handler(sign, enough.set)
        watcher = asyncio.create_task(self._watch_recovery())
        try:
            for number, one in enumerate(rounds, 1):
                # While nobody can write, there is nothing to strike at.
                await ready(self.stack.base_url)
                await asyncio.sleep(one.pause)
                await self._round(one)
                last = number == len(rounds) or enough.is_set()
                if one.calm or last:
                    await self.recovered()
                if number % _TELL_EVERY == 0 or last:
                    await self._tell(number, len(rounds))
                if last:
                    break
        finally:
            for sign in _SIGNALS:
                loop.remove_signal_handler(sign)
            watcher.cancel()

    async def _round(self, one: Round) -> None:
        self.ended += self.stack.restart_ended()
        kill = Kill(one.targets, await self.witness.now())
        self.kills.append(kill)
        for number, target in enumerate(one.targets):
            if number:
                await asyncio.sleep(one.stagger)
            await asyncio.to_thread(self.stack.kill, target)
        await asyncio.sleep(one.downtime)
        for target in one.targets:
            await asyncio.to_thread(self.stack.start, target)
        kill.restarted_at = await self.witness.now()

    async def recovered(self) -> None:
        """Wait until a post that was written after the last restart has been counted."""
        await until(self._all_recovered, "the service does not recover")

    async def _all_recovered(self) -> bool:
        return all(kill.recovered_at for kill in self.kills)

    async def _watch_recovery(self) -> None:
        while True:
            for kill in self.kills:
                if (
                    kill.recovered_at is None
                    and kill.restarted_at
                    and await self.witness.has_applied_since(kill.restarted_at)
                ):
                    kill.recovered_at = await self.witness.now()
            await asyncio.sleep(0.1)

    async def _tell(self, number: int, of: int) -> None:
        changes = await self.witness.committed()
        seconds = time.monotonic() - self._began
        self._say(f"round {number} of {of}: {changes:,} changes in {seconds:.0f} s")


async def observe(variant: str, rounds: int, seed: int, say: Say, folder: Path | None = None) -> Observation:
    """Run a variant through the rounds of a seed, and gather what there is at the end.

    Raises RuntimeError where the service does not start, recover or drain; its logs are kept in `folder`.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as temporary:
            return await observe(variant, rounds, seed, say, Path(temporary))
    service = await asyncio.to_thread(bake, folder, variant)
    with running(service, say) as stack:
        async with watching(stack) as witness:
            return await _observe(stack, witness, plan(seed, rounds), seed, say)


@asynccontextmanager
async def watching(stack: Stack) -> AsyncIterator[Witness]:
    """A witness of the service's database."""
    engine = create_async_engine(stack.database_url.replace("postgresql:", "postgresql+asyncpg:"))
    try:
        yield Witness(engine)
    finally:
        await engine.dispose()


async def _observe(stack: Stack, witness: Witness, rounds: list[Round], seed: int, say: Say) -> Observation:
    traffic = await launch(stack, witness, seed)
    await traffic.start()
    run = Run(stack, witness, traffic, say)
    try:
        began = await witness.now()

        async def works() -> bool:
            return await witness.has_applied_since(began)

        await until(works, "nothing is published and applied")
        await run.strike(rounds)
    finally:
        await traffic.stop()
    say("draining")
    await drained(stack, witness)
    run.ended += stack.restart_ended() + await asyncio.to_thread(stack.stop)
    return await gather(run)


async def launch(stack: Stack, witness: Witness, seed: int) -> Traffic:
    """Start all processes under the witness' eyes, and return clients that can begin."""
    await witness.install()
    for process in stack.processes.values():
        process.start()
    await ready(stack.base_url)
    return Traffic(stack.base_url, seed)


async def gather(run: Run) -> Observation:
    """Read database and topics."""
    witness, broker = run.witness, run.stack.broker.address
    return Observation(
        kills=run.kills,
        answers=run.traffic.answers,
        changes=await witness.changes(),
        published=await asyncio.to_thread(topics.messages, broker),
        applied=await witness.applied(),
        posts=await witness.posts(),
        statistics=await witness.statistics(),
        handled=await witness.handled(),
        dead_letters=await asyncio.to_thread(topics.dead_letters, broker),
        unsent=await witness.unsent(),
        set_aside=await witness.set_aside(),
        ended=run.ended,
    )


async def drained(stack: Stack, witness: Witness) -> None:
    """Wait until all that was written is sent, and all that was sent is handled."""

    async def done() -> bool:
        try:
            return not await witness.unsent() and not await asyncio.to_thread(
                topics.lag, stack.broker.address, GROUP
            )
        except KafkaException:
            return False

    await until(done, "the outbox and the consumer's group do not drain")


async def ready(base_url: str) -> None:
    """Wait until the service answers."""
    async with httpx2.AsyncClient(base_url=base_url) as client:

        async def answers() -> bool:
            try:
                return (await client.get("/health/ready")).is_success
            except httpx2.TransportError:
                return False

        await until(answers, "the service does not start")


async def until(condition: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    """Wait for a condition. Raises RuntimeError where it does not come true in time."""
    deadline = time.monotonic() + _PATIENCE
    while not await condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{otherwise} within {_PATIENCE:g} s")
        await asyncio.sleep(0.1)
