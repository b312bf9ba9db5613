"""Walks an object through its life: create, read, list, update, delete, gone."""

from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import FULL, OTHER
from conformance.model.operation import Operation
from conformance.model.paging import listed, paging_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios.session import Made, Session

NAME = "lifecycle"


def run(session: Session) -> None:
    """One life a resource, and a sibling that must survive it; an account lives as itself."""
    for resource in session.service.resources:
        if not any(op.label in session.service.selected for op in resource.operations):
            continue
        if resource is session.service.account_resource:
            _account(session, resource)
        else:
            owner = session.service.owner
            life = _Life(session, resource, owner, owner, f"{NAME} {resource.name}")
            made = life.create("create")
            if made is not None:
                life.walk(made)


@dataclass
class _Life:
    """The life of one object: `actor` changes it, `witness` looks at it after it is gone."""

    session: Session
    resource: Resource
    actor: Principal
    witness: Principal
    trace: str

    def create(self, step: str) -> Made | None:
        return self.session.create(self.resource, self.actor, scenario=NAME, trace=self.trace, step=step)

    def item(
        self, operation: Operation | None, step: str, made: Made, who: Principal, send: Any = None
    ) -> Exchange | None:
        if operation is None:
            return None
        return self.session.ask(
            operation,
            who,
            path=operation.fill(made.chain),
            send=send,
            facts={**made.facts, "sent": send},
            scenario=NAME,
            trace=self.trace,
            step=step,
        )

    def list(self, step: str, made: Made) -> Exchange | None:
        operation = self.resource.list
        if operation is None:
            return None
        paging = paging_of(operation)
        asked = {"asked": paging.most} if paging.size else {}
        return self.session.ask(
            operation,
            self.actor,
            path=operation.fill(made.chain[:-1]),
            query=paging.whole,
            facts={**made.facts, **asked},
            scenario=NAME,
            trace=self.trace,
            step=step,
        )

    def walk(self, made: Made) -> None:
        resource, alone = self.resource, self.witness is not self.actor
        self.item(resource.read, "read", made, self.actor)
        self._seen_in_list(made)
        for update in resource.updates:
            sent = self._change(update, made)
            self.item(update, f"update {update.method}", made, self.actor, sent)
            self.item(resource.read, f"read after {update.method}", made, self.actor)
        if resource.delete is None:
            return
        # Made only now: a sibling may move the first one (a unique rank, say).
        sibling = None if alone else self.create("sibling")
        if alone:
            self.item(resource.read, "witness before DELETE", made, self.witness)
        self.item(resource.delete, "delete", made, self.actor)
        self.item(resource.read, "read after DELETE", made, self.witness)
        if not alone:
            self.list("list after DELETE", made)
            self.item(resource.delete, "delete again", made, self.actor)
        if sibling is not None:
            self.item(resource.read, "sibling after DELETE", sibling, self.witness)

    def _seen_in_list(self, made: Made) -> None:
        """A list may hide what has a flag down (drafts, say): then one with its flags turned is made."""
        answer = self.list("list", made)
        found = listed(answer, self.resource.key) if answer else None
        flags = isinstance(made.sent, dict) and any(isinstance(v, bool) for v in made.sent.values())
        if found is None or made.chain[-1] in found or not flags:
            return
        turned = self.session.create(
            self.resource, self.actor, styles=(OTHER,), scenario=NAME, trace=self.trace, step="turned"
        )
        if turned is not None:
            self.list("list turned", turned)

    def _change(self, update: Operation, made: Made) -> Any:
        """A whole new body for PUT; for PATCH one field that differs from what was sent; no new name."""
        fresh = self.session.body(update, OTHER)
        if isinstance(fresh, dict) and self.resource.key in fresh:
            fresh[self.resource.key] = made.shown[self.resource.key]
        if update is self.resource.replace or not isinstance(fresh, dict):
            return fresh
        before = made.sent if isinstance(made.sent, dict) else {}
        usual = self.session.body(update, FULL)
        changed = [k for k in fresh if k in before and fresh[k] != before[k]]
        # Text first: flags and enumerations may have rules of their own about what follows what.
        changed.sort(key=lambda k: not isinstance(fresh[k], str) or fresh[k] == usual.get(k))
        return {changed[0]: fresh[changed[0]]} if changed else fresh


def _account(session: Session, resource: Resource) -> None:
    """An account made for this alone: it reads, changes and deletes itself; another one looks on."""
    trace = f"{NAME} {resource.name}"
    account = session.account("carol", scenario=NAME, trace=trace, step="create")
    if account is not None:
        actor, made = account
        _Life(session, resource, actor, session.service.owner, trace).walk(made)
