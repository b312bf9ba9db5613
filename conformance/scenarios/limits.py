"""Asks too often, where the document declares a 429; the last of all, as nothing may be answered after."""

from conformance.model.operation import Operation
from conformance.model.service import NOBODY, Principal
from conformance.scenarios.session import Session

NAME = "limits"
TRIES = 30
"""Wrong passwords for one account of this audit's own."""
READS = 120
TOO_MANY = 429


def run(session: Session) -> None:
    """Wrong passwords at the sign-in, and one read again and again.

    A service in use is not read so: what was made there could not be removed while nothing is answered.
    """
    sign_in = session.accounts.sign_in
    limited = [op for op in session.service.operations if "429" in op.responses]
    if sign_in in limited and sign_in is not None and not session.accounts.missing:
        _sign_in(session, sign_in)
    seen = {e.operation for e in session.transport.record.answered() if e.status == TOO_MANY}
    fresh = session.transport.door.fresh
    reads = [op for op in limited if op.safe and op.label not in seen and fresh]
    for operation in reads[:1]:
        _read(session, operation)


def _sign_in(session: Session, operation: Operation) -> None:
    session.accounts.make("heidi", scenario=NAME, trace=NAME)
    asked = [
        e for e in session.transport.record if e.trace == NAME and e.operation == operation.label and e.ok
    ]
    sent = asked[-1].facts.get("sent") if asked else None
    if isinstance(sent, dict) and "password" in sent:
        wrong = {**sent, "password": f"{session.sampler.word()}-{session.sampler.word()}-9Zq"}
        _again_and_again(session, operation, NOBODY, {}, wrong, TRIES)


def _read(session: Session, operation: Operation) -> None:
    path = session.path_of(operation)
    if path is not None:
        _again_and_again(session, operation, session.service.owner, path, None, READS)


def _again_and_again(
    session: Session, operation: Operation, who: Principal, path: dict[str, str], send: object, times: int
) -> None:
    for _ in range(times):
        answer = session.ask(
            operation,
            who,
            path=path,
            send=send,
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step="once more",
        )
        if answer is None or answer.status == TOO_MANY or answer.response is None:
            return
