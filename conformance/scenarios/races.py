"""Sends identical creates at once, where one after the other the second is refused."""

from collections.abc import Callable
from typing import Any

from conformance.model.record import ANONYMOUS, Exchange
from conformance.model.resources import Resource
from conformance.scenarios import given
from conformance.scenarios.session import Session, encode

NAME = "races"
TIMES = 5
TAKEN = (400, 409, 422)
"""With these a second create is refused that differs from the first in nothing but in being second."""


def run(session: Session) -> None:
    """Each create, and the sign-up: twice in a row, and where that shows a rule, several at once."""
    for resource in session.service.resources:
        create = resource.create
        if create is None or create.label not in session.service.selected or create.body is None:
            continue
        if resource is not session.service.account_resource and not resource.named_by_client:
            _resource(session, resource)
    _sign_up(session)


def _resource(session: Session, resource: Resource) -> None:
    create, owner = resource.create, session.service.owner
    trace = f"{NAME} {create.label}" if create else ""
    first = session.create(resource, owner, scenario=NAME, trace=trace, step="first")
    if first is None or create is None:
        return
    parents = first.chain[:-1]

    def ask(body: Any, step: str) -> Exchange | None:
        facts = {"sent": body, "key": resource.key, "resource": resource.name}
        path = create.fill(parents)
        return session.ask(
            create, owner, path=path, send=body, facts=facts, scenario=NAME, trace=trace, step=step
        )

    for made in _race(session, first.sent, lambda: given.fresh(session, resource, first.sent), ask):
        given.adopt(session, resource, owner, parents, made, made.facts["sent"])


def _sign_up(session: Session) -> None:
    operation = session.accounts.sign_up
    if session.accounts.missing or operation is None or operation.body is None:
        return
    if operation.label not in session.service.selected:
        return
    trace = f"{NAME} {operation.label}"

    def ask(body: Any, step: str) -> Exchange | None:
        return session.transport.call(
            operation,
            principal=ANONYMOUS,
            headers={"content-type": encode(operation, body)[0]},
            body=encode(operation, body)[1],
            facts={"sent": body},
            scenario=NAME,
            trace=trace,
            step=step,
        )

    first = session.body(operation)
    once = ask(first, "first")
    if once is not None and once.ok:
        _race(session, first, lambda: session.body(operation), ask)


def _race(
    session: Session, taken: Any, fresh: Callable[[], Any], ask: Callable[[Any, str], Exchange | None]
) -> list[Exchange]:
    """The exchanges that may have made something, where what is `taken` is refused when it comes again."""
    second = ask(taken, "second")
    if second is None or second.status not in TAKEN:
        return [second] if second else []
    body = fresh()
    return session.transport.together(TIMES, lambda: ask(body, "together"))
