"""Creates things in ways that ought to be told apart: again, renamed, forged, refused, after a delete."""

from typing import Any
from urllib.parse import urljoin

from conformance.model.bodies import EXAMPLES, FULL, OTHER, REQUIRED
from conformance.model.operation import Operation
from conformance.model.paging import paging_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import NOBODY, Principal
from conformance.scenarios import faulty
from conformance.scenarios.session import Made, Session

NAME = "creation"
LONG_AGO = "2001-02-03T04:05:06Z"


def run(session: Session) -> None:
    """Every resource that can be created; accounts only as far as two of them may not be the same."""
    accounts = session.service.accounts
    if accounts is not None and accounts.label in session.service.selected:
        _accounts(session, accounts)
    for resource in session.service.resources:
        create = resource.create
        if create is None or not any(op.label in session.service.selected for op in resource.operations):
            continue
        if resource is not session.service.account_resource:
            trace = f"{NAME} {resource.name}"
            _Creation(session, resource, create, trace, session.service.owner).whole()


def _accounts(session: Session, sign_up: Operation) -> None:
    """The same account twice; whether the document shows accounts as a resource or not."""
    said: dict[str, Any] = {"scenario": NAME, "trace": f"{NAME} {sign_up.path}"}
    account = None if session.accounts.missing else session.accounts.make("frank", step="create", **said)
    if account is None:
        return
    made = [e for e in session.transport.record if e.trace == said["trace"] and e.step == "create"]
    _follow(session, made[-1], account.principal, "follow Location")
    session.ask(sign_up, NOBODY, send=account.sent, facts={"sent": account.sent}, step="create again", **said)


def _follow(session: Session, created: Exchange, who: Principal, step: str) -> None:
    """A GET of the Location of a create, if that is one of the service's own."""
    transport = session.transport
    location = created.response.header("location") if created.response else None
    url = urljoin(created.request.url, location) if location else ""
    if url.startswith(transport.base + "/"):
        transport.send(
            "GET",
            url.removeprefix(transport.base),
            step=step,
            principal=who.name,
            headers=who.headers,
            facts=dict(created.facts) | {"location": location},
            scenario=NAME,
            trace=created.trace,
        )


