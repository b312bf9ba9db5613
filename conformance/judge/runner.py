"""Asks each rule of the record, and says what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from conformance.judge.group import Group, group
from conformance.judge.needs import missing, nothing_declared
from conformance.judge.roots import told_once
from conformance.judge.rule import Observation, Rule
from conformance.model.record import BREAKING, Record
from conformance.model.service import Service
from conformance.report.result import Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a rule: `applicable` and `exercised` count operations, `requests` exchanges."""

    rule: Rule
    outcome: Outcome
    reason: str = ""
    requirement: str | None = None
    applicable: int = 0
    exercised: int = 0
    requests: int = 0
    findings: list[Group] = field(default_factory=list)


def judge(
    rules: Iterable[Rule], record: Record, service: Service, *, read_only: bool, selected: set[str]
) -> list[Verdict]:
    """A verdict for each rule; `selected` are the labels of the operations that were asked for.

    What was recorded while broker or processes were away is for the rules of those scenarios alone.
    """
    calm = record.calm
    verdicts = [
        _judge(rule, record if BREAKING & set(rule.scenarios) else calm, service, read_only, selected)
        for rule in rules
    ]
    left = told_once({verdict.rule.id: verdict.findings for verdict in verdicts})
    return [_yielding(verdict, left[verdict.rule.id]) for verdict in verdicts]


def _yielding(verdict: Verdict, left: list[Group]) -> Verdict:
    """The verdict with what is left for it to tell."""
    if verdict.outcome == "failed" and not left:
        roots = " and ".join(verdict.rule.yields_to)
        return replace(verdict, outcome="not_applicable", reason=f"{roots} tells what it found", findings=[])
    return replace(verdict, findings=left)


def _judge(rule: Rule, record: Record, service: Service, read_only: bool, selected: set[str]) -> Verdict:
    declared = set(rule.applies(service))
    applicable = {label for label in declared if " /" not in label or label in selected}
    if not applicable:
        reason = (
            "--include and --exclude leave no operation"
            if declared
            else nothing_declared(rule.needs, service)
        )
        return Verdict(rule, "not_applicable", reason)
    requirement = missing(rule.needs, service, read_only=read_only)
    if requirement:
        return Verdict(rule, "not_run", requirement=requirement, applicable=len(applicable))
    try:
        seen = list(rule.check(record, service))
    except Exception as error:
        return Verdict(rule, "error", f"the rule broke: {type(error).__name__}: {error}")
    return _weigh(rule, seen, record, applicable)


def _weigh(rule: Rule, seen: list[Observation], record: Record, applicable: set[str]) -> Verdict:
    broken = group(rule, (o for o in seen if not o.held))
    exercised = len({o.operation for o in seen} & applicable)
    requests = len({e.number for o in seen for e in o.exchanges})

    def verdict(outcome: Outcome, reason: str = "", requirement: str | None = None) -> Verdict:
        return Verdict(rule, outcome, reason, requirement, len(applicable), exercised, requests, broken)

    if broken:
        return verdict("failed")
    if record.interrupted == "died":
        return verdict("error", "the target stopped answering")
    if seen:
        return verdict("passed")
    if not record.complete:
        return verdict("not_run", "the audit was cut short", "more time (--budget)")
    if rule.silent:
        return verdict("not_applicable", rule.silent)
    return verdict("vacuous", "no request that it could judge was accepted")
