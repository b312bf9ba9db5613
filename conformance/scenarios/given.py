"""Creates objects from bodies, and under parents, that a scenario chose itself."""

from collections.abc import Mapping
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.record import Exchange
from conformance.model.resources import Resource, identifier, representation
from conformance.model.service import Principal
from conformance.scenarios.session import Made, Session, chosen


def create(
    session: Session,
    resource: Resource,
    principal: Principal,
    parents: tuple[str, ...],
    sent: Any,
    *,
    facts: Mapping[str, Any] | None = None,
    **said: Any,
) -> tuple[Exchange | None, Made | None]:
    """Create with the body `sent` under `parents`: the exchange, and the object where it was made."""
    operation = resource.create
    if operation is None:
        return None, None
    path, sent = session.place(resource, parents, sent)
    known = {**(facts or {}), "sent": sent, "key": resource.key, "resource": resource.name}
    exchange = session.ask(operation, principal, path=path, send=sent, facts=known, **said)
    if exchange is None:
        return None, None
    named_by = chosen(resource, path, sent)
    return exchange, adopt(session, resource, principal, parents, exchange, sent, named_by)


def adopt(
    session: Session,
    resource: Resource,
    principal: Principal,
    parents: tuple[str, ...],
    exchange: Exchange,
    sent: Any,
    name: str | None = None,
) -> Made | None:
    """The object that an accepted create made, from now on one of this audit's own.

    `name` is what the client called it, where the answer does not tell.
    """
    if exchange.response is None or not exchange.ok:
        return None
    named_by = identifier(exchange.response, resource.key) or name
    if named_by is None:
        return None
    session.own(resource, named_by)
    shown = representation(exchange.response.json, resource.key) or {resource.key: named_by}
    made = Made(resource, (*parents, named_by), shown, sent)
    session.made.append((made, principal))
    return made


def fresh(session: Session, resource: Resource, like: Any, **changes: Any) -> Any:
    """A new body for a create, with the fields of one that was accepted and some values of the caller's."""
    body = None
    for style in (FULL, REQUIRED, EXAMPLES):
        body = session.body(resource.create, style) if resource.create else None
        if not isinstance(body, dict) or not isinstance(like, dict) or body.keys() == like.keys():
            break
    return {**body, **changes} if isinstance(body, dict) else body
