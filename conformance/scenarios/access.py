"""Asks for an object as nobody, with bad tokens, and as another user; then looks at it again."""

from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.resources import Resource
from conformance.model.service import NOBODY, Principal
from conformance.scenarios.session import Made, Session
from conformance.target.tokens import bad_tokens

NAME = "access"


def run(session: Session) -> None:
    """Every protected operation without and with a spoiled token; every item as a stranger."""
    if not session.service.principals:
        return
    spoiled = [NOBODY, *bad_tokens(session.service.owner)]
    for operation in session.service.operations:
        if operation.protected:
            _without(session, operation, spoiled)
    for resource in session.service.resources:
        if any(op.label in session.service.selected for op in resource.operations):
            _stranger(session, resource)


def _without(session: Session, operation: Operation, spoiled: list[Principal]) -> None:
    """The same request from each; it names a real object, so that only the credentials can be at fault."""
    path = session.path_of(operation, fresh=not operation.safe)
    real = path is not None
    names = path if path is not None else session.missing(operation)
    body = session.body(operation)
    for who in spoiled:
        session.ask(
            operation,
            who,
            path=names,
            send=body,
            facts={"real": real},
            scenario=NAME,
            trace=f"{NAME} {operation.label}",
            step=who.name,
        )


def _stranger(session: Session, resource: Resource) -> None:
    stranger, owner = session.service.stranger, session.service.owner
    trace = f"{NAME} {resource.name}"
    if stranger is None or resource.read is None:
        return
    if resource is session.service.account_resource:
        account = session.account("dave", scenario=NAME, trace=trace, step="create")
        if account is None:
            return
        owner, made = account
    else:
        created = session.create(resource, owner, scenario=NAME, trace=trace, step="create")
        if created is None:
            return
        made = created
    _tries(session, resource, made, owner, stranger, trace)


def _tries(
    session: Session, resource: Resource, made: Made, owner: Principal, stranger: Principal, trace: str
) -> None:
    facts = {**made.facts, "owner": sorted(owner.identity)}

    def ask(operation: Operation | None, who: Principal, step: str) -> None:
        if operation is not None:
            session.ask(
                operation,
                who,
                path=operation.fill(made.chain),
                send=session.body(operation),
                facts=facts,
                scenario=NAME,
                trace=trace,
                step=step,
            )

    ask(resource.read, owner, "owner before")
    ask(resource.read, stranger, "stranger read")
    if resource.list:
        paging = paging_of(resource.list)
        asked = {"asked": paging.most} if paging.size else {}
        for who, step in ((owner, "owner list"), (stranger, "stranger list")):
            session.ask(
                resource.list,
                who,
                path=resource.list.fill(made.chain[:-1]),
                query=paging.whole,
                facts=facts | asked,
                scenario=NAME,
                trace=trace,
                step=step,
            )
    for operation in (*resource.updates, resource.delete):
        if operation is not None and operation.protected:
            ask(operation, stranger, f"stranger {operation.method}")
            ask(resource.read, owner, f"owner after {operation.method}")
