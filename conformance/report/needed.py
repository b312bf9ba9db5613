"""The one line that makes rules run which were not: an option, or a line of `conformance.toml`."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.judge.needs import REQUIREMENTS
from conformance.report.result import RuleResult

LINES = {
    "writes": "--write",
    "principals": 'principals.alice.headers = { Authorization = "Bearer …" }',
    "second principal": 'principals.bob.headers = { Authorization = "Bearer …" }',
    "broker": 'events.broker = "HOST:PORT"',
    "own process": 'target.command = "uvicorn app.main:app --port {port}"',
    "own broker": 'target.env = { KAFKA_BOOTSTRAP_SERVERS = "{bootstrap_servers}" }',
    "effect": 'events.consumes.PostCreated = { topic = "posts", effect = "GET /stats/{data.id}" }',
    "expired token": 'principals.alice.expired_headers = { Authorization = "Bearer …" }',
}


def line(requirement: str) -> str | None:
    """The line for a requirement as verdicts word it; None where the requirement says it itself."""
    for name, words in REQUIREMENTS.items():
        if requirement.startswith(words):
            return LINES.get(name)
    return None


@dataclass(frozen=True)
class Missing:
    """Rules that were not run for want of one thing, and the line that gives it, where one is known."""

    requirement: str
    rules: list[str]
    line: str | None


def not_checked(rules: Iterable[RuleResult]) -> list[Missing]:
    """What was not checked, by what it needs; most rules first."""
    missing: dict[str, list[str]] = {}
    for rule in rules:
        if rule.outcome == "not_run":
            missing.setdefault(rule.requirement or rule.reason, []).append(rule.id)
    ordered = sorted(missing.items(), key=lambda item: -len(item[1]))
    return [Missing(requirement, names, line(requirement)) for requirement, names in ordered]
