"""Runs a second process of the service beside the first, and then kills the first amid its writes."""

import copy
import threading
from collections.abc import Callable
from contextlib import ExitStack

from conformance.errors import TargetProblem
from conformance.model.record import Exchange
from conformance.scenarios import given
from conformance.scenarios.publishing import RESOURCES, Publishing, publishing
from conformance.scenarios.restarting import restart
from conformance.scenarios.session import Made, Session
from conformance.target.process import Running
from conformance.target.transport import Transport

NAME = "relays"
TURNS = 12
AT_ONCE = 6
ROUNDS = 4
"""Of writes at once: two that both send overlap where there is much to send."""
KILLED_AFTER = 0.03
"""Seconds from the moment when requests leave: some are answered by then, and some are not."""


def run(session: Session) -> None:
    """Where the service publishes, and both it and the broker were started here."""
    running = session.running
    tools = publishing(session, NAME, "relays")
    if tools is None or running is None:
        return
    made = next((made for resource in tools.resources[:RESOURCES] if (made := tools.before(resource))), None)
    if made is None:
        return
    with ExitStack() as stack:
        try:
            other = _at(session, running, stack.enter_context(running.second()))
        except TargetProblem:
            other = None
        if other is not None:
            _two(tools, made, other)
        _killed(tools, made, running, other)


def _two(tools: Publishing, made: Made, other: Session) -> None:
    """Writes in turns through both processes, some at once, and a last one through each."""
    since = tools.mark()
    for turn in range(TURNS):
        _write(tools, made, "two", tools.session if turn % 2 else other, create=turn % 4 == 0)
    for turn in range(ROUNDS):
        via = tools.session if turn % 2 else other
        via.transport.together(AT_ONCE, _creating(tools, made, "two", via))
    tools.arrived(since, None, patient=True)
    for via in (tools.session, other):
        _write(tools, made, "two", via, create=False)
    tools.arrived(since, "two settled")


def _killed(tools: Publishing, made: Made, running: Running, other: Session | None) -> None:
    """Kills the first process, which may be sending; what goes on does so through the second, and anew."""
    session = tools.session
    since = tools.mark()
    for _ in range(TURNS // 3):
        _write(tools, made, "killed", session, create=False)
    create = _creating(tools, made, "killed", session)
    killer = threading.Timer(KILLED_AFTER, running.kill)
    killer.start()
    session.transport.together(AT_ONCE, create)
    killer.join()
    for turn in range(TURNS // 3 if other else 0):
        if other is not None:
            _write(tools, made, "killed", other, create=turn == 0)
    restart(session, running, NAME, tools.trace)
    _write(tools, made, "killed", session, create=True)
    tools.arrived(since, "taken over")


def _creating(tools: Publishing, made: Made, step: str, via: Session) -> Callable[[], Exchange | None]:
    """A call for `AT_ONCE` creates, each of a body of its own."""
    bodies = iter([given.fresh(tools.session, made.resource, made.sent) for _ in range(AT_ONCE)])
    return lambda: tools.create(made.resource, made.chain[:-1], next(bodies), step, via=via)


def _write(tools: Publishing, made: Made, step: str, via: Session, *, create: bool) -> None:
    if not create and tools.update(made, step, via=via) is not None:
        return
    tools.create(
        made.resource, made.chain[:-1], given.fresh(tools.session, made.resource, made.sent), step, via=via
    )


def _at(session: Session, running: Running, url: str) -> Session:
    """The same means, but at another address of the service."""
    here = session.transport
    there = Transport(url + here.base.removeprefix(running.url), here.record, here.door)
    there.objects, there.began, there.deadline = here.objects, here.began, here.deadline
    there.progress, there.renewals = here.progress, here.renewals
    other = copy.copy(session)
    other.transport = there
    return other
