"""Operations that are no part of the life of an object that publishes (`POST /orders/{id}/pay`)."""

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.operation import Operation
from conformance.model.service import NOBODY
from conformance.scenarios import given
from conformance.scenarios.event.story import NAME, Story


class Others(Story):
    """One such operation."""

    def call(self, operation: Operation) -> None:
        """Call it on an object made for it, and wait for its events."""
        session = self.session
        if operation is session.service.accounts:
            self._sign_up(operation)
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

    def read(self, operation: Operation) -> None:
        """Ask a safe operation: it has nothing to tell."""
        path = self.session.path_of(operation)
        if path is not None:
            self.ask(operation, f"safe {operation.method}", path, send=self.session.body(operation, REQUIRED))

    def _sign_up(self, operation: Operation) -> None:
        """A new account, and the same once more, where a conflict is declared."""
        session = self.session
        account = session.account("grace", scenario=NAME, trace=self.trace, step="create")
        if account is None and not session.accounts.missing:
            session.accounts.make("grace", scenario=NAME, trace=self.trace, step="create")
        asked = [e for e in session.transport.record if e.trace == self.trace and e.ok]
        signed = next((e for e in asked if e.operation == operation.label), None)
        self.waits.arrived(signed)
        if signed is None or "409" not in operation.responses:
            return
        sent, resource = signed.facts.get("sent"), session.service.account_resource
        again = self.ask(operation, "create again", {}, who=NOBODY, send=sent)
        if again is not None and account is not None and resource is not None:
            given.adopt(session, resource, account[0], (), again, sent)
