"""What the steps of one trace share, and what the steps on one object do."""

from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED, Style
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios import given
from conformance.scenarios.event.waits import Waits
from conformance.scenarios.session import Made, Session

NAME = "events"
USUAL = (FULL, REQUIRED, EXAMPLES)


class Story:
    """What the steps of one trace share."""

    def __init__(self, session: Session, trace: str) -> None:
        self.session, self.trace = session, trace
        self.waits = Waits(session)
        self.owner = session.service.owner
        self.asked: set[str] = set()

    def ask(
        self,
        operation: Operation | None,
        step: str,
        path: dict[str, str],
        *,
        who: Principal | None = None,
        **said: Any,
    ) -> Exchange | None:
        """Call an operation, `who` being the owner where nobody is named; None where there is none."""
        if operation is None:
            return None
        self.asked.add(operation.label)
        facts = {"window": self.waits.window, "sent": said.get("send"), **said.pop("facts", {})}
        return self.session.ask(
            operation,
            who or self.owner,
            path=path,
            facts=facts,
            scenario=NAME,
            trace=self.trace,
            step=step,
            **said,
        )


class Life(Story):
    """An object of one resource, and the writes on it whose events are waited for."""

    def __init__(self, session: Session, resource: Resource) -> None:
        super().__init__(session, f"{NAME} {resource.name}")
        self.resource = resource

    def make(self, step: str, styles: tuple[Style, ...] = USUAL) -> Made | None:
        """An object, and its event; one that is there where none can be made."""
        resource = self.resource
        if resource.create is None:
            return self.session.an(resource, self.owner)
        self.asked.add(resource.create.label)
        made = self.session.create(
            resource,
            self.owner,
            scenario=NAME,
            trace=self.trace,
            step=step,
            styles=styles,
        )
        if made is not None:
            self.waits.arrived(self.session.transport.record.exchanges[-1])
        return made

    def update(self, update: Operation, step: str, made: Made, style: Style) -> Exchange | None:
        """An accepted update, its event, and a read."""
        body = self.body(update, made, style)
        exchange = self.ask(update, step, update.fill(made.chain), send=body)
        self.waits.arrived(exchange)
        self.read(made, f"read after {step}")
        return exchange

    def body(self, update: Operation, made: Made, style: Style) -> Any:
        """The body of an update of this object."""
        body = self.session.body(update, style)
        if isinstance(body, dict) and self.resource.key in body:
            return {**body, self.resource.key: made.shown.get(self.resource.key)}
        return body

    def read(self, made: Made, step: str) -> Exchange | None:
        """A read of the object."""
        operation = self.resource.read
        return self.ask(operation, step, operation.fill(made.chain)) if operation else None

    def mark(self, made: Made, step: str) -> bool:
        """A write on the same object whose event is behind all that came before it; False where none is."""
        declared = self.session.service.events
        for update in reversed(self.resource.updates):
            if declared and declared.of(update.label):
                body = self.body(update, made, FULL)
                exchange = self.ask(update, step, update.fill(made.chain), send=body)
                self.read(made, f"read after {step}")
                return self.waits.arrived(exchange)
        return False

    def adopt(self, exchange: Exchange | None, made: Made) -> None:
        """What a create beside `made` may have made is one of this audit's own."""
        if exchange is not None:
            sent = exchange.facts.get("sent")
            given.adopt(self.session, self.resource, self.owner, made.chain[:-1], exchange, sent)
