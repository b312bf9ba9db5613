"""Gives one object a value that another has: what becomes of both is read."""

from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.operation import Operation
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios.session import Made, Session

NAME = "taken"
CONFLICT = 409
TRIES = 3
"""So many fields are tried: which of them is unique no document says."""


def run(session: Session) -> None:
    """Every resource whose update declares a conflict; an account is renamed by whoever it belongs to."""
    for resource in session.service.resources:
        updates = [op for op in resource.updates if _declares(session, op)]
        if updates and resource.read is not None:
            story = _Taken(session, resource, resource.read, f"{NAME} {resource.name}")
            for first, second, who in story.pairs():
                for update in updates:
                    story.rename(first, second, update, who)


def _declares(session: Session, update: Operation) -> bool:
    return "409" in update.responses and update.label in session.service.selected


@dataclass
class _Taken:
    """One resource's trace."""

    session: Session
    resource: Resource
    read: Operation
    trace: str

    def pairs(self) -> list[tuple[Made, Made, Principal]]:
        """Two objects and who may change the second; none where they could not be made."""
        session, owner = self.session, self.session.service.owner
        if self.resource is session.service.account_resource:
            # The owner's own account is left as it is: all other scenarios speak as its principal.
            first, other = session.objects.get(self.resource.name), self._account()
            return [(first, *other)] if first and other else []
        styles = (FULL, REQUIRED, EXAMPLES)
        said: dict[str, Any] = {"styles": styles, "scenario": NAME, "trace": self.trace}
        first = session.create(self.resource, owner, step="create", **said)
        second = session.create(self.resource, owner, step="create second", **said) if first else None
        return [(first, second, owner)] if first and second else []

    def _account(self) -> tuple[Made, Principal] | None:
        """An account that an earlier scenario made for itself, else a new one."""
        named = {self.session.service.owner.name, getattr(self.session.service.stranger, "name", "")}
        for made, who in reversed(self.session.made):
            if made.resource is self.resource and who.name not in named:
                return made, who
        made_now = self.session.account("grace", scenario=NAME, trace=self.trace, step="create second")
        return (made_now[1], made_now[0]) if made_now else None

    def rename(self, first: Made, second: Made, update: Operation, who: Principal) -> None:
        """One value of the first one's among new ones, until one is refused because it is taken."""
        body = self.session.body(update)
        if not isinstance(body, dict) or not isinstance(first.sent, dict):
            return
        texts = [k for k in body if isinstance(body[k], str) and isinstance(first.sent.get(k), str)]
        for field in texts[:TRIES]:
            sent = {**body, field: first.sent[field]}
            facts = {
                **second.facts,
                "field": field,
                "first": {k: v for k, v in first.shown.items() if k in sent},
            }
            said: dict[str, Any] = {"scenario": NAME, "trace": self.trace}
            asked = (
                (f"second before {update.method}", self.read, second, who, None),
                (f"rename {update.method}", update, second, who, sent),
                (f"second after {update.method}", self.read, second, who, None),
                (f"first after {update.method}", self.read, first, self.session.service.owner, None),
            )
            for step, operation, made, principal, send in asked:
                answer = self.session.ask(
                    operation,
                    principal,
                    path=operation.fill(made.chain),
                    send=send,
                    facts={**facts, "sent": sent},
                    step=step,
                    **said,
                )
                if operation is update and (answer is None or answer.status != CONFLICT):
                    break
            else:
                return
