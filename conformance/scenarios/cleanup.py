"""Removes what this audit made, where the service lets it; the last made goes first."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource, identifier
from conformance.scenarios.session import Session

NAME = "cleanup"


def run(session: Session) -> None:
    """Delete each object as who made it; one that has gone already answers 404, which is well."""
    known = {(made.resource.name, made.chain): principal for made, principal in session.made}
    by_name = {p.name: p for p in (*known.values(), *session.service.principals)}
    for resource, chain, who in reversed(list(_made(session))):
        delete = resource.delete
        if delete is None:
            continue
        for name, value in zip(delete.path_names, chain, strict=True):
            session.transport.objects.own(delete.path[: delete.path.index(f"{{{name}}}")], value)
        session.ask(
            delete,
            known.get((resource.name, chain)) or by_name.get(who) or session.service.owner,
            path=delete.fill(chain),
            scenario=NAME,
            trace=f"{NAME} {resource.name}",
            step="delete",
        )


def _made(session: Session) -> Iterator[tuple[Resource, tuple[str, ...], str]]:
    """What accepted creates answered, whichever scenario sent them, in order, each once."""
    creates = {r.create.label: r for r in session.service.resources if r.create}
    seen = set()
    for exchange in list(session.transport.record.answered()):
        resource = creates.get(exchange.operation or "") if exchange.ok else None
        if resource is None or resource.create is None or exchange.request.method != resource.create.method:
            continue
        named_by = identifier(exchange.response, resource.key) if exchange.response else None
        parents = _path_values(resource.create, exchange, session.transport.base)
        sent = exchange.facts.get("sent")
        if named_by is None and isinstance(sent, dict) and isinstance(sent.get(resource.key), str):
            named_by = sent[resource.key]
        if resource.named_by_client and parents:
            *above, named_by = parents
            parents = tuple(above)
        if named_by is None or parents is None or (resource.name, *parents, named_by) in seen:
            continue
        seen.add((resource.name, *parents, named_by))
        yield resource, (*parents, named_by), exchange.principal
    # What the deep lane made in passing, and could not remove at once, is in no record.
    for made, who in session.made:
        if (made.resource.name, *made.chain) not in seen:
            yield made.resource, made.chain, who.name


def _path_values(operation: Operation, exchange: Exchange, base: str) -> tuple[str, ...] | None:
    """The values that a request put into the path of an operation."""
    path = urlsplit(exchange.request.url).path.removeprefix(urlsplit(base).path)
    shape = re.sub(r"\\\{[^{}]*\\\}", "([^/]+)", re.escape(operation.path))
    found = re.fullmatch(shape, path)
    return tuple(map(unquote, found.groups())) if found else None
