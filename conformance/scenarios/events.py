"""Lets a service publish, and refuse to: each step has the events of the one before behind it.

A step's requests form a window: `window` is the number of the first message that they can have caused, as
the event of an accepted write on the same object was waited for before. That none was published is known
by the event of a later write (a marker), not by the time that passed.
"""

import time
from collections.abc import Callable
from typing import Any

from conformance.events.envelope import understood
from conformance.events.likeness import differing, identities, keys
from conformance.events.writes import Act, act_of, shown_by
from conformance.model.bodies import EXAMPLES, FULL, LOW, OTHER, REQUIRED
from conformance.model.message import Message
from conformance.model.operation import SAFE_METHODS, Operation
from conformance.model.record import Exchange, Wait
from conformance.model.resources import Resource
from conformance.model.service import NOBODY, Principal
from conformance.scenarios import faulty, given
from conformance.scenarios.session import Made, Session

NAME = "events"
TOGETHER = 4
IMPATIENT = 1.0
"""Seconds to wait for an event of a name that did not come in time before."""
IDEMPOTENCY_KEY = "idempotency-key"


def run(session: Session) -> None:
    """Each resource that publishes, then the other operations that do."""
    declared = session.service.events
    if declared is None or session.observer is None:
        return
    walked: set[str] = set()
    for resource in session.service.resources:
        publishing = [op for op in resource.operations if declared.of(op.label)]
        wanted = [op for op in publishing if op.label in session.service.selected]
        if not wanted or resource is session.service.account_resource:
            continue
        walk = _Walk(session, resource)
        walk.whole()
        walked |= walk.asked
    for operation in session.service.operations:
        if declared.of(operation.label) and operation.label not in walked and not operation.safe:
            _Others(session, f"{NAME} {operation.label}").call(operation)


def settle(session: Session) -> None:
    """After all else: on each topic a last write whose event is waited for, then all of the topic is read."""
    declared, observer = session.service.events, session.observer
    if declared is None or observer is None:
        return
    waits = session.transport.record.waits
    for topic in declared.topics:
        names = {m.name for m in declared.messages if m.topic == topic and m.sent} & declared.published
        known: Wait = "end"
        if names:
            known = "marker" if any(_marker(session, topic, name) for name in sorted(names)) else "time"
        if known == "time":
            _wait(session, declared.timeout)
        waits[topic] = known if observer.caught_up(topic, declared.timeout) else "none"


def _wait(session: Session, timeout: float) -> None:
    """Until an event of the last write would have come."""
    record = session.transport.record
    last = max((e.started for e in record if e.request.method not in SAFE_METHODS), default=0.0)
    passed = time.monotonic() - session.transport.began - last
    if session.observer is not None:
        session.observer.wait_for(lambda _message: False, timeout - passed)


def _marker(session: Session, topic: str, name: str) -> bool:
    declared = session.service.events
    said: dict[str, Any] = {"scenario": NAME, "trace": f"{NAME} settled {topic}", "step": "marker"}
    for resource in session.service.resources:
        if resource.create is not None and declared and name in declared.of(resource.create.label):
            if resource is session.service.account_resource:
                break
            waits = _Waits(session)
            made = session.create(resource, session.service.owner, **said)
            return made is not None and waits.arrived(session.transport.record.exchanges[-1])
    sign_up = session.service.accounts
    if sign_up is not None and declared and name in declared.of(sign_up.label):
        waits = _Waits(session)
        before = len(session.transport.record)
        session.accounts.make("marker", **said)
        made_by = [e for e in session.transport.record.exchanges[before:] if e.operation == sign_up.label]
        return bool(made_by) and waits.arrived(made_by[0])
    return False


