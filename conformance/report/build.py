"""Makes the one result from the verdicts and the record; every text in it is clean of secrets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from urllib.parse import urlsplit

from conformance import __version__
from conformance.config import Waiver
from conformance.judge.group import Group
from conformance.judge.runner import Verdict
from conformance.judge.waivers import Scope, split, waive
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.report.published import published
from conformance.report.reach import operations, unreached
from conformance.report.result import (
    Finding,
    Operation,
    Result,
    RuleResult,
    StaleWaiver,
    Summary,
    Target,
    Tool,
    Unreached,
)
from conformance.report.story import story
from conformance.report.text import elide
from conformance.report.verdict import FailOn, headline
from conformance.target.secrets import Secrets

LONGEST = 2000
"""Characters of a text that a finding quotes; the record has the whole."""


@dataclass(frozen=True)
class Run:
    """What is known of an audit beside its record.

    `headers` and `verify` are the target's settings, `source` tells `path:line` of an operation's
    handler, or None. `duration` in seconds. `narrowed` tells that the command line left operations out,
    `every_rule` that it left no rule out, as far as `waivers` are concerned. `notes` are told beside the
    findings.
    """

    target: Target
    seed: int
    started_at: datetime
    duration: float
    lane: Literal["gate", "deep"] = "gate"
    fail_on: FailOn = "must"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str = True
    source: Callable[[str], str | None] = lambda _operation: None
    waivers: tuple[Waiver, ...] = ()
    narrowed: bool = False
    every_rule: bool = True
    notes: tuple[str, ...] = ()


def build(
    verdicts: Iterable[Verdict], record: Record, service: Service, run: Run, secrets: Secrets
) -> Result:
    """The result of an audit. Learns the secrets of the record first."""
    for exchange in record:
        secrets.learn_exchange(exchange)
    for message in record.messages:
        secrets.learn_message(message)
    rules, stale = waive(
        [_rule(verdict, record, run, secrets) for verdict in verdicts],
        [_waiver(waiver, secrets) for waiver in run.waivers],
        _scope(record, service, run),
    )
    return Result(
        tool=Tool(name="service-conformance", version=__version__),
        target=_target(run.target, secrets),
        lane=run.lane,
        seed=run.seed,
        started_at=run.started_at.astimezone(UTC).isoformat(timespec="seconds"),
        duration=round(run.duration, 3),
        complete=record.complete,
        rules=rules,
        summary=_summary(rules, stale, record, service, run, secrets),
        operations=[
            Operation(operation=_text(label, secrets), requests=requests, accepted=accepted)
            for label, requests, accepted in operations(record, service)
        ],
        waivers=stale,
        notes=[_text(note, secrets) for note in run.notes],
        events=published(record, service, lambda text: _text(text, secrets)),
    )


def _waiver(waiver: Waiver, secrets: Secrets) -> Waiver:
    return waiver.model_copy(
        update={name: _text(getattr(waiver, name), secrets) for name in ("reason", "owner")}
    )


def _today(run: Run) -> date:
    """The day that waivers are measured by: an audit over midnight has one."""
    return run.started_at.astimezone(UTC).date()


def _scope(record: Record, service: Service, run: Run) -> Scope:
    return Scope(
        today=_today(run),
        complete=record.complete,
        narrowed=run.narrowed,
        every_rule=run.every_rule,
        read_only=run.target.read_only,
        selected=service.selected,
        declared=[operation.label for operation in service.document.operations],
    )


def _rule(verdict: Verdict, record: Record, run: Run, secrets: Secrets) -> RuleResult:
    rule = verdict.rule
    return RuleResult(
        id=rule.id,
        contract=rule.contract,
        level=rule.level,
        title=rule.title,
        outcome=verdict.outcome,
        reason=_text(verdict.reason, secrets),
        requirement=_text(verdict.requirement, secrets) if verdict.requirement else None,
        applicable=verdict.applicable,
        exercised=verdict.exercised,
        requests=verdict.requests,
        findings=[
            _finding(group, record, run, secrets)
            for group in split(verdict.findings, run.waivers, _today(run))
        ],
        section=rule.section,
        help=rule.help,
    )


def _finding(group: Group, record: Record, run: Run, secrets: Secrets) -> Finding:
    shown = group.shown
    showing = {o.exchanges[-1].number for o in group.observations if o.exchanges}
    line = (
        story(record, shown.exchanges[-1], secrets, configured=run.headers, verify=run.verify)
        if shown.exchanges
        else ""
    )
    return Finding(
        fingerprint=group.fingerprint,
        operations=[_text(operation, secrets) for operation in group.operations],
        count=len(showing) + sum(not o.exchanges for o in group.observations),
        message=_text(shown.message, secrets),
        expected=_text(shown.expected, secrets),
        actual=_text(shown.actual, secrets),
        mend=_text(group.rule.mend, secrets),
        curl=secrets.clean(line),
        source=run.source(shown.operation),
        cause=group.cause_print,
    )


def _summary(
    rules: list[RuleResult],
    stale: list[StaleWaiver],
    record: Record,
    service: Service,
    run: Run,
    secrets: Secrets,
) -> Summary:
    reached = record.accepted()
    left = unreached(record, service, read_only=run.target.read_only, fresh=run.target.started)
    return Summary(
        outcomes={
            outcome: sum(rule.outcome == outcome for rule in rules)
            for outcome in dict.fromkeys(rule.outcome for rule in rules)
        },
        operations=len(service.document.operations),
        operations_accepted=sum(op.label in reached for op in service.document.operations),
        unreached=[
            Unreached(operation=_text(u.operation, secrets), reason=_text(u.reason, secrets)) for u in left
        ],
        requests=len(record),
        findings=sum(len(rule.findings) for rule in rules),
        waived=sum(bool(finding.waivers) for rule in rules for finding in rule.findings),
        interrupted=record.interrupted,
        verdict=headline(rules, record.interrupted, run.fail_on, stale),
    )


def _target(target: Target, secrets: Secrets) -> Target:
    return target.model_copy(
        update={
            "url": _text(_without_user(target.url), secrets),
            "document": _text(_without_user(target.document), secrets),
            "title": _text(target.title, secrets),
            "version": _text(target.version, secrets),
        }
    )


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if parts.netloc else url


def _text(text: str, secrets: Secrets) -> str:
    """Clean, of bounded length, and without the lone surrogates that UTF-8 cannot write."""
    clean = secrets.clean(text).encode("utf-8", "backslashreplace").decode()
    return elide(clean, LONGEST)
