"""The headline of an audit and its exit status, from what became of the rules."""

from collections.abc import Collection, Iterable
from typing import Literal

from conformance.errors import Exit
from conformance.model.record import Interruption
from conformance.report.result import Outcome, Result, RuleResult, StaleWaiver
from conformance.report.text import plain

FailOn = Literal["must", "should"]
INTERRUPTED: dict[Interruption, str] = {
    "user": "interrupted by the user",
    "died": "interrupted: the target stopped answering",
}


def headline(
    rules: Collection[RuleResult],
    interrupted: Interruption | None,
    fail_on: FailOn,
    stale: Collection[StaleWaiver] = (),
) -> str:
    """One line that says whether the service conforms, and whether all of it was seen."""
    judged = [rule for rule in rules if counts(rule, fail_on)]
    if any(rule.outcome in ("failed", "vacuous") for rule in judged):
        verdict = "does not conform"
    elif any(rule.outcome == "error" for rule in judged):
        verdict = "cannot be judged"
    elif stale:
        verdict = "waivers out of date"
    elif interrupted or _with(rules, "not_run") or not _with(rules, "passed", "failed", "waived"):
        verdict = "conforms as far as checked"
    else:
        verdict = "conforms"
    if verdict.startswith("conforms") and _with(judged, "waived"):
        verdict += " but for what is waived"
    if interrupted in INTERRUPTED:
        cut = INTERRUPTED[interrupted]
        return f"{cut}; {verdict}" if verdict == "does not conform" else cut
    return verdict


def status(result: Result, fail_on: FailOn, *, strict: bool) -> tuple[Exit, str]:
    """The exit status, and why in one sentence; the sentence is empty for 0."""
    judged = [rule for rule in result.rules if counts(rule, fail_on)]
    failed, vacuous, broken = (_with(judged, outcome) for outcome in ("failed", "vacuous", "error"))
    seen = f"after {result.summary.requests:,} requests"
    if result.summary.interrupted == "user":
        return Exit.INTERRUPTED, f"The audit was interrupted {seen}."
    if result.summary.interrupted == "died":
        return Exit.TARGET, f"The target stopped answering {seen}."
    if failed:
        return Exit.FINDINGS, f"{_rules(failed)} failed."
    if broken:
        return Exit.KIT, f"{_rules(broken)} ended in error: {broken[0].reason}."
    if vacuous:
        return Exit.FINDINGS, f"{_rules(vacuous)} saw no accepted request to judge."
    if result.waivers:
        return Exit.FINDINGS, f"{_stale(result.waivers)}."
    unchecked = _with(result.rules, "not_run")
    if strict and unchecked:
        return Exit.FINDINGS, f"{_rules(unchecked)} could not be checked, and --strict asks for all."
    return Exit.CONFORMS, ""


def named(waiver: StaleWaiver) -> str:
    """What a waiver speaks of: `ERR001 GET /posts`."""
    return " ".join(part for part in (waiver.rule, waiver.operation, waiver.fingerprint) if part)


def _stale(waivers: list[StaleWaiver]) -> str:
    """`2 waivers hold no longer (ERR001 GET /posts expired on 2030-01-01; …)`: the first few by name."""
    first = [f"{plain(named(waiver))} {waiver.problem}" for waiver in waivers[:3]]
    names = "; ".join(first + ["…"] * (len(waivers) > len(first)))
    return f"{len(waivers)} waiver{'s hold' if len(waivers) != 1 else ' holds'} no longer ({names})"


def counts(rule: RuleResult, fail_on: FailOn) -> bool:
    """Whether the rule decides about the exit status."""
    return rule.level == "MUST" or fail_on == "should"


def _with(rules: Iterable[RuleResult], *outcomes: Outcome) -> list[RuleResult]:
    return [rule for rule in rules if rule.outcome in outcomes]


def _rules(rules: list[RuleResult]) -> str:
    """`1 rule (API001)`, `2 MUST rules (…)`: how many, and the first few by name."""
    levels = {rule.level for rule in rules}
    kind = f"{levels.pop()} " if len(levels) == 1 else ""
    names = ", ".join(rule.id for rule in rules[:5]) + (", …" if len(rules) > 5 else "")
    return f"{len(rules)} {kind}rule{'s' if len(rules) != 1 else ''} ({names})"
