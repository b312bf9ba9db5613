"""Asks for an object as nobody, with bad tokens, and as another user; then looks at it again."""

from conformance.model.operation import Operation
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios.session import Session

NAME = "access"


def run(session: Session) -> None:
    """Every protected operation without and with a forged token; every item as a stranger."""
    if not session.service.principals:
        return
    bad = _bad_tokens(session.service.owner)
    for operation in session.service.operations:
        if not operation.protected:
            continue
        body = session.sampler.value(operation.body.schema) if operation.body else None
        for who in bad:
            session.ask(
                operation,
                who,
                scenario=NAME,
                trace=f"{NAME} {operation.label}",
                step=who.name,
                path=session.missing(operation),
                send=body,
            )
    for resource in session.service.own_resources:
        _stranger(session, resource)


def _bad_tokens(owner: Principal) -> list[Principal]:
    scheme, _, token = owner.headers.get("authorization", "").partition(" ")
    found = [Principal("anonymous")]
    if token:
        middle = len(token) - 6
        changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
        found.append(Principal("forged", {"authorization": f"{scheme} {changed}"}))
    if owner.expired_headers:
        found.append(Principal("expired", owner.expired_headers))
    return found


def _stranger(session: Session, resource: Resource) -> None:
    stranger, owner = session.service.stranger, session.service.owner
    if stranger is None or resource.read is None:
        return
    trace = f"{NAME}{resource.name}"
    identifier, _ = session.create(resource, owner, scenario=NAME, trace=trace, step="create")
    if identifier is None:
        return
    path = {resource.parameter: identifier}
    facts = {"id": identifier, "key": resource.key}

    def ask(operation: Operation, who: Principal, step: str) -> None:
        sent = session.sampler.value(operation.body.schema) if operation.body else None
        session.ask(
            operation,
            who,
            scenario=NAME,
            trace=trace,
            step=step,
            path=path,
            send=sent,
            facts=facts,
        )

    ask(resource.read, owner, "owner before")
    for operation in (*resource.updates, resource.delete):
        if operation and operation.protected:
            ask(operation, stranger, f"stranger {operation.method}")
            ask(resource.read, owner, f"owner after {operation.method}")
    ask(resource.read, stranger, "stranger read")
    if resource.list:
        query = {"limit": 100} if any(p.name == "limit" for p in resource.list.query_parameters) else {}
        session.ask(
            resource.list,
            stranger,
            scenario=NAME,
            trace=trace,
            step="stranger list",
            query=query,
            facts=facts,
        )
