"""Bears with findings for a while, and names the waivers that hold no longer."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from conformance.config import Waiver
from conformance.errors import UsageProblem
from conformance.judge.group import Group, fingerprint
from conformance.report import result
from conformance.report.result import Finding, RuleResult, StaleWaiver
from conformance.target import patterns

NOTHING_SEEN = "vacuous"
"""The cause, as fingerprints need one, of a rule that saw nothing to judge."""


@dataclass(frozen=True)
class Scope:
    """How far an audit saw, which says what a waiver could have matched.

    `narrowed` tells that the command line left operations out; `selected` are the labels of those that
    were judged, `declared` all of the document's. `every_rule` tells that no rule was left out.
    """

    today: date
    complete: bool
    narrowed: bool
    every_rule: bool
    read_only: bool
    selected: Collection[str]
    declared: Collection[str]


def check(waivers: Iterable[Waiver], rules: Collection[str]) -> None:
    """Raise `UsageProblem` for a waiver of a rule that there is not, or of no pattern."""
    for waiver in waivers:
        patterns.check(waiver.operation)
        if waiver.rule is not None and waiver.rule.upper() not in rules:
            near = difflib.get_close_matches(waiver.rule.upper(), rules, n=1, cutoff=0.0)[0]
            raise UsageProblem(f"a waiver names the rule {waiver.rule!r}; did you mean {near}?")


def waive(
    rules: Sequence[RuleResult], waivers: Sequence[Waiver], scope: Scope
) -> tuple[list[RuleResult], list[StaleWaiver]]:
    """The rules with what is waived marked so, and the waivers that have expired or match nothing.

    A finding is waived where waivers cover all of its operations (`split` sees to the rest), a rule where
    all of its findings are.
    A waiver is said to match nothing only where its rule was judged in whole.
    """
    valid = [waiver for waiver in waivers if waiver.expires >= scope.today]
    judged = [_waived(rule, valid) for rule in rules]
    stale = []
    for waiver in waivers:
        if waiver.expires < scope.today:
            stale.append(_stale(waiver, f"expired on {waiver.expires.isoformat()}"))
        elif not any(_matched(waiver, rule) for rule in rules) and (why := _unmatched(waiver, rules, scope)):
            stale.append(_stale(waiver, why))
    return judged, stale


def split(groups: Iterable[Group], waivers: Iterable[Waiver], today: date) -> Iterator[Group]:
    """Groups cut in two where waivers cover some of their operations: the rest has its own evidence."""
    for group in groups:
        # A waiver by the fingerprint of the whole speaks of nothing but the whole.
        mine = [
            waiver
            for waiver in waivers
            if waiver.expires >= today
            and _speaks_of(waiver, group.rule.id)
            and waiver.fingerprint in (None, group.cause_print)
        ]
        covered = {label for label in group.operations if any(_reaches(waiver, label) for waiver in mine)}
        if covered and covered != set(group.operations):
            yield group.part(covered)
            yield group.part(set(group.operations) - covered)
        else:
            yield group


def vacuous_fingerprint(rule: str) -> str:
    """What stands for a finding of a rule that saw nothing to judge."""
    return fingerprint(rule, (), NOTHING_SEEN)


def _waived(rule: RuleResult, waivers: Iterable[Waiver]) -> RuleResult:
    mine = [waiver for waiver in waivers if _speaks_of(waiver, rule.id)]
    if rule.outcome == "vacuous":
        hits = [waiver for waiver in mine if _covers_nothing_seen(waiver, rule.id)]
        if not hits:
            return rule
        last = max(hits, key=lambda waiver: waiver.expires)
        reason = f"{rule.reason}; waived until {last.expires.isoformat()} by {last.owner}: {last.reason}"
        return rule.model_copy(update={"outcome": "waived", "reason": reason})
    if not rule.findings:
        return rule
    findings = [_waived_finding(finding, mine) for finding in rule.findings]
    outcome = "waived" if all(finding.waivers for finding in findings) else rule.outcome
    return rule.model_copy(update={"findings": findings, "outcome": outcome})


def _waived_finding(finding: Finding, waivers: Iterable[Waiver]) -> Finding:
    hits = [waiver for waiver in waivers if _covered(waiver, finding)]
    covered = {operation for waiver in hits for operation in _covered(waiver, finding)}
    if covered != set(finding.operations):
        return finding
    shown = [
        result.Waiver(reason=waiver.reason, owner=waiver.owner, expires=waiver.expires.isoformat())
        for waiver in hits
    ]
    return finding.model_copy(update={"waivers": shown})


def _speaks_of(waiver: Waiver, rule: str) -> bool:
    return waiver.rule is None or waiver.rule.upper() == rule


def _covered(waiver: Waiver, finding: Finding) -> list[str]:
    """The operations of the finding that the waiver speaks of."""
    if waiver.fingerprint not in (None, finding.fingerprint, finding.cause):
        return []
    return [operation for operation in finding.operations if _reaches(waiver, operation)]


def _covers_nothing_seen(waiver: Waiver, rule: str) -> bool:
    if waiver.fingerprint is None:
        return waiver.rule is not None and not waiver.operation
    return waiver.fingerprint == vacuous_fingerprint(rule)


def _reaches(waiver: Waiver, label: str) -> bool:
    method, _, path = label.partition(" ")
    return not waiver.operation or patterns.matches(method, path, waiver.operation)


def _matched(waiver: Waiver, rule: RuleResult) -> bool:
    if not _speaks_of(waiver, rule.id):
        return False
    if rule.outcome == "vacuous" and _covers_nothing_seen(waiver, rule.id):
        return True
    return any(_covered(waiver, finding) for finding in rule.findings)


def _unmatched(waiver: Waiver, rules: Iterable[RuleResult], scope: Scope) -> str | None:
    """Why it is sure that the waiver matches nothing; None where it is not."""
    if not scope.complete or _left_out(waiver, scope):
        return None
    if waiver.rule is None:
        outcomes = [rule.outcome for rule in rules]
        sure = scope.every_rule and not scope.read_only and "error" not in outcomes
        return "matches no finding of the rules that were run" if sure else None
    (rule,) = [rule for rule in rules if _speaks_of(waiver, rule.id)] or (None,)
    if rule is None or rule.outcome in ("not_run", "error", "vacuous"):
        return None
    if rule.outcome == "failed":
        return f"matches no finding of {rule.id}"
    return f"matches nothing: {rule.id} {rule.outcome.replace('_', ' ')}"


def _left_out(waiver: Waiver, scope: Scope) -> bool:
    """Whether the command line left out operations that the waiver may speak of."""
    if not scope.narrowed:
        return False
    return any(label not in scope.selected and _reaches(waiver, label) for label in scope.declared)


def _stale(waiver: Waiver, problem: str) -> StaleWaiver:
    return StaleWaiver(
        rule=waiver.rule and waiver.rule.upper(),
        operation=", ".join(waiver.operation) or None,
        fingerprint=waiver.fingerprint,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires.isoformat(),
        problem=problem,
    )
