"""An audit from its first request to its verdicts, on one page."""

import os
import secrets as entropy
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from conformance.config import Config
from conformance.errors import ConformanceError, TargetProblem, UsageProblem
from conformance.events.consumed import Consumed
from conformance.events.watch import declare, watching
from conformance.judge.rule import Rule, catalogue
from conformance.judge.runner import Verdict, judge
from conformance.model.bodies import Sampler
from conformance.model.overrides import understand
from conformance.model.record import BREAKING, Exchange, Record
from conformance.model.service import Service
from conformance.report import plan, result
from conformance.report.build import Run
from conformance.report.plan import Plan
from conformance.report.verdict import FailOn
from conformance.scenarios import SCENARIOS, cleanup, events, fuzzing, generation
from conformance.scenarios.session import Session
from conformance.target import undeclared
from conformance.target.document import Proven, obtain, unproven
from conformance.target.patterns import matches
from conformance.target.principals import Accounts, configured, introduce
from conformance.target.process import Running, ended, started
from conformance.target.secrets import Secrets
from conformance.target.source import Source
from conformance.target.transport import Door, Stopped, Transport, is_local

A_MOMENT = 2.0


class Listener(Protocol):
    """Who is told what goes on: a phase begins, something worth keeping, a request was answered."""

    def phase(self, name: str) -> None: ...
    def note(self, text: str) -> None: ...
    def exchange(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True)
class Order:
    """What was asked for: `rules` are those to judge; `budget` is in seconds, and `deep` as well: how long
    the deep lane goes on after the gate's, None for the gate alone.

    `narrowed` tells that the command line left operations out, beside the configuration.
    """

    config: Config
    rules: tuple[Rule, ...]
    write: bool = False
    seed: int = 0
    budget: float | None = None
    deep: float | None = None
    fail_on: FailOn = "must"
    narrowed: bool = False


@dataclass
class Audit:
    """What an audit leaves: complete or not, it can be judged, reported and saved."""

    order: Order
    record: Record = field(default_factory=Record)
    secrets: Secrets = field(default_factory=Secrets)
    service: Service | None = None
    run: Run | None = None
    base: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def clean(self, text: str) -> str:
        """A text of this audit without secrets, those in its requests and answers included."""
        for exchange in self.record:
            self.secrets.learn_exchange(exchange)
        return self.secrets.clean(text)


def carry_out(order: Order, listener: Listener) -> Audit:
    """Reach or start the target, understand it, ask it, judge the answers.

    Ends early, and judges what there is, on Ctrl-C, at the end of the budget, or when the target
    stops answering. Raises `ConformanceError` where there is nothing to judge.
    """
    audit = Audit(order)
    with _told_without_secrets(audit):
        _carry_out(audit, listener)
    return audit


def lay_out(order: Order, listener: Listener) -> Plan:
    """What the audit would do. Asks the target for its document, and twice again to see how fast it answers.

    Raises `ConformanceError` where there is none.
    """
    audit = Audit(order)
    with _told_without_secrets(audit):
        return _lay_out(audit, listener)


@contextmanager
def _told_without_secrets(audit: Audit) -> Iterator[None]:
    """What ends the audit is raised as it is, but that its sentence holds no secret."""
    audit.secrets.learn_config(audit.order.config)
    try:
        yield
    except ConformanceError as problem:
        raise type(problem)(audit.clean(str(problem))) from problem


def _lay_out(audit: Audit, listener: Listener) -> Plan:
    order, config = audit.order, audit.order.config
    with _reached(config, listener) as (url, running):
        transport = _way_to(url, audit, running)
        try:
            proven = unproven(config.target.openapi, config.folder, transport, _credentials(config))
            service = _understood(proven, config)
            source = proven.document.source
            pace = transport.pace(source) if source.startswith(f"{transport.origin}/") else None
        except Stopped as stopped:
            raise TargetProblem("the time (--budget) was up before the service was understood.") from stopped
        except TargetProblem as problem:
            raise TargetProblem(_end_of(running) or str(problem)) from problem
        finally:
            transport.close()
    transport.base = proven.base
    accounts = Accounts(service, transport, Sampler(service.document, order.seed), config)
    return plan.lay_out(
        service,
        _target(transport, service, order.config, started=running is not None),
        plan.signing_in(service, accounts, list(configured(config))),
        _wanted(order),
        len(order.rules),
        pace,
    )


