"""Operations that are no part of the life of an object that publishes (`POST /orders/{id}/pay`)."""

from typing import Any

from conformance.model.bodies import EXAMPLES, FULL, REQUIRED
from conformance.model.bulk import Bulk, find_bulk
from conformance.model.operation import Operation
from conformance.model.paging import rows
from conformance.model.record import Exchange
from conformance.model.service import NOBODY
from conformance.scenarios import given
from conformance.scenarios.bulk import items, spoiled
from conformance.scenarios.event.story import NAME, Story
from conformance.scenarios.session import Made


class Others(Story):
    """One such operation."""

    def call(self, operation: Operation) -> None:
        """Call it on an object made for it, and wait for its events."""
        session = self.session
        if operation is session.service.accounts:
            self._sign_up(operation)
            return
        bulk = next(
            (
                b
                for b in find_bulk(session.service.document, session.service.resources)
                if b.operation.label == operation.label
            ),
            None,
        )
        if bulk is not None:
            self._bulk(bulk)
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

    def _bulk(self, bulk: Bulk) -> None:
        """Several at once, and several with a bad one among them."""
        session = self.session
        parents = session.parents(bulk.resource, self.owner)
        if parents is None:
            return

        def send(step: str, sent: list[Any]) -> Exchange | None:
            exchange = self.ask(
                bulk.operation,
                step,
                bulk.operation.fill(parents),
                send=bulk.body(sent, session.body(bulk.operation, REQUIRED)),
                facts={"items": sent},
            )
            for row in rows(exchange.response.json) or () if exchange and exchange.response else ():
                key = (
                    row.get(bulk.resource.key) if isinstance(row, dict) and exchange and exchange.ok else None
                )
                if key is not None:
                    session.own(bulk.resource, str(key))
                    session.made.append((Made(bulk.resource, (*parents, str(key)), row, None), self.owner))
            return exchange

        for style in (FULL, REQUIRED):
            exchange = send("call", items(session, bulk, 2, style))
            if exchange is None or exchange.ok:
                break
        else:
            return
        self.waits.arrived(exchange)
        bad = spoiled(session, bulk, style)
        if bad is not None:
            one, two = items(session, bulk, 2, style)
            send("refused bulk", [one, bad, two])

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
