"""Refers, in the body of an object of one's own, to what is another's and hidden."""

import re
from dataclasses import dataclass
from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED, Style
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.references import Reference, references
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios import given
from conformance.scenarios.access import HIDING, TURNS, open_to_all
from conformance.scenarios.session import Made, Session

NAME = "references"
OWN, MISSING, OTHERS = "own", "missing", "another's"
READ, AFTER = "read", "owner after"
ASKING = re.compile(r"request|invit|applica|member|report|appeal|follow|subscri|share", re.IGNORECASE)
"""In the path of what is there to ask for access: a request to join names what is not the asker's."""
SHORTEST = 8
PLAIN = re.compile(r"[\d\s:.,TZ+-]+")
"""Numbers and times, which may be the same by chance."""


def run(session: Session) -> None:
    """For each reference in the body of a create, a PUT or a PATCH, as the second of the principals."""
    service = session.service
    stranger = service.stranger
    if stranger is None:
        return
    for resource, operation in referring(session.service.resources):
        if operation.label in service.selected and resource is not service.account_resource:
            for reference in references(service, resource, operation):
                if reference.target.read is not None and reference.target.create is not None:
                    _Attempt(session, resource, operation, reference, stranger).all()


def referring(resources: tuple[Resource, ...]) -> list[tuple[Resource, Operation]]:
    """The operations whose bodies may refer to something, with their resources."""
    return [
        (resource, operation)
        for resource in resources
        if resource.create and not resource.named_by_client and not ASKING.search(resource.name)
        for operation in (resource.create, *resource.updates)
        if operation.body
    ]


@dataclass
class _Attempt:
    session: Session
    resource: Resource
    operation: Operation
    reference: Reference
    stranger: Principal
    style: Style = FULL

    def all(self) -> None:
        """The same request with an object of one's own, with one that is not there, and with another's."""
        session, target = self.session, self.reference.target
        theirs = self._hidden()
        own = session.create(target, self.stranger, **self._said("create own")) if theirs else None
        if theirs is None or own is None or target.read is None:
            return
        session.ask(target.read, self.stranger, path=target.read.fill(own.chain), **self._said("own read"))
        names = {
            OWN: own.shown.get(target.key),
            MISSING: session.sampler.absent(self.reference.schema),
            OTHERS: theirs.shown.get(target.key),
        }
        facts = {
            "field": self.reference.name,
            "key": self.resource.key,
            "named": names,
            "marks": marks(theirs.sent),
        }
        at = None if self._creates else session.create(self.resource, self.stranger, **self._said("create"))
        for step, name in names.items():
            exchange, made = self._send(name, at, facts, step)
            if exchange is None or (step == OWN and not exchange.ok):
                return
            if step == OTHERS and exchange.ok:
                self._look(made, theirs, {**facts, "written": marks(exchange.facts.get("sent"))})

    @property
    def _creates(self) -> bool:
        return self.operation is self.resource.create

    def _hidden(self) -> Made | None:
        """An object of the owner's that only they can read; None where the stranger can, too."""
        session, target = self.session, self.reference.target
        if open_to_all(session, target):
            return None
        for styles in TURNS:
            made = session.create(
                target, session.service.owner, styles=styles, **self._said("create another's")
            )
            if made is None or target.read is None:
                return None
            path = target.read.fill(made.chain)
            mine = session.ask(target.read, session.service.owner, path=path, **self._said("owner read"))
            theirs = session.ask(target.read, self.stranger, path=path, **self._said("stranger read"))
            if mine is None or not mine.ok or theirs is None:
                return None
            if theirs.status in HIDING:
                return made
        return None

    def _send(
        self, name: Any, at: Made | None, facts: dict[str, Any], step: str
    ) -> tuple[Exchange | None, Made | None]:
        """The create, or the update of `at`: what came, and the object that it was of."""
        session = self.session
        if not self._creates:
            if at is None:
                return None, None
            sent, path = self._body(name, FULL), self.operation.fill(at.chain)
            known = {**facts, "sent": sent}
            said = self._said(step)
            return session.ask(self.operation, self.stranger, path=path, send=sent, facts=known, **said), at
        parents = session.parents(self.resource, self.stranger)
        if parents is None:
            return None, None
        exchange, made = None, None
        for style in (FULL, REQUIRED, EXAMPLES) if step == OWN else (self.style,):
            exchange, made = given.create(
                session,
                self.resource,
                self.stranger,
                parents,
                self._body(name, style),
                facts=facts,
                **self._said(step),
            )
            if exchange is None or exchange.ok:
                self.style = style
                break
        return exchange, made

    def _body(self, name: Any, style: Style) -> Any:
        with self.session.speaking(self.stranger):
            body = self.session.body(self.operation, style)
        envelope = self.resource.envelope
        inside = body.get(envelope) if envelope and isinstance(body, dict) else body
        if isinstance(inside, dict):
            inside[self.reference.name] = [name] if self.reference.many else name
        return body

    def _look(self, made: Made | None, theirs: Made, facts: dict[str, Any]) -> None:
        """What the stranger then reads of their own object, and the owner of theirs."""
        read, target = self.resource.read, self.reference.target
        if read is not None and made is not None:
            path = read.fill(made.chain)
            self.session.ask(read, self.stranger, path=path, facts=facts, **self._said(READ))
        if target.read is not None:
            path = target.read.fill(theirs.chain)
            owner = self.session.service.owner
            self.session.ask(target.read, owner, path=path, facts=facts, **self._said(AFTER))

    def _said(self, step: str) -> dict[str, Any]:
        trace = f"{NAME} {self.operation.label} {self.reference.name}"
        return {"scenario": NAME, "trace": trace, "step": step}


def marks(sent: Any) -> list[str]:
    """The texts of a body by which it is known wherever they turn up."""
    values = sent.values() if isinstance(sent, dict) else ()
    texts = [v for value in values for v in (value.values() if isinstance(value, dict) else (value,))]
    return [t for t in texts if isinstance(t, str) and len(t) >= SHORTEST and not PLAIN.fullmatch(t)]