def _carry_out(audit: Audit, listener: Listener) -> None:
    order = audit.order
    began, started_at = time.monotonic(), datetime.now(UTC)
    slow = threading.Thread(target=_import_what_is_slow)
    slow.start()
    with _reached(order.config, listener) as (url, running):
        slow.join()
        transport = _way_to(url, audit, running)
        read_only = transport.door.read_only
        listener.note(audit.clean(_first_line(url, read_only=read_only, started=running is not None)))
        try:
            with generation.elsewhere():
                _ask(audit, transport, running, listener)
        except TargetProblem as problem:
            raise TargetProblem(_end_of(running) or str(problem)) from problem
        finally:
            transport.close()
        if audit.record.interrupted == "died" and (how := _end_of(running)):
            listener.note(audit.clean(how))
    service = audit.service
    if service is None:
        if audit.record.interrupted == "user":
            raise KeyboardInterrupt
        raise TargetProblem("the time (--budget) was up before the service was understood.")
    audit.run = _run(audit, transport, service, started_at, time.monotonic() - began, running is not None)
    audit.verdicts = judge(
        order.rules, audit.record, service, read_only=read_only, selected=set(service.selected)
    )


def _import_what_is_slow() -> None:
    """While the service is started: it takes a second, which is not much less than many services take.

    What cannot be imported is told by whoever needs it.
    """
    with suppress(ImportError):
        from conformance.scenarios import deep  # noqa: F401 - the fuzzer with it
        from conformance.target import validation  # noqa: F401


@contextmanager
def _reached(config: Config, listener: Listener) -> Iterator[tuple[str, Running | None]]:
    """The target's address, and the process where the kit starts it."""
    if config.target.url is not None:
        yield config.target.url, None
        return
    with started(config, listener.phase) as running:
        yield running.url, running


def _way_to(url: str, audit: Audit, running: Running | None) -> Transport:
    """The door to the target, open until the time (--budget) is up."""
    order = audit.order
    read_only = not (order.write or running or _is_here(order.config))
    door = _door(order.config, read_only=read_only, fresh=running is not None)
    transport = Transport(url, audit.record, door)
    if order.budget is not None:
        transport.deadline = time.monotonic() + order.budget
    return transport


def _credentials(config: Config) -> Mapping[str, str]:
    """Those of the first active principal of the configuration, for a document that needs some."""
    return next((p.headers for p in configured(config) if p.state == "active"), {})


def _end_of(running: Running | None) -> str | None:
    """How a service ended that the kit had started; its connections go a moment before it does."""
    if running is None:
        return None
    with suppress(subprocess.TimeoutExpired):
        running.process.wait(A_MOMENT)
    return ended(running)


def _is_here(config: Config) -> bool:
    """Whether requests end on this machine: through a proxy elsewhere, `localhost` is the proxy's."""
    target = config.target
    return bool(target.url) and is_local(target.url or "") and (not target.proxy or is_local(target.proxy))


def _ask(audit: Audit, transport: Transport, running: Running | None, listener: Listener) -> None:
    """Understand the service, then run the scenarios that the chosen rules read."""
    order, config = audit.order, audit.order.config
    transport.progress = listener.exchange
    credentials = _credentials(config)
    session: Session | None = None
    try:
        listener.phase("reading the OpenAPI document")
        proven = obtain(config.target.openapi, config.folder, transport, credentials)
        audit.service = service = _understood(proven, config)
        transport.base = audit.base = proven.base
        nonce = "" if config.target.url is None else entropy.token_hex(4)
        if undeclared.declares_none(service.document):
            audit.service = service = _asked_for(service, proven, transport, config)
        sampler = Sampler(service.document, order.seed, nonce)
        accounts = Accounts(service, transport, sampler, config)
        if any(rule.contract == "event" for rule in order.rules):
            service.events = declare(config, service, transport, credentials, running)
        with watching(config, service, transport, running) as observer:
            introduce(service, accounts, config)
            session = Session(service, transport, sampler, accounts, order.seed, observer=observer)
            _empowered(session, config, running)
            for name in _wanted(order):
                if name in BREAKING:
                    _settle(session, listener)
                listener.phase(name)
                SCENARIOS[name](session)
                if name == fuzzing.NAME and order.deep is not None:
                    from conformance.scenarios import deep  # slow to import

                    hunt = deep.Hunt(session, order.rules, order.deep, listener.phase, listener.note)
                    try:
                        hunt.run()
                    finally:
                        audit.notes = hunt.unconfirmed()
            _settle(session, listener)
            _clean_up(session, config, listener)
    except Stopped as stopped:
        audit.record.interrupted = stopped.reason
        if stopped.reason == "budget" and session is not None:
            transport.deadline = float("inf")
            _clean_up(session, config, listener)
    except KeyboardInterrupt:
        audit.record.interrupted = "user"
    for principal in (*audit.service.principals, *audit.service.disabled) if audit.service else ():
        audit.secrets.learn_headers({**principal.headers, **(principal.expired_headers or {})})


