"""Changes one object from one state twice: one after the other, and several at once."""

from typing import Any

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.versions import etag, lock_of, takes, version_in
from conformance.scenarios.conditions import matches
from conformance.scenarios.session import Made, Session

NAME = "versions"
TIMES = 5


def run(session: Session) -> None:
    """Each update that names the state that it changes, by a tag or by a version."""
    for resource in session.service.resources:
        if resource is session.service.account_resource or resource.read is None:
            continue
        for update in resource.updates:
            if update.label in session.service.selected and promises(session, update):
                _update(session, resource, resource.read, update)


def promises(session: Session, update: Operation) -> bool:
    """Whether the document says that an update notices another one."""
    service = session.service
    return lock_of(service.document, service.resources, update) is not None or matches(update)


def _update(session: Session, resource: Resource, read: Operation, update: Operation) -> None:
    trace, owner = f"{NAME} {update.label}", session.service.owner
    said: dict[str, Any] = {"scenario": NAME, "trace": trace}
    made = session.create(resource, owner, step="create", **said)
    if made is None:
        return
    lock = session.lock(update)
    field = lock.field if lock else None

    def look(step: str) -> Exchange | None:
        return session.ask(
            read, owner, path=read.fill(made.chain), facts=_facts(made, field), step=step, **said
        )

    def state(step: str) -> tuple[dict[str, str], dict[str, Any]] | None:
        """The header fields and the fields of the body that name the present state."""
        answer = look(step)
        shown = answer.response if answer and answer.ok else None
        tag, version = etag(shown), version_in(shown, resource.key, field) if field else None
        by_tag = takes(update, "If-Match") or bool(lock and lock.tag)
        if (field and version is None) or (by_tag and tag is None) or not (field or by_tag):
            return None
        return ({"if-match": tag} if by_tag and tag else {}), ({field: version} if field else {})

    def change(step: str, named: tuple[dict[str, str], dict[str, Any]], body: Any) -> Exchange | None:
        headers, version = named
        return session.ask(
            update,
            owner,
            path=update.fill(made.chain),
            send={**body, **version},
            headers=headers,
            facts={**_facts(made, field), "sent": body, "named": [*headers.values(), *version.values()]},
            step=step,
            **said,
        )

    bodies = [_body(session, resource, update, made) for _ in range(TIMES + 2)]
    if not all(isinstance(body, dict) for body in bodies):
        return
    first = state("read")
    if first is None:
        return
    change("one", first, bodies.pop())
    look("read between")
    change("another", first, bodies.pop())
    present = state("read after")
    if present is not None:
        session.transport.together(TIMES, lambda: change("together", present, bodies.pop()))
        look("read at last")


def _facts(made: Made, field: str | None) -> dict[str, Any]:
    return {**made.facts, "version": field}


def _body(session: Session, resource: Resource, update: Operation, made: Made) -> Any:
    body = session.body(update)
    if isinstance(body, dict) and resource.key in body:
        return {**body, resource.key: made.shown[resource.key]}
    return body