class _Creation:
    """One resource's trace."""

    def __init__(
        self, session: Session, resource: Resource, create: Operation, trace: str, who: Principal
    ) -> None:
        self._session, self._resource, self._create = session, resource, create
        self._who = who
        self._said: dict[str, Any] = {"scenario": NAME, "trace": trace}

    def whole(self) -> None:
        made = self._make("create", FULL, REQUIRED, EXAMPLES)
        if made is None:
            return
        self._follow_location("")
        if not self._resource.named_by_client:
            # The same body once more: what is unique must not be there twice.
            self._ask(self._create, "create again", made.chain[:-1], made.sent)
        self._rename(made)
        self._forge(made)
        self._refuse(made)
        self._reuse()

    def _follow_location(self, name: str) -> None:
        """Right after a create; `name` is added to the name of the step."""
        created = self._session.transport.record.exchanges[-1]
        _follow(self._session, created, self._who, f"follow Location{name}")

    def _rename(self, made: Made) -> None:
        """Another object takes the first one's values, the unique ones among them."""
        if not any("409" in update.responses for update in self._resource.updates):
            return
        second = self._make("create second", FULL)
        if second is None:
            return
        for update in self._resource.updates:
            body = self._session.body(update)
            if isinstance(body, dict) and isinstance(made.sent, dict) and "409" in update.responses:
                taken = {k: made.sent.get(k, v) for k, v in body.items()}
                self._ask(update, f"rename {update.method}", second.chain, taken)

    def _forge(self, made: Made) -> None:
        """The fields that the service makes itself, with values of the client's."""
        for operation in self._writes():
            body = self._session.body(operation, OTHER if operation in self._resource.updates else FULL)
            if not isinstance(body, dict) or operation.body is None:
                continue
            declared = self._session.service.document.properties(operation.body.schema)
            writable = {k for k, v in declared.items() if not v.get("readOnly")}
            forged = {
                k: value
                for k, v in made.shown.items()
                if k not in writable and (value := self._forged(k, v)) is not None
            }
            place = made.chain if operation in self._resource.updates else made.chain[:-1]
            for field, value in forged.items():
                # One at a time: what refuses the first would hide the second.
                step, facts = f"forge {operation.method} {field}", {"forged": {field: value}}
                self._ask(operation, step, place, body | {field: value}, **facts)
                if operation in self._resource.updates:
                    self._ask(self._resource.read, f"read after {step}", made.chain, **facts)

    def _forged(self, name: str, value: Any) -> Any:
        """Another value of the same kind; None where the kind is not plain."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int) and not name.lower().endswith(("id", "_by")):
            return value + 1000
        if isinstance(value, str) and value[4:5] == value[7:8] == "-" and value[10:11] == "T":
            return LONG_AGO
        stranger = self._session.service.stranger
        if stranger and str(value) in self._who.identity:
            return next((type(value)(i) for i in sorted(stranger.identity) if _alike(i, value)), None)
        return None

    def _refuse(self, made: Made) -> None:
        """A refused create must leave nothing behind, and a refused update must change nothing."""
        for operation in self._writes():
            on_item = operation in self._resource.updates
            place = made.chain if on_item else made.chain[:-1]
            for keyword in self._faults(operation):
                # With texts of its own: what is accepted after all is not taken for the next one.
                field, broken = self._faults(operation).get(keyword, ("", None))
                step, facts = f"refused {operation.method} {keyword}", {"fault": keyword, "field": field}
                if on_item:
                    self._ask(self._resource.read, f"read before {step}", made.chain)
                self._ask(operation, step, place, broken, **facts)
                if on_item:
                    self._ask(self._resource.read, f"read after {step}", made.chain)
                elif self._resource.list is not None:
                    self._ask(self._resource.list, f"list after {step}", place, broken, **facts)

    def _faults(self, operation: Operation) -> dict[str, tuple[str, Any]]:
        """One invalid body a keyword, as what is checked late may be one kind of fault alone; its field."""
        document, body = self._session.service.document, self._session.body(operation)
        if not isinstance(body, dict) or operation.body is None:
            return {}
        shape, word = document.shape(operation.body.schema), self._session.sampler.word()
        return {k: (field, b) for k, field, b in faulty.bodies(document, shape, body, word) if field in body}

    def _writes(self) -> list[Operation]:
        """The create and the updates, each once: a PUT that is both counts as an update."""
        return [op for op in (self._create,) if not self._resource.named_by_client] + list(
            self._resource.updates
        )

    def _reuse(self) -> None:
        """The number of what was deleted last is not given to the next one."""
        if self._resource.delete is None:
            return
        last = self._make("create last", FULL, REQUIRED, EXAMPLES)
        if last is not None:
            self._follow_location(" of last")
            self._ask(self._resource.delete, "delete last", last.chain)
            self._make("create next", FULL, REQUIRED, EXAMPLES)

    def _make(self, step: str, *styles: Any) -> Made | None:
        return self._session.create(self._resource, self._who, styles=styles, step=step, **self._said)

    def _ask(
        self,
        operation: Operation | None,
        step: str,
        chain: tuple[str, ...],
        send: Any = None,
        **facts: Any,
    ) -> Exchange | None:
        if operation is None:
            return None
        query = paging_of(operation).whole if operation is self._resource.list else {}
        return self._session.ask(
            operation,
            self._who,
            path=operation.fill(chain),
            query=query,
            send=None if operation.safe or operation is self._resource.list else send,
            facts={"key": self._resource.key, "resource": self._resource.name, "sent": send, **facts},
            step=step,
            **self._said,
        )


def _alike(identity: str, value: object) -> bool:
    """Whether an identity of the stranger's is of the same kind as the owner's."""
    if isinstance(value, int):
        return identity.isdigit()
    return ("@" in identity) == ("@" in str(value)) and len(identity) == len(str(value))
