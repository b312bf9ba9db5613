"""Lets a service publish, and refuse to: each step has the events of the one before behind it.

A step's requests form a window: `window` is the number of the first message that they can have caused, as
the event of an accepted write on the same object was waited for before. That none was published is known
by the event of a later write (a marker), not by the time that passed.
"""

import time
from typing import TYPE_CHECKING, Any

from conformance.model.operation import SAFE_METHODS
from conformance.scenarios.event.others import Others
from conformance.scenarios.event.story import NAME
from conformance.scenarios.event.waits import Waits
from conformance.scenarios.event.walk import Walk
from conformance.scenarios.session import Session

if TYPE_CHECKING:
    from conformance.model.record import Wait

__all__ = ["NAME", "run", "settle"]


def run(session: Session) -> None:
    """Each resource that publishes, then the other operations that do, then whatever else can be read."""
    declared = session.service.events
    if declared is None or session.observer is None:
        return
    walked: set[str] = set()
    for resource in session.service.resources:
        publishing = [op for op in resource.operations if declared.of(op.label)]
        wanted = [op for op in publishing if op.label in session.service.selected]
        if not wanted or resource is session.service.account_resource:
            continue
        walk = Walk(session, resource)
        walk.whole()
        walked |= walk.asked
    for operation in session.service.operations:
        if declared.of(operation.label) and operation.label not in walked and not operation.safe:
            Others(session, f"{NAME} {operation.label}").call(operation)
    for operation in session.service.operations:
        if operation.safe and operation.label not in walked and declared.published:
            Others(session, f"{NAME} {operation.label}").read(operation)


def settle(session: Session) -> None:
    """After all else: on each topic a last write whose event is waited for, then all of the topic is read."""
    declared, observer = session.service.events, session.observer
    if declared is None or observer is None:
        return
    waits = session.transport.record.waits
    for topic in declared.topics:
        names = {m.name for m in declared.messages if m.topic == topic and m.sent} & declared.published
        known: Wait = "end"
        if names:
            known = "marker" if any(_marker(session, topic, name) for name in sorted(names)) else "time"
        if known == "time":
            _wait(session, declared.timeout)
        waits[topic] = known if observer.caught_up(topic, declared.timeout) else "none"


def _wait(session: Session, timeout: float) -> None:
    """Until an event of the last write would have come."""
    record = session.transport.record
    last = max((e.started for e in record if e.request.method not in SAFE_METHODS), default=0.0)
    passed = time.monotonic() - session.transport.began - last
    if session.observer is not None:
        session.observer.wait_for(lambda _message: False, timeout - passed)


def _marker(session: Session, topic: str, name: str) -> bool:
    declared = session.service.events
    said: dict[str, Any] = {"scenario": NAME, "trace": f"{NAME} settled {topic}", "step": "marker"}
    for resource in session.service.resources:
        if resource.create is not None and declared and name in declared.of(resource.create.label):
            if resource is session.service.account_resource:
                break
            waits = Waits(session)
            made = session.create(resource, session.service.owner, **said)
            return made is not None and waits.arrived(session.transport.record.exchanges[-1])
    sign_up = session.service.accounts
    if sign_up is not None and declared and name in declared.of(sign_up.label):
        waits = Waits(session)
        before = len(session.transport.record)
        session.accounts.make("marker", **said)
        made_by = [e for e in session.transport.record.exchanges[before:] if e.operation == sign_up.label]
        return bool(made_by) and waits.arrived(made_by[0])
    return False
