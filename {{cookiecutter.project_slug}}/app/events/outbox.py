"""The transactional outbox: an event is a row of its change's transaction, so both are kept or neither."""

import contextlib
from collections.abc import Callable, Iterator
from uuid import uuid4

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.models.base import utc_now
from app.models.outbox import OutboxEvent
from app.schemas.events import Event

_EMITTED = "outbox.emitted"
_wakers: set[Callable[[], None]] = set()


def emit(session: AsyncSession, event: Event) -> None:
    """Publish `event` if, and only if, the session's transaction is committed.

    Call it after the change itself is flushed: then the change's row lock puts the events of one
    aggregate in the order of their changes. Raises RuntimeError where changes are still pending.
    """
    if session.dirty or session.deleted or any(not isinstance(row, OutboxEvent) for row in session.new):
        raise RuntimeError("flush the change before its event is emitted, or their order may differ")
    session.add(
        OutboxEvent(
            event_id=str(uuid4()),
            topic=event.topic,
            aggregate_id=event.aggregate_id,
            type=type(event).__name__,
            payload=event.model_dump_json(),
            occurred_at=utc_now(),
        )
    )
    session.info[_EMITTED] = True


@contextlib.contextmanager
def waking(wake: Callable[[], None]) -> Iterator[None]:
    """Have `wake` called after each commit of this process that emitted something."""
    _wakers.add(wake)
    try:
        yield
    finally:
        _wakers.discard(wake)


@sqlalchemy_event.listens_for(Session, "after_commit")
def _wake_relays(session: Session) -> None:
    # It also comes for a savepoint: a wake too many costs one look at the table.
    if _EMITTED in session.info:
        for wake in tuple(_wakers):
            wake()
