"""Waits for the events of accepted writes."""

from collections.abc import Callable
from typing import Any

from conformance.events.envelope import understood
from conformance.events.likeness import differing, identities, keys
from conformance.events.writes import Act, act_of, shown_by
from conformance.model.message import Message
from conformance.model.record import Exchange
from conformance.scenarios.session import Session

IMPATIENT = 1.0
"""Seconds to wait for an event of a name that did not come in time before."""


class Waits:
    """Waits for the events of accepted writes, less long for names that have failed to come."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.window = self._next()

    def _next(self) -> int:
        return len(self._session.transport.record.messages) + 1

    def arrived(self, exchange: Exchange | None) -> bool:
        """Whether all events of an accepted write came in time; the next window begins then."""
        service, observer = self._session.service, self._session.observer
        declared = service.events
        if exchange is None or not exchange.ok or declared is None or observer is None:
            return False
        act = act_of(exchange, service)
        shown = shown_by(act) if act else None
        came = True
        for name in declared.of(exchange.operation):
            # A service that has published nothing at all is not waited for by each of its events.
            mute = bool(self._session.late) and not self._session.transport.record.messages
            late = mute or name in self._session.late
            timeout = min(IMPATIENT, declared.timeout) if late else declared.timeout
            since = self.window - 1
            if act is None or observer.wait_for(self._is_of(act, name), timeout, since=since) is None:
                came = False
                self._session.late.add(name)
            elif shown is not None:
                # What came first may be the late event of the write before.
                agreeing = self._is_of(act, name, shown)
                observer.wait_for(agreeing, min(IMPATIENT, declared.timeout), since=since)
            message = declared.message(name)
            if message is not None:
                # What was sent with it is of this window as well.
                observer.caught_up(message.topic, IMPATIENT)
        self.window = self._next()
        return came

    def all_arrived(self, exchanges: list[Exchange]) -> None:
        """The events of writes that were sent at once."""
        window = self.window
        for exchange in exchanges:
            self.window = window
            self.arrived(exchange)

    def _is_of(self, act: Act, name: str, shown: Any = None) -> Callable[[Message], bool]:
        declared = self._session.service.events

        def wanted(message: Message) -> bool:
            if declared is None or message.ours:
                return False
            event = understood(message, declared)
            named = identities(event, act.resource) | keys(event)
            is_of = name in {event.name, *event.possible} and bool(named & set(act.ids))
            return is_of and not differing(event, act.resource, shown)

        return wanted
