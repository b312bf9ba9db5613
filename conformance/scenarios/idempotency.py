"""Sends creates with one Idempotency-Key more than once, where the document declares the field."""

from typing import Any

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios import given, listing
from conformance.scenarios.session import Session

NAME = "idempotency"
KEY = "idempotency-key"
"""draft-ietf-httpapi-idempotency-key-header §2."""
TIMES = 4


def run(session: Session) -> None:
    """Each create that takes the field; each case has a key of its own."""
    for resource in session.service.resources:
        create = resource.create
        if resource is session.service.account_resource or create is None or key_of(create) is None:
            continue
        if create.label in session.service.selected:
            _create(session, resource, create)


def key_of(operation: Operation) -> str | None:
    """The header parameter as the document writes it; None where it has none of that name."""
    named = (p.name for p in operation.parameters if p.location == "header" and p.name.lower() == KEY)
    return next(named, None)


def _create(session: Session, resource: Resource, create: Operation) -> None:
    owner, stranger, trace = session.service.owner, session.service.stranger, f"{NAME} {create.label}"
    said: dict[str, Any] = {"scenario": NAME, "trace": trace}
    name = key_of(create) or KEY
    schema = next(p.schema for p in create.parameters if p.name == name)
    usual = session.create(resource, owner, step="usual", **said)
    if usual is None or not isinstance(usual.sent, dict):
        return

    def ask(who: Principal, parents: tuple[str, ...], key: str, body: Any, step: str) -> Exchange | None:
        facts = {"sent": body, "key": resource.key, "resource": resource.name, "field": key}
        path = create.fill(parents)
        return session.ask(
            create, who, path=path, send=body, headers={name: key}, facts=facts, step=step, **said
        )

    def keep(exchange: Exchange | None, who: Principal) -> None:
        if exchange is not None:
            given.adopt(session, resource, who, parents, exchange, exchange.facts["sent"])

    parents = usual.chain[:-1]
    body, other, raced = (given.fresh(session, resource, usual.sent) for _ in range(3))
    key, second = (str(session.sampler.value(schema, name)) for _ in range(2))
    for step, sent in (("first", body), ("replay", body), ("other body", other)):
        keep(ask(owner, parents, key, sent, step), owner)
    for made in session.transport.together(TIMES, lambda: ask(owner, parents, second, raced, "together")):
        keep(made, owner)
    if resource.list is not None:
        listing.walk(session, resource, resource.list, owner, parents, step="list", **said)
    if stranger is not None and not parents:
        keep(ask(stranger, parents, key, body, "stranger"), stranger)