class _Waits:
    """Waits for the events of accepted writes, less long for names that have failed to come."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.window = self._next()

    def _next(self) -> int:
        return len(self._session.transport.record.messages) + 1

    def arrived(self, exchange: Exchange | None) -> bool:
        """Whether all events of an accepted write came in time; the next window begins then."""
        service, observer = self._session.service, self._session.observer
        declared = service.events
        if exchange is None or not exchange.ok or declared is None or observer is None:
            return False
        act = act_of(exchange, service)
        shown = shown_by(act) if act else None
        came = True
        for name in declared.of(exchange.operation):
            # A service that has published nothing at all is not waited for by each of its events.
            mute = bool(self._session.late) and not self._session.transport.record.messages
            late = mute or name in self._session.late
            timeout = min(IMPATIENT, declared.timeout) if late else declared.timeout
            since = self.window - 1
            if act is None or observer.wait_for(self._is_of(act, name), timeout, since=since) is None:
                came = False
                self._session.late.add(name)
            elif shown is not None:
                # What came first may be the late event of the write before.
                agreeing = self._is_of(act, name, shown)
                observer.wait_for(agreeing, min(IMPATIENT, declared.timeout), since=since)
            message = declared.message(name)
            if message is not None:
                # What was sent with it is of this window as well.
                observer.caught_up(message.topic, IMPATIENT)
        self.window = self._next()
        return came

    def all_arrived(self, exchanges: list[Exchange]) -> None:
        """The events of writes that were sent at once."""
        window = self.window
        for exchange in exchanges:
            self.window = window
            self.arrived(exchange)

    def _is_of(self, act: Act, name: str, shown: Any = None) -> Callable[[Message], bool]:
        declared = self._session.service.events

        def wanted(message: Message) -> bool:
            if declared is None or message.ours:
                return False
            event = understood(message, declared)
            named = identities(event, act.resource) | keys(event)
            is_of = name in {event.name, *event.possible} and bool(named & set(act.ids))
            return is_of and not differing(event, act.resource, shown)

        return wanted


class _Story:
    """What the steps of one trace share."""

    def __init__(self, session: Session, trace: str) -> None:
        self._session, self._trace = session, trace
        self._waits = _Waits(session)
        self._owner = session.service.owner
        self.asked: set[str] = set()

    def _ask(
        self,
        operation: Operation | None,
        step: str,
        path: dict[str, str],
        *,
        who: Principal | None = None,
        **said: Any,
    ) -> Exchange | None:
        if operation is None:
            return None
        self.asked.add(operation.label)
        facts = {"window": self._waits.window, "sent": said.get("send"), **said.pop("facts", {})}
        return self._session.ask(
            operation,
            who or self._owner,
            path=path,
            facts=facts,
            scenario=NAME,
            trace=self._trace,
            step=step,
            **said,
        )


class _Walk(_Story):
    """One resource: an object lives, is refused, is read, is replayed, is raced for, and is gone."""

    def __init__(self, session: Session, resource: Resource) -> None:
        super().__init__(session, f"{NAME} {resource.name}")
        self._resource = resource

    def whole(self) -> None:
        made = self._make("create")
        if made is None:
            return
        self._refused_creates(made)
        self._replayed_create(made)
        for update in self._resource.updates:
            self._update(update, f"update {update.method}", made, OTHER)
        if self._mark(made, "marker"):
            self._safe(made)
            self._mark(made, "marker after safe")
            self._refused(made)
            self._mark(made, "marker after refused")
            self._replayed(made)
            self._mark(made, "marker after replay")
            self._together(made)
            self._mark(made, "marker after together")
        self._gone(made)

    def _make(self, step: str) -> Made | None:
        resource = self._resource
        if resource.create is None:
            return self._session.an(resource, self._owner)
        self.asked.add(resource.create.label)
        made = self._session.create(
            resource,
            self._owner,
            scenario=NAME,
            trace=self._trace,
            step=step,
            styles=(FULL, REQUIRED, EXAMPLES),
        )
        if made is not None:
            self._waits.arrived(self._session.transport.record.exchanges[-1])
        return made

    def _update(self, update: Operation, step: str, made: Made, style: Any) -> Exchange | None:
        """An accepted update, its event, and a read."""
        body = self._body(update, made, style)
        exchange = self._ask(update, step, update.fill(made.chain), send=body)
        self._waits.arrived(exchange)
        self._read(made, f"read after {step}")
        return exchange

    def _body(self, update: Operation, made: Made, style: Any) -> Any:
        body = self._session.body(update, style)
        if isinstance(body, dict) and self._resource.key in body:
            return {**body, self._resource.key: made.shown.get(self._resource.key)}
        return body

    def _read(self, made: Made, step: str) -> Exchange | None:
        return self._ask(self._resource.read, step, self._path(self._resource.read, made))

    @staticmethod
    def _path(operation: Operation | None, made: Made) -> dict[str, str]:
        return operation.fill(made.chain) if operation else {}

    def _mark(self, made: Made, step: str) -> bool:
        """A write on the same object whose event is behind all that came before it; False where none is."""
        declared = self._session.service.events
        for update in reversed(self._resource.updates):
            if declared and declared.of(update.label):
                body = self._body(update, made, FULL)
                exchange = self._ask(update, step, update.fill(made.chain), send=body)
                self._read(made, f"read after {step}")
                return self._waits.arrived(exchange)
        return False

    def _safe(self, made: Made) -> None:
        for operation in (self._resource.read, self._resource.list):
            if operation is not None:
                path = made.chain if operation is self._resource.read else made.chain[:-1]
                self._ask(operation, f"safe {operation.method}", operation.fill(path))

    def _refused(self, made: Made) -> None:
        """Invalid, without credentials, as a stranger: nothing may be told of what did not happen."""
        stranger = self._session.service.stranger
        for update in self._resource.updates:
            path, body = update.fill(made.chain), self._body(update, made, OTHER)
            for keyword, broken in self._broken(update, body):
                self._ask(update, f"refused {update.method} {keyword}", path, send=broken)
            if update.protected:
                self._ask(update, f"refused {update.method} anonymous", path, send=body, who=NOBODY)
            if stranger is not None and update.protected:
                self._ask(update, f"refused {update.method} stranger", path, send=body, who=stranger)
            taken = self._taken(update, body)
            if taken is not None:
                self._ask(update, f"refused {update.method} taken", path, send=taken)
        delete = self._resource.delete
        if delete is not None and delete.protected and stranger is not None:
            self._ask(delete, "refused DELETE stranger", delete.fill(made.chain), who=stranger)

    def _broken(self, operation: Operation, body: Any) -> list[tuple[str, Any]]:
        """Bodies with one fault each, at most two kinds."""
        document = self._session.service.document
        if not isinstance(body, dict) or operation.body is None:
            return []
        shape = document.shape(operation.body.schema)
        found = {f[0]: f[2] for f in faulty.bodies(document, shape, body, self._session.sampler.word())}
        return list(found.items())[:2]

    def _taken(self, update: Operation, body: Any) -> Any:
        """The body with another object's values, which are refused where they have to be unique."""
        other = self._session.an(self._resource, self._owner)
        if "409" not in update.responses or other is None or not isinstance(other.sent, dict):
            return None
        return {k: other.sent.get(k, v) for k, v in body.items()} if isinstance(body, dict) else None

    def _refused_creates(self, made: Made) -> None:
        create = self._resource.create
        if create is None or create.body is None:
            return
        path = create.fill(made.chain[:-1])
        fresh = given.fresh(self._session, self._resource, made.sent)
        for keyword, broken in self._broken(create, fresh):
            self._adopt(self._ask(create, f"refused POST {keyword}", path, send=broken), made)
        if create.protected:
            sent = given.fresh(self._session, self._resource, made.sent)
            self._ask(create, "refused POST anonymous", path, send=sent, who=NOBODY)
        again = self._ask(create, "create again", path, send=made.sent)
        self._adopt(again, made)
        if again is not None and again.refused:
            # What is unique is checked when it is stored, so at once some are refused late.
            body = given.fresh(self._session, self._resource, made.sent)
            race = self._session.transport.together(
                TOGETHER, lambda: self._ask(create, "create together", path, send=body)
            )
            for exchange in race:
                self._adopt(exchange, made)
        self._make("marker after refused creates")

    def _adopt(self, exchange: Exchange | None, made: Made) -> None:
        if exchange is not None:
            sent = exchange.facts.get("sent")
            given.adopt(self._session, self._resource, self._owner, made.chain[:-1], exchange, sent)

    def _replayed_create(self, made: Made) -> None:
        """The same create twice under one Idempotency-Key, where the document declares that field."""
        create = self._resource.create
        declared = create and next((p for p in create.parameters if p.name.lower() == IDEMPOTENCY_KEY), None)
        if create is None or not declared:
            return
        body = given.fresh(self._session, self._resource, made.sent)
        said: dict[str, Any] = {"send": body, "headers": {declared.name: self._session.sampler.word()}}
        for step in ("create under key", "replay under key"):
            exchange = self._ask(create, step, create.fill(made.chain[:-1]), **said)
            self._adopt(exchange, made)
        self._waits.arrived(exchange)

    def _replayed(self, made: Made) -> None:
        replace = self._resource.replace
        if replace is None:
            return
        body = self._body(replace, made, OTHER)
        for step in ("replace", "replay PUT"):
            self._ask(replace, step, replace.fill(made.chain), send=body)

    def _together(self, made: Made) -> None:
        """Several updates at once, each of its own values; what is read then is what came last."""
        declared = self._session.service.events
        update = next(
            (u for u in reversed(self._resource.updates) if declared and declared.of(u.label)), None
        )
        if update is None:
            return
        bodies = [self._body(update, made, style) for style in (OTHER, FULL, LOW, OTHER)]
        waiting = iter(bodies)
        race = self._session.transport.together(
            len(bodies),
            lambda: self._ask(update, "together", update.fill(made.chain), send=next(waiting)),
        )
        self._waits.all_arrived([e for e in race if e.ok])
        self._read(made, "read after together")

    def _gone(self, made: Made) -> None:
        delete = self._resource.delete
        if delete is None:
            return
        path = delete.fill(made.chain)
        self._waits.arrived(self._ask(delete, "delete", path))
        self._ask(delete, "refused DELETE gone", path)
        for update in self._resource.updates:
            self._ask(update, f"refused {update.method} gone", path, send=self._body(update, made, OTHER))
        if self._resource.create is not None:
            self._make("marker after delete")


class _Others(_Story):
    """An operation that is no part of a resource's usual ones (`POST /orders/{id}/pay`)."""

    def call(self, operation: Operation) -> None:
        """Call it on an object made for it, and wait for its events."""
        session = self._session
        if operation is session.service.accounts:
            account = session.account("grace", scenario=NAME, trace=self._trace, step="create")
            if account is None and not session.accounts.missing:
                session.accounts.make("grace", scenario=NAME, trace=self._trace, step="create")
            signed = [e for e in session.transport.record if e.trace == self._trace and e.ok]
            self._waits.arrived(next((e for e in signed if e.operation == operation.label), None))
            return
        path = session.path_of(operation, fresh=True)
        if path is None:
            return
        exchange = None
        for style in (FULL, REQUIRED, EXAMPLES):
            exchange = self._ask(operation, "call", path, send=session.body(operation, style))
            if exchange is None or exchange.ok or operation.body is None:
                break
        self._waits.arrived(exchange)
