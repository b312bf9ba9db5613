"""Operations that publish and are no part of a resource's usual ones (`POST /orders/{id}/pay`)."""

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.operation import Operation
from conformance.scenarios.event.story import NAME, Story


class Others(Story):
    """An operation that is no part of a resource's usual ones (`POST /orders/{id}/pay`)."""

    def call(self, operation: Operation) -> None:
        """Call it on an object made for it, and wait for its events."""
        session = self.session
        if operation is session.service.accounts:
            account = session.account("grace", scenario=NAME, trace=self.trace, step="create")
            if account is None and not session.accounts.missing:
                session.accounts.make("grace", scenario=NAME, trace=self.trace, step="create")
            signed = [e for e in session.transport.record if e.trace == self.trace and e.ok]
            self.waits.arrived(next((e for e in signed if e.operation == operation.label), None))
            return
        path = session.path_of(operation, fresh=True)
        if path is None:
            return
        exchange = None
        for style in (FULL, REQUIRED, EXAMPLES):
            exchange = self.ask(operation, "call", path, send=session.body(operation, style))
            if exchange is None or exchange.ok or operation.body is None:
                break
        self.waits.arrived(exchange)
