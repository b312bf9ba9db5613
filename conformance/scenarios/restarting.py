"""Starts a killed service again: what a service does that does not start is recorded as well."""

from conformance.errors import TargetProblem
from conformance.model.record import ANONYMOUS
from conformance.scenarios.session import Session
from conformance.target.process import Running
from conformance.target.transport import Stopped

LONGEST = 400
"""Characters of what the service said that is kept."""


def restart(session: Session, running: Running, scenario: str, trace: str) -> None:
    """Start it again, as it was. Raises `Stopped` where it does not start: there is nobody left to ask."""
    try:
        running.restart()
    except TargetProblem as problem:
        facts = {"problem": " ".join(str(problem).split())[:LONGEST]}
        session.transport.send(
            "GET", "/", scenario=scenario, trace=trace, step="restarted", principal=ANONYMOUS, facts=facts
        )
        raise Stopped("died") from problem
