"""The order in which findings are read."""

from collections.abc import Iterable

from conformance.report.result import Finding, RuleResult


def ranked(rules: Iterable[RuleResult]) -> list[tuple[RuleResult, Finding]]:
    """MUST before SHOULD, what is new before what was known, those with most operations, then by rule."""
    found = [(rule, finding) for rule in rules for finding in rule.findings]
    return sorted(found, key=lambda f: (f[0].level != "MUST", not f[1].new, -len(f[1].operations), f[0].id))