def _settle(session: Session, listener: Listener) -> None:
    """Read the topics to their ends, before anything is broken; what comes later is judged apart."""
    record = session.transport.record
    if record.calm_until is not None:
        return
    if session.observer is not None:
        listener.phase("reading the topics to their ends")
        events.settle(session)
    record.calm_until = len(record), len(record.messages)


def _empowered(session: Session, config: Config, running: Running | None) -> None:
    """What may be done beside asking: only what was started for this audit is broken by it."""
    service, consumes = session.service, config.events.consumes.items()
    session.running = running
    service.consumes = tuple(Consumed(name, c.topic, c.effect, c.dead_letter) for name, c in consumes)
    own_broker = running is not None and running.proxy is not None and session.observer is not None
    service.means = frozenset({"kill"} if running else ()) | frozenset({"broker"} if own_broker else ())


def _clean_up(session: Session, config: Config, listener: Listener) -> None:
    """Remove what was made, unless all of the service goes with the audit."""
    if config.target.url is not None:
        listener.phase("removing what was made")
        cleanup.run(session)


def _understood(proven: Proven, config: Config) -> Service:
    target = config.target
    for pattern in (*target.include, *target.exclude):
        if not any(matches(op.method, op.path, [pattern]) for op in proven.document.operations):
            raise UsageProblem(f'the pattern "{pattern}" names no operation of {proven.document.source}.')
    selected = frozenset(
        op.label
        for op in proven.document.operations
        if (not target.include or matches(op.method, op.path, target.include))
        and not matches(op.method, op.path, target.exclude)
    )
    document, resources = understand(proven.document, config.resources)
    return Service(document, resources, selected=selected)


def _asked_for(service: Service, proven: Proven, transport: Transport, config: Config) -> Service:
    """The service, understood with what asks for credentials though no document says so."""
    found = undeclared.guarded(service.operations, transport, Sampler(service.document, 0))
    document = undeclared.protected(proven.document, found)
    return _understood(replace(proven, document=document), config) if found else service


def _wanted(order: Order) -> list[str]:
    """The scenarios that the rules read, in their order; all where a rule reads everything."""
    named = {name for rule in order.rules for name in rule.scenarios}
    named |= {fuzzing.NAME} if order.deep is not None else set()
    everything = any(not rule.scenarios for rule in order.rules)
    return [name for name in SCENARIOS if everything or name in named]


def _door(config: Config, *, read_only: bool, fresh: bool) -> Door:
    target = config.target
    verify = target.verify
    if isinstance(verify, str):
        verify = str((config.folder / verify).resolve())
    return Door(
        read_only=read_only,
        timeout=target.timeout,
        verify=verify,
        proxy=target.proxy,
        rate=target.rate,
        headers=target.headers,
        exclude=target.exclude,
        fresh=fresh,
    )


def _first_line(url: str, *, read_only: bool, started: bool) -> str:
    if read_only:
        return f"auditing {url} read-only: only GET, HEAD and OPTIONS leave (--write lets the others)"
    return f"auditing {url}" + (", started for this audit" if started else "")


def _run(
    audit: Audit, transport: Transport, service: Service, at: datetime, duration: float, started: bool
) -> Run:
    return Run(
        target=_target(transport, service, audit.order.config, started=started),
        seed=audit.order.seed,
        started_at=at,
        duration=duration,
        lane="gate" if audit.order.deep is None else "deep",
        fail_on=audit.order.fail_on,
        headers=audit.order.config.target.headers,
        verify=transport.door.verify,
        source=_source(audit.order.config, service),
        waivers=audit.order.config.waivers,
        narrowed=audit.order.narrowed,
        every_rule=len(audit.order.rules) == len(catalogue.rules),
        notes=tuple(audit.notes),
    )


def _source_root(config: Config) -> str | None:
    """The source of a service that is started here or whose folder the user named, seen from here."""
    target = config.target
    if target.command is None and "cwd" not in target.model_fields_set:
        return None
    try:
        return Path(os.path.relpath(config.folder / target.cwd)).as_posix()
    except ValueError:  # on another drive
        return None


def _target(transport: Transport, service: Service, config: Config, *, started: bool) -> result.Target:
    document = service.document
    info = document.raw.get("info") or {}
    return result.Target(
        url=transport.base,
        document=document.source,
        title=document.title,
        version=str(info.get("version", "")) if isinstance(info, dict) else "",
        read_only=transport.door.read_only,
        started=started,
        source_root=_source_root(config),
    )


def _source(config: Config, service: Service) -> Callable[[str], str | None]:
    """Where a handler stands, of a service that is started here or whose folder the user named."""
    target = config.target
    at_hand = target.command is not None or "cwd" in target.model_fields_set
    source = Source(config.folder / target.cwd if at_hand else None)

    def handler(label: str) -> str | None:
        operation = service.operation(label)
        return source.handler(operation) if operation else None

    return handler
