"""Calls every operation that no other scenario had an accepted request on."""

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.operation import Operation
from conformance.scenarios.session import Session

NAME = "operations"


def run(session: Session) -> None:
    """Reads before writes, so that nothing that they show has been changed by the writes."""
    accepted = session.transport.record.accepted()
    left = [op for op in session.service.operations if op.label not in accepted]
    for operation in sorted(left, key=lambda op: (not op.safe, op.method == "DELETE")):
        _call(session, operation)


def _call(session: Session, operation: Operation) -> None:
    path = session.path_of(operation, fresh=operation.method == "DELETE")
    if path is None:
        return
    tried = []
    for style in (FULL, REQUIRED, EXAMPLES):
        body = session.body(operation, style)
        if body in tried:
            continue
        tried.append(body)
        answer = session.ask(
            operation,
            session.service.owner,
            path=path,
            send=body,
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step="call",
        )
        if answer is None or answer.ok or body is None:
            return
