"""The deep lane: goes on fuzzing where something new may still be found, and keeps the shrunk cases.

Exploring leaves no trace in the record. What a rule would call broken is made as small as it gets, then
sent once more: those exchanges stand in the record, where the rules judge them as any others.
"""

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from conformance.judge.rule import Rule
from conformance.model.record import STORY, Record
from conformance.scenarios.quarries import Key, Quarry, quarries
from conformance.scenarios.session import Session
from conformance.target.transport import Stopped

NAME = "deep"
FAILS = "ERR001"
ONE_BY_ONE = frozenset({"API002", "API003", FAILS, "ERR002"})
"""Rules that judge each exchange by itself, so that one shows what they would find."""
FIRST_ROUND, LARGEST_ROUND = 25, 400
"""Examples: a round is followed by one of twice as many."""
MOST_SHRINKS = 500
LONG = 1500
"""Examples without anything new after which a quarry is given up."""
SAY_EVERY = 10.0
LAST_WORDS = 10
"""So many requests before the target's end are kept."""
SHOWN = 100
"""Characters of what ended a round."""
TRIES = 3
"""How often a case is sent again until it is held for one that does not come back."""


class _Over(BaseException):
    """Ends a round from within, past all that takes an `Exception` for a failing example."""


class _New(Exception):  # noqa: N818 - what hypothesis takes for a failure: a cause not seen before
    """The example shows what is looked for."""


@dataclass
class _Chase:
    """How far a round is: the causes that it is after, the first example that shows one, the smallest."""

    after: set[Key] = field(default_factory=set)
    first: Any = None
    smallest: tuple[tuple[int, int], Any] | None = None
    tries: int = 0
    shrinks: int = 0


@dataclass
class Hunt:
    """One run of the deep lane: by which rules, for how many seconds, who is told of it.

    `once` counts, by rule and operation, what was seen and did not come back; `given_up` says of what could
    not be fuzzed why.
    """

    session: Session
    rules: tuple[Rule, ...]
    seconds: float
    phase: Callable[[str], None]
    note: Callable[[str], None]
    known: set[Key] = field(default_factory=set)
    once: Counter[tuple[str, str]] = field(default_factory=Counter)
    given_up: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    new: int = 0
    until: float = float("inf")
    _said: float = 0.0
    _stories: int = 0
    _stopped: Stopped | None = None

    def run(self) -> None:
        """Fuzz until the time is up, or nothing new was found anywhere for long.

        First what has just shown something new, then what was tried least.
        """
        self.until = time.monotonic() + self.seconds
        self.known = self._causes(self.session.transport.record)
        why = "it was cut short"
        try:
            left = list(quarries(self.session))
            while left and time.monotonic() < self.until:
                left.sort(key=lambda quarry: (not quarry.found, quarry.rounds / quarry.hopeful))
                self.round(left[0])
                left = [quarry for quarry in left if quarry.dry < LONG]
            why = "the time was up" if left else "nothing new was found for long"
        finally:
            self.sum_up(why)

    def sum_up(self, why: str) -> None:
        self.note(f"deep: {self.sent:,} more requests, {self.new} new causes; {why}")
        for name, error in sorted(self.given_up.items()):
            self.note(f"deep: {name} could not be fuzzed ({error.splitlines()[0][:SHOWN]})")
        for unconfirmed in self.unconfirmed():
            self.note(f"deep: {unconfirmed}")

    def unconfirmed(self) -> list[str]:
        """What was seen and is no finding, as it did not come back, a sentence each."""
        often = {1: "once"}
        return [
            f"{rule} on {operation}: seen {often.get(times, f'{times} times')}, not again when repeated"
            for (rule, operation), times in sorted(self.once.items())
        ]

    def round(self, quarry: Quarry) -> None:
        """Search and shrink, then send what was found once more, even where the user ends it meanwhile."""
        chase = _Chase()
        size = min(FIRST_ROUND * 2**quarry.rounds, LARGEST_ROUND)
        number = zlib.crc32(f"{self.session.seed} {quarry.name} {quarry.rounds}".encode())
        quarry.rounds += 1
        useless = False
        try:
            _search(quarry.examples, size, number, lambda example: self._try(quarry, chase, example))
        except (_Over, Flaky):
            pass
        except KeyboardInterrupt:
            self._conclude(quarry, chase)
            raise
        except Exception as error:  # whatever a schema that cannot be followed ends in: API001 judges it
            useless = True
            self.given_up[quarry.name] = f"{type(error).__name__}: {error}"
        if self._stopped is not None:
            raise self._stopped
        self._conclude(quarry, chase)
        exhausted = chase.tries < size and not chase.after
        quarry.dry = 0 if quarry.found else LONG if useless or exhausted else quarry.dry + chase.tries

    def _try(self, quarry: Quarry, chase: _Chase, example: Any) -> None:
        """Send an example. Raises `_New` where it shows what is looked for, `_Over` at the end."""
        self._tell()
        if time.monotonic() >= self.until or chase.shrinks > MOST_SHRINKS:
            raise _Over
        with self._aside() as record:
            quarry.play(example, NAME)
        chase.tries += 1
        chase.shrinks += bool(chase.after)
        seen = self._new_in(record) - quarry.once
        seen = seen & chase.after if chase.after else seen
        if not seen:
            return
        if not chase.after:
            chase.first = example
        chase.after = seen
        size = len(record), sum(len(e.request.url) + len(e.request.body) for e in record)
        if chase.smallest is None or size < chase.smallest[0]:
            chase.smallest = size, example
        raise _New

    def _conclude(self, quarry: Quarry, chase: _Chase) -> None:
        """Send what was found for the record, by the smallest example, else by the first."""
        quarry.found = False
        if chase.smallest is None:
            return
        again: set[Key] = set()
        for example in (*[chase.smallest[1]] * TRIES, chase.first):
            again = self._repeated(quarry, example) & chase.after
            if again:
                break
        quarry.found = bool(again)
        self.new += len(again)
        self.known |= again
        quarry.once |= chase.after - again
        self.once.update((rule, operation) for rule, _cause, operation in chase.after if not again)

    def _repeated(self, quarry: Quarry, example: Any) -> set[Key]:
        """What an example shows on objects of its own; it stands in the record where it shows anything."""
        record = self.session.transport.record
        before = len(record)
        self._stories += 1
        quarry.play(example, f"{STORY}{self._stories}", alone=True)
        shown = self._new_in(Record(record.exchanges[before:]))
        if not shown:
            self.sent += len(record) - before
            del record.exchanges[before:]
        return shown

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

    def _new_in(self, record: Record) -> set[Key]:
        """What a record shows that would be a finding of its own.

        Of the failures of an operation one is reported, and one of those of a kind of input.
        """
        failing = {operation for rule, _cause, operation in self.known if rule == FAILS}
        kinds = {cause for rule, cause, _operation in self.known if rule == FAILS}
        return {
            (rule, cause, operation)
            for rule, cause, operation in self._causes(record) - self.known
            if rule != FAILS or (operation not in failing and cause not in kinds)
        }

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_EVERY:
            self._said = now
            left = max(0.0, self.until - now)
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
