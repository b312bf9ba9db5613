"""Asks for an object as nobody, with bad tokens, and as another user; then looks at it again."""

from dataclasses import replace
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, OTHER, REQUIRED
from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.resources import Resource
from conformance.model.service import NOBODY, Principal
from conformance.scenarios.prying import pry
from conformance.scenarios.session import Made, Session
from conformance.target.tokens import bad_tokens

NAME = "access"
DISABLED = "disabled"
HIDING = (403, 404, 410)
"""What a stranger gets for what is not theirs to see."""
TURNS = ((FULL, REQUIRED, EXAMPLES), (OTHER,))
"""The styles of a body, then those that turn its flags: what is published may be seen by all, a draft not."""
TURNED = " (flags turned)"
"""Ends the name of a trace: what is hidden from a stranger is refused for that reason alone."""


def run(session: Session) -> None:
    """Every protected operation with bad credentials and as who is disabled; every item as a stranger."""
    if not session.service.principals:
        return
    checked: set[tuple[frozenset[str], ...]] = set()
    for operation in session.service.operations:
        if operation.protected:
            _without(session, operation)
            if operation.safe and operation.security not in checked and _odd_tokens(session, operation):
                checked.add(operation.security)
    for resource in session.service.resources:
        if any(op.label in session.service.selected for op in resource.operations):
            _stranger(session, resource)


def open_to_all(session: Session, resource: Resource) -> bool:
    """Whether the stranger could read each object of the owner's that was tried, whatever its flags."""
    trace = f"{NAME} {resource.name}"
    exchanges = session.transport.record.exchanges
    reads = [e for e in exchanges if e.trace.startswith(trace) and e.step == "stranger read"]
    return bool(reads) and all(e.ok for e in reads if e.trace in (trace, f"{trace}{TURNED}"))


def _without(session: Session, operation: Operation) -> None:
    """The same request from each; it names a real object, so that only the credentials can be at fault."""
    path = session.path_of(operation, fresh=not operation.safe)
    real = path is not None
    names = path if path is not None else session.missing(operation)
    body = session.body(operation)
    owner = session.service.owner
    # The newest: of a token that has run out nobody could tell what else is wrong with it.
    newest = replace(owner, headers=session.transport.renewals.current(owner.headers))
    said: dict[str, Any] = {"facts": {"real": real, "sent": body}, "scenario": NAME}
    said["trace"] = f"{NAME} {operation.label}"
    read = _reader(session, operation) if path else None
    if read is not None:
        session.ask(read, owner, path=path, step="owner before", **said)
    for who in (NOBODY, *bad_tokens(newest)):
        session.ask(operation, who, path=names, send=body, step=who.name, **said)
    for who in session.service.disabled:
        session.ask(operation, who, path=names, send=body, step=DISABLED, **said)
    if operation.safe and real:
        for who in session.accounts.misdirected(newest.headers):
            session.ask(operation, who, path=names, send=body, step=who.name, **said)
    if read is not None:
        session.ask(read, owner, path=path, step="owner after", **said)


def _odd_tokens(session: Session, operation: Operation) -> bool:
    """Ask with tokens that name the means of their own verification: of one read for each scheme, as one
    piece of code verifies them all; whether its real object was asked for."""
    path, owner = session.path_of(operation), session.service.owner
    if path is None:
        return False
    said: dict[str, Any] = {"facts": {"real": True}, "scenario": NAME, "trace": f"{NAME} {operation.label}"}
    for who in session.accounts.self_verified(session.transport.renewals.current(owner.headers)):
        session.ask(operation, who, path=path, step=who.name, **said)
    return True


def _reader(session: Session, operation: Operation) -> Operation | None:
    """What shows the item that an operation changes or deletes."""
    for resource in session.service.resources:
        if any(op is operation for op in (*resource.updates, resource.delete)):
            return resource.read
    return None


def _stranger(session: Session, resource: Resource) -> None:
    stranger, owner = session.service.stranger, session.service.owner
    trace = f"{NAME} {resource.name}"
    if stranger is None or resource.read is None:
        return
    if resource is session.service.account_resource:
        account = session.account("dave", scenario=NAME, trace=trace, step="create")
        if account is not None:
            itself, theirs = account
            _looks(session, resource, theirs, itself, stranger, trace)
            for operation in _unsafe(resource):
                _acts(session, resource, operation, theirs, itself, stranger, trace)
        return
    for name, styles in zip((trace, f"{trace}{TURNED}"), TURNS, strict=True):
        said: dict[str, Any] = {"styles": styles, "scenario": NAME, "trace": name}
        shown = session.create(resource, owner, step="create", **said)
        if shown is None:
            return
        _looks(session, resource, shown, owner, stranger, name)
        for operation in _unsafe(resource):
            # Each acts on an object of its own: what one of them changed may hide it from the next.
            made = session.create(resource, owner, step=f"create for {operation.method}", **said)
            if made is not None:
                _acts(session, resource, operation, made, owner, stranger, name)
        if not _has_flags(shown.sent):
            return


def _unsafe(resource: Resource) -> list[Operation]:
    return [op for op in (*resource.updates, resource.delete) if op is not None and op.protected]


def _has_flags(sent: Any) -> bool:
    """Whether a flag was sent, which may hide the object from others (a draft): it is then turned."""
    return isinstance(sent, dict) and any(isinstance(value, bool) for value in sent.values())


def _looks(
    session: Session, resource: Resource, made: Made, owner: Principal, stranger: Principal, trace: str
) -> None:
    """The owner and the stranger read the object and the list."""
    facts = {**made.facts, "owner": sorted(owner.identity)}
    said: dict[str, Any] = {"scenario": NAME, "trace": trace}
    hidden = False
    if resource.read is not None:
        for who, step in ((owner, "owner before"), (stranger, "stranger read")):
            path = resource.read.fill(made.chain)
            answer = session.ask(resource.read, who, path=path, facts=facts, step=step, **said)
            hidden = answer is not None and answer.refused
    if resource.list is not None:
        paging = paging_of(resource.list)
        asked = {"asked": paging.most} if paging.size else {}
        for who, step in ((owner, "owner list"), (stranger, "stranger list")):
            path = resource.list.fill(made.chain[:-1])
            session.ask(
                resource.list, who, path=path, query=paging.whole, facts=facts | asked, step=step, **said
            )
    if hidden:
        pry(session, made, stranger, facts=facts, **said)


def _acts(
    session: Session,
    resource: Resource,
    operation: Operation,
    made: Made,
    owner: Principal,
    stranger: Principal,
    trace: str,
) -> None:
    """The owner reads, the stranger acts, the owner reads again."""
    facts = {**made.facts, "owner": sorted(owner.identity)}
    for acting, who, step in (
        (resource.read, owner, f"owner before {operation.method}"),
        (operation, stranger, f"stranger {operation.method}"),
        (resource.read, owner, f"owner after {operation.method}"),
    ):
        if acting is not None:
            sent = session.body(acting)
            session.ask(
                acting,
                who,
                path=acting.fill(made.chain),
                send=sent,
                facts={**facts, "sent": sent},
                scenario=NAME,
                trace=trace,
                step=step,
            )
