"""The deep lane: goes on fuzzing where something new may still be found, and keeps the shrunk cases.

Exploring leaves no trace in the record. What a rule would call broken is made as small as it gets, then
sent once more: those exchanges stand in the record, where the rules judge them as any others.
"""

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from conformance.judge.rule import Rule
from conformance.model.record import Record
from conformance.scenarios.quarries import Key, Quarry, quarries
from conformance.scenarios.session import Session
from conformance.target.transport import Stopped

NAME = "deep"
ONE_BY_ONE = frozenset({"API002", "API003", "ERR001", "ERR002"})
"""Rules that judge each exchange by itself, so that one shows what they would find."""
FIRST_ROUND, LARGEST_ROUND = 25, 400
"""Examples: a round is followed by one of twice as many."""
MOST_SHRINKS = 500
LONG = 1500
"""Examples without anything new after which a quarry is given up."""
SAY_EVERY = 10.0
LAST_WORDS = 10
"""So many requests before the target's end are kept."""


class _Over(BaseException):
    """Ends a round from within, past all that takes an `Exception` for a failing example."""


class _New(Exception):  # noqa: N818 - what hypothesis takes for a failure: a cause not seen before
    """The example shows what is looked for."""


@dataclass
class _Chase:
    """How far a round is: the causes that it is after, and the smallest example that shows one."""

    after: set[Key] = field(default_factory=set)
    smallest: tuple[tuple[int, int], Any] | None = None
    tries: int = 0
    shrinks: int = 0


@dataclass
class Hunt:
    """One run of the deep lane: by which rules, for how many seconds, who is told of it."""

    session: Session
    rules: tuple[Rule, ...]
    seconds: float
    phase: Callable[[str], None]
    note: Callable[[str], None]
    known: set[Key] = field(default_factory=set)
    sent: int = 0
    new: int = 0
    _until: float = 0.0
    _said: float = 0.0
    _stopped: Stopped | None = None

    def run(self) -> None:
        """Fuzz until the time is up, or nothing new was found anywhere for long.

        First what has just shown something new, then what was tried least.
        """
        self._until = time.monotonic() + self.seconds
        self.known = self._causes(self.session.transport.record)
        left = list(quarries(self.session))
        while left and time.monotonic() < self._until:
            left.sort(key=lambda quarry: (not quarry.found, quarry.rounds))
            self._round(left[0])
            left = [quarry for quarry in left if quarry.dry < LONG]
        why = "the time was up" if left else "nothing new was found for long"
        self.note(f"deep: {self.sent:,} more requests, {self.new} new causes; {why}")

    def _round(self, quarry: Quarry) -> None:
        """Search and shrink, then send what was found once more."""
        chase = _Chase()
        size = min(FIRST_ROUND * 2**quarry.rounds, LARGEST_ROUND)
        number = zlib.crc32(f"{self.session.seed} {quarry.name} {quarry.rounds}".encode())
        quarry.rounds += 1
        try:
            _search(quarry.examples, size, number, lambda example: self._try(quarry, chase, example))
        except _Over:
            pass
        except Exception:  # whatever a schema that cannot be followed ends in: API001 judges it
            quarry.dry = LONG
        if self._stopped is not None:
            raise self._stopped
        quarry.found = chase.smallest is not None and self._confirmed(quarry, chase.smallest[1], chase.after)
        if quarry.found:
            self.known |= chase.after
        else:
            quarry.once |= chase.after
        exhausted = chase.tries < size and not chase.after
        quarry.dry = 0 if quarry.found else LONG if exhausted else quarry.dry + chase.tries

    def _try(self, quarry: Quarry, chase: _Chase, example: Any) -> None:
        """Send an example. Raises `_New` where it shows what is looked for, `_Over` at the end."""
        self._tell()
        if time.monotonic() >= self._until or chase.shrinks > MOST_SHRINKS:
            raise _Over
        with self._aside() as record:
            quarry.play(example)
        chase.tries += 1
        chase.shrinks += bool(chase.after)
        seen = self._causes(record) - self.known - quarry.once
        seen = seen & chase.after if chase.after else seen
        if not seen:
            return
        chase.after = seen
        size = len(record), sum(len(e.request.url) + len(e.request.body) for e in record)
        if chase.smallest is None or size < chase.smallest[0]:
            chase.smallest = size, example
        raise _New

    def _confirmed(self, quarry: Quarry, example: Any, after: set[Key]) -> bool:
        """Send it once more, for the record; whether it shows the same again."""
        record = self.session.transport.record
        before = len(record)
        quarry.play(example)
        again = self._causes(Record(record.exchanges[before:])) & after
        self.new += len(again)
        return bool(again)

    @contextmanager
    def _aside(self) -> Iterator[Record]:
        """A record for one example alone; of a target that dies meanwhile the last requests are kept."""
        transport = self.session.transport
        kept, transport.record = transport.record, Record()
        try:
            yield transport.record
        except Stopped as stopped:
            last = transport.record.exchanges[-LAST_WORDS:]
            kept.exchanges += [replace(e, number=n) for n, e in enumerate(last, len(kept) + 1)]
            self._stopped = stopped
            raise _Over from None
        finally:
            self.sent += len(transport.record)
            transport.record = kept

    def _causes(self, record: Record) -> set[Key]:
        return {
            (rule.id, seen.cause, seen.operation)
            for rule in self.rules
            if rule.id in ONE_BY_ONE
            for seen in rule.check(record, self.session.service)
            if not seen.held
        }

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_EVERY:
            self._said = now
            left = max(0.0, self._until - now)
            self.phase(f"deep: {self.sent:,} requests, {self.new} new causes, {left:.0f} s left")


def _search(examples: SearchStrategy[Any], size: int, number: int, attempt: Callable[[Any], None]) -> None:
    """Try so many examples; the first that fails is shrunk. Raises what `attempt` raises but `_New`."""

    @seeded(number)
    @settings(
        max_examples=size,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(example=examples)
    def search(example: Any) -> None:
        attempt(example)

    try:
        search()
    except _New:
        return
