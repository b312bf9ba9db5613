"""One active relay: a lease in the database, renewed while its holder lives."""

import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from app.database import SessionFactory
from app.repositories.lease_repository import LeaseRepository, LeaseState


class Lease:
    """Held by at most one process, for `seconds` after it was last renewed.

    No two clocks are compared: who waits for the lease takes it when its row has not changed for
    `seconds` of the waiter's clock, and who holds it stops trusting it after `seconds` of the holder's.
    """

    def __init__(
        self,
        session_factory: SessionFactory,
        name: str,
        holder: str,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session_factory = session_factory
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._clock = clock
        self._held_until: float | None = None
        self._seen: LeaseState | None = None
        self._seen_at = 0.0

    def held(self, margin: float = 0.0) -> bool:
        """Whether the lease is ours for at least `margin` seconds more."""
        return self._held_until is not None and self._clock() + margin < self._held_until

    async def acquire(self) -> bool:
        """Take or renew the lease. Raises what the database raises."""
        if self.held(margin=self._seconds * 2 / 3):
            return True
        # Before the row is written, so that our term ends first and a waiter's later.
        now = self._clock()
        async with self._session_factory() as session, session.begin():
            taken = await self._take(LeaseRepository(session), now)
        self._held_until = now + self._seconds if taken else None
        return taken

    async def release(self) -> None:
        """Let the next one have it at once. A database that is away makes the next one wait, and no more."""
        if self._held_until is None:
            return
        self._held_until = None
        with suppress(SQLAlchemyError, OSError):
            async with self._session_factory() as session, session.begin():
                leases = LeaseRepository(session)
                state = await leases.read(self._name)
                if state and state.holder == self._holder:
                    await leases.swap(self._name, state, None)

    async def _take(self, leases: LeaseRepository, now: float) -> bool:
        state = await leases.read(self._name)
        if state is None:
            return await leases.create(self._name, self._holder)
        if state.holder not in (None, self._holder):
            if state != self._seen:
                self._seen, self._seen_at = state, now
            if now - self._seen_at < self._seconds:
                return False
        return await leases.swap(self._name, state, self._holder)
