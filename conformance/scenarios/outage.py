"""Takes the broker away while requests are sent, gives it back, and takes it away again to kill the service.

It comes after all that needs a service at ease, and leaves a service that runs and a broker that is there.
"""

import time

from conformance.model.record import Exchange
from conformance.scenarios import given
from conformance.scenarios.publishing import RESOURCES, Publishing, publishing
from conformance.scenarios.restarting import restart
from conformance.scenarios.session import Made, Session

NAME = "outage"
WRITES = 3
UPDATES = 5
"""Changes of one object, whose events wait for the broker side by side."""
AWAY = 5.0
"""Seconds: longer than a client that is set to give up soon tries to send."""


def run(session: Session) -> None:
    """Where the service publishes, and both it and the broker were started here."""
    running = session.running
    tools = publishing(session, NAME, "outage")
    if tools is None or running is None or running.proxy is None:
        return
    proxy = running.proxy
    known = list(filter(None, (tools.before(r) for r in tools.resources[:RESOURCES])))
    if not known:
        return
    try:
        proxy.cut()
        until = time.monotonic() + AWAY
        since = tools.mark()
        for made in known:
            _write(tools, made, "away")
        time.sleep(max(0.0, until - time.monotonic()))
        proxy.mend()
        _after(tools, known)
        if not tools.arrived(since, "back"):
            return  # a second loss would tell nothing new

        proxy.cut()
        since = tools.mark()
        for made in known:
            _write(tools, made, "away, then killed")
        running.kill()
        proxy.mend()
        restart(session, running, NAME, tools.trace)
        _after(tools, known)
        tools.arrived(since, "back after a kill")
    finally:
        proxy.mend()


def _after(tools: Publishing, known: list[Made]) -> None:
    """A marker: what is sent late for a request that failed comes before the event of this one."""
    for made in known:
        tools.create(
            made.resource, made.chain[:-1], given.fresh(tools.session, made.resource, made.sent), "after"
        )


def _write(tools: Publishing, made: Made, step: str) -> None:
    """Creates, updates and a read; the first that is not answered as it should be is the last."""
    session, resource = tools.session, made.resource
    parents = made.chain[:-1]

    def create() -> Exchange | None:
        body = given.fresh(session, resource, made.sent)
        return tools.create(resource, parents, body, step)

    def update() -> Exchange | None:
        return tools.update(made, step)

    def read() -> Exchange | None:
        return tools.read(step)

    for turn in (create, read, *[update] * UPDATES, *[create] * (WRITES - 1)):
        exchange = turn()
        if exchange is not None and not exchange.ok:
            return
