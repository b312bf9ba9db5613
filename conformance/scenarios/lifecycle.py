"""Walks an object through its life: create, read, list, update, delete, gone."""

from typing import Any

from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.scenarios.session import Session

NAME = "lifecycle"


def run(session: Session) -> None:
    """One life a resource, and a sibling that must survive it."""
    for resource in session.service.own_resources:
        _life(session, resource)


def _life(session: Session, resource: Resource) -> None:
    owner = session.service.owner
    trace = f"{NAME}{resource.name}"
    identifier, sent = session.create(resource, owner, scenario=NAME, trace=trace, step="create")
    if identifier is None:
        return
    sibling, _ = session.create(resource, owner, scenario=NAME, trace=trace, step="sibling")
    facts = {"id": identifier, "key": resource.key}

    def item(operation: Any, step: str, send: Any = None, of: str = identifier) -> Exchange | None:
        if operation is None:
            return None
        return session.ask(
            operation,
            owner,
            scenario=NAME,
            trace=trace,
            step=step,
            path={resource.parameter: of},
            send=send,
            facts={**facts, "sent": send},
        )

    def listed(step: str) -> None:
        if resource.list:
            known = {p.name: p for p in resource.list.query_parameters}
            query = {"limit": 100} if "limit" in known else {}
            session.ask(
                resource.list,
                owner,
                scenario=NAME,
                trace=trace,
                step=step,
                query=query,
                facts=facts,
            )

    item(resource.read, "read")
    listed("list")
    for update in resource.updates:
        fresh = session.sampler.value(update.body.schema) if update.body else None
        if update is resource.patch and isinstance(fresh, dict) and isinstance(sent, dict):
            changed = next((k for k in fresh if k in sent and fresh[k] != sent[k]), None)
            fresh = {changed: fresh[changed]} if changed else fresh
        item(update, f"update {update.method}", fresh)
        item(resource.read, f"read after {update.method}")
    if resource.delete:
        item(resource.delete, "delete")
        item(resource.read, "read after DELETE")
        listed("list after DELETE")
        item(resource.delete, "delete again")
        if sibling:
            item(resource.read, "sibling after DELETE", of=sibling)
