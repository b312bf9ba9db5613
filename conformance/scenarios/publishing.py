"""Writes whose events are waited for: what the scenarios share in which brokers and processes go away."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.events.observer import Observer
from conformance.events.written import Written, arrived, invented, written
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.scenarios import given
from conformance.scenarios.session import Made, Session

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 60.0
"""Seconds from the moment when all is well again in which the events must arrive: leases run out in less."""
RESOURCES = 2
"""So many resources are written to: what is asked for is the same code for all of them."""
LOOKS = 5
"""So many events that nobody was told of are looked up."""


@dataclass
class Publishing:
    """One trace of a scenario: its writes, and what the topics say of them; `made` was there before."""

    session: Session
    observer: Observer
    scenario: str
    trace: str
    resources: list[Resource]
    marked: int = 0
    made: Made | None = None
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def timeout(self) -> float:
        """Seconds that an event may take while all is well."""
        return self.session.service.events.timeout if self.session.service.events else 0.0

    @property
    def patience(self) -> float:
        """Seconds that it may take after something was broken."""
        return max(PATIENCE, self.timeout)

    def before(self, resource: Resource) -> Made | None:
        """Make an object while all is well; None where its event does not come then either, in two tries."""
        owner = self.session.service.owner
        for _ in range(2):
            since = self.mark()
            made = self.session.create(
                resource, owner, scenario=self.scenario, trace=self.trace, step="before"
            )
            if made is None:
                return None
            if self.arrived(since, None):
                self.made = made
                return made
        return None

    def mark(self) -> int:
        """The number of exchanges by now: a window begins."""
        self.marked = len(self.session.transport.record.messages)
        return len(self.session.transport.record)

    def create(
        self,
        resource: Resource,
        parents: tuple[str, ...],
        body: Any,
        step: str,
        *,
        via: Session | None = None,
        **facts: Any,
    ) -> Exchange | None:
        """One create."""
        exchange, _ = given.create(
            via or self.session,
            resource,
            self.session.service.owner,
            parents,
            body,
            facts=facts,
            scenario=self.scenario,
            trace=self.trace,
            step=step,
        )
        return exchange

    def update(self, made: Made, step: str, *, via: Session | None = None, **facts: Any) -> Exchange | None:
        """One update that publishes, with a value that tells it from all others; None where there is none."""
        session, resource = via or self.session, made.resource
        events = session.service.events
        operation = next(
            (op for op in (resource.patch, resource.replace) if op and events and events.of(op.label)), None
        )
        if operation is None or operation.body is None or operation.label not in session.service.selected:
            return None
        body = session.body(operation)
        if not isinstance(body, dict) or not self.changes(made, body):
            return None
        said: Mapping[str, Any] = {"sent": body, "key": resource.key, "resource": resource.name}
        return session.ask(
            operation,
            session.service.owner,
            path=operation.fill(made.chain),
            send=body,
            facts={**said, "id": made.chain[-1], **facts},
            scenario=self.scenario,
            trace=self.trace,
            step=step,
        )

    def changes(self, made: Made, body: dict[str, Any]) -> bool:
        """Whether it says what nobody has said yet: what changes nothing need not be published."""
        known = [*self.said, made.sent if isinstance(made.sent, dict) else {}]
        self.said.append(body)
        return not any(body.items() <= before.items() for before in known)

    def accepted(self, since: int) -> list[Written]:
        """The accepted writes of the window."""
        record, service = self.session.transport.record, self.session.service
        return [
            w for e in record.exchanges[since:] if e.scenario == self.scenario and (w := written(e, service))
        ]

    def arrived(self, since: int, step: str | None, *, patient: bool = False) -> bool:
        """Wait until each accepted write of the window has its events, and record the end of it as a read.

        Where `step` is None nothing is recorded, and unless `patient` no outage is allowed for. Whether
        all are there.
        """
        record, service = self.session.transport.record, self.session.service
        writes = self.accepted(since)
        until = time.monotonic() + (self.patience if step or patient else self.timeout)
        missing = writes
        while missing:
            seen = len(record.messages)
            missing = [w for w in missing if not arrived(w, record.messages[self.marked : seen], service)]
            left = until - time.monotonic()
            if not missing or left <= 0:
                break
            self.observer.wait_for(lambda _: True, left, since=seen)
        if step is not None:
            self._close(since, step)
        return bool(writes) and not missing

    def _close(self, since: int, step: str) -> None:
        session, service = self.session, self.session.service
        topics = service.events.topics if service.events else ()
        complete = all(map(self.observer.caught_up, topics))
        messages = session.transport.record.messages
        window = [self.marked, len(messages)]
        facts = {
            "messages": window,
            "exchanges": [since, len(session.transport.record)],
            "complete": complete,
        }
        known = {w.id for e in session.transport.record if (w := written(e, service))}
        for resource in self.resources:
            for identifier in invented(resource, messages[self.marked :], known, service)[:LOOKS]:
                if resource.read is not None and len(resource.read.path_names) == 1:
                    self._look(resource, identifier, step)
        self.read(step, **facts, waited=self.patience)

    def read(self, step: str, **facts: Any) -> Exchange | None:
        """Read what was there before."""
        if self.made is None or self.made.resource.read is None:
            return None
        operation = self.made.resource.read
        return self.session.ask(
            operation,
            self.session.service.owner,
            path=operation.fill(self.made.chain),
            facts=facts,
            scenario=self.scenario,
            trace=self.trace,
            step=step,
        )

    def _look(self, resource: Resource, identifier: str, step: str) -> None:
        if resource.read is None:
            return
        self.session.ask(
            resource.read,
            self.session.service.owner,
            path=resource.read.fill((identifier,)),
            facts={
                "id": identifier,
                "resource": resource.name,
                "create": resource.create and resource.create.label,
            },
            scenario=self.scenario,
            trace=self.trace,
            step=f"look up {step}",
        )


def publishing(session: Session, scenario: str, trace: str) -> Publishing | None:
    """The means, where the service publishes on creates, and the kit started both it and its broker."""
    service, observer = session.service, session.observer
    if service.events is None or observer is None or not {"kill", "broker"} <= service.means:
        return None
    events = service.events
    found = [
        r
        for r in service.resources
        if r.create
        and r.create.body
        and r.read
        and events.of(r.create.label)
        and r.create.label in service.selected
        and r is not service.account_resource
    ]
    return Publishing(session, observer, scenario, trace, found) if found else None
