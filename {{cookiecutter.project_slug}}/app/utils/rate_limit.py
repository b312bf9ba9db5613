"""A bound on how often something may happen."""

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator


class SlidingWindow:
    """At most `limit` attempts of a key within any `seconds`; a limit of 0 is none.

    It counts in memory: each process for itself, and from nothing after a restart.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.seconds = seconds
        self.clock = clock
        # In the order of their latest attempts, so that the stale ones stand at the front.
        self._attempts: dict[Hashable, deque[float]] = {}

    def hit(self, key: Hashable) -> float:
        """Count an attempt and return 0; where it is one too many, the seconds until the next may come."""
        if not self.limit:
            return 0
        now = self.clock()
        self._forget(now - self.seconds)
        attempts = self._attempts.get(key, deque())
        while attempts and attempts[0] <= now - self.seconds:
            attempts.popleft()
        if len(attempts) >= self.limit:
            return attempts[0] + self.seconds - now
        attempts.append(now)
        self._attempts.pop(key, None)
        self._attempts[key] = attempts
        return 0

    def _forget(self, before: float) -> None:
        for key in list(self._stale(before)):
            del self._attempts[key]

    def _stale(self, before: float) -> Iterator[Hashable]:
        for key, attempts in self._attempts.items():
            if attempts[-1] > before:
                break
            yield key

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._attempts)
