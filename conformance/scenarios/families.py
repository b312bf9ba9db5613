"""Reaches for the child of one parent through another, and looks for it when its parent is gone."""

from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource, parent_of
from conformance.scenarios import given
from conformance.scenarios.session import Made, Session

NAME = "families"


def run(session: Session) -> None:
    """Two parents with a child each, for every collection below the items of another."""
    for resource in session.service.resources:
        above = parent_of(resource, session.service.resources)
        if above is None or above.create is None or above is session.service.account_resource:
            continue
        if any(op.label in session.service.selected for op in resource.operations) and resource.create:
            _Family(session, resource, above).all()


@dataclass
class _Family:
    session: Session
    resource: Resource
    above: Resource

    def all(self) -> None:
        """Each request of another parent's is followed by a read through the child's own."""
        first, other = self._parent("create parent"), self._parent("create other parent")
        if first is None or other is None or len(first.chain) != len(self.resource.parents):
            return
        child, sibling = self._child(first, "create"), self._child(other, "create other")
        if child is None or sibling is None:
            return
        resource, wrong = self.resource, (*other.chain, child.chain[-1])
        self._item(resource.read, "own read", child.chain, child)
        self._item(resource.read, "other read", wrong, child)
        self._list("other list", other, child)
        for operation in (*resource.updates, resource.delete):
            # A PUT that creates makes another parent's child of its own, which is well.
            if operation is not None and operation is not resource.create:
                self._item(operation, f"other {operation.method}", wrong, child)
                self._item(resource.read, f"own read after {operation.method}", child.chain, child)
        if self.above.delete is not None:
            self._item(self.above.delete, "delete parent", first.chain, first)
            self._item(self.above.read, "parent after", first.chain, first)
            self._item(resource.read, "child after", child.chain, child)
            self._list("list after", first, child)

    def _parent(self, step: str) -> Made | None:
        return self.session.create(self.above, self.session.service.owner, **self._said(step))

    def _child(self, parent: Made, step: str) -> Made | None:
        session, resource, create = self.session, self.resource, self.resource.create
        if create is None:
            return None
        for style in (FULL, REQUIRED, EXAMPLES):
            body, owner = session.body(create, style), session.service.owner
            made = given.create(session, resource, owner, parent.chain, body, **self._said(step))[1]
            if made is not None:
                return made
        return None

    def _said(self, step: str) -> dict[str, Any]:
        return {"scenario": NAME, "trace": f"{NAME} {self.resource.name}", "step": step}

    def _item(
        self, operation: Operation | None, step: str, chain: tuple[str, ...], made: Made
    ) -> Exchange | None:
        if operation is None:
            return None
        return self.session.ask(
            operation,
            self.session.service.owner,
            path=operation.fill(chain),
            send=None if operation.method == "DELETE" else self.session.body(operation),
            facts=made.facts,
            **self._said(step),
        )

    def _list(self, step: str, parent: Made, child: Made) -> Exchange | None:
        operation = self.resource.list
        if operation is None:
            return None
        return self.session.ask(
            operation,
            self.session.service.owner,
            path=operation.fill(parent.chain),
            query=paging_of(operation).whole,
            facts=child.facts,
            **self._said(step),
        )
