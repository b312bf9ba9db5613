"""Rows that say who may relay. Each change compares with what was read: of two takers one wins."""

from dataclasses import dataclass

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.outbox import RelayLease


@dataclass(frozen=True, slots=True)
class LeaseState:
    """A lease as it was read."""

    holder: str | None
    beat: int


class LeaseRepository:
    """Reads and swaps leases; its caller owns the transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def read(self, name: str) -> LeaseState | None:
        """The lease, or None where nobody has ever held it."""
        row = (
            await self.session.execute(
                select(RelayLease.holder, RelayLease.beat).where(RelayLease.name == name)
            )
        ).one_or_none()
        return LeaseState(row.holder, row.beat) if row else None

    async def create(self, name: str, holder: str) -> bool:
        """Hold a lease that nobody has ever held; False if another was quicker."""
        try:
            async with self.session.begin_nested():
                self.session.add(RelayLease(name=name, holder=holder, beat=0))
        except IntegrityError:
            return False
        return True

    async def swap(self, name: str, seen: LeaseState, holder: str | None) -> bool:
        """Give the lease to `holder` unless it has changed since it was seen."""
        result = await self.session.execute(
            update(RelayLease)
            .where(
                RelayLease.name == name,
                RelayLease.holder.is_not_distinct_from(seen.holder),
                RelayLease.beat == seen.beat,
            )
            .values(holder=holder, beat=seen.beat + 1)
        )
        return isinstance(result, CursorResult) and result.rowcount == 1
