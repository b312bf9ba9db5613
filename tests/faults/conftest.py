"""Writes the table of rules and the faults that they catch, as the tests have just seen it.

It is written where FAULT_TABLE names a file: `nox -s faults` does.
"""

import os
from pathlib import Path

import pytest

from conformance.judge.rule import Rule
from conformance.rules import catalogue
from tests.faults.laws import MISSED

HEAD = """# Rules and the faults that they catch

Written by `nox -s faults` from what the tests saw. Each fault is an edit of a service that conforms
without it, and the rule that must catch it is named in the tests before the audit runs.

| rule | level | title | caught | faults |
|---|---|---|---|---|
"""
TAIL = """
## Faults that no rule catches yet

| fault | why |
|---|---|
"""
SEEN: dict[str, list[tuple[str, bool]]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what became of each fault."""
    properties = dict(report.user_properties)
    if report.when == "call" and "fault" in properties:
        SEEN.setdefault(str(properties["rule"]), []).append((str(properties["fault"]), report.passed))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the table, where it is asked for, in the process that has all results."""
    path = os.environ.get("FAULT_TABLE")
    if path and not hasattr(session.config, "workerinput"):
        rows = "".join(map(_row, catalogue))
        missed = "".join(f"| `{name}` | {why} |\n" for name, why in sorted(MISSED.items()))
        Path(path).write_text(HEAD + rows + TAIL + missed, encoding="utf-8")


def _row(rule: Rule) -> str:
    faults = sorted(SEEN.get(rule.id, []))
    names = ", ".join(f"`{name}`" if caught else f"**missed: `{name}`**" for name, caught in faults)
    caught = f"{sum(caught for _, caught in faults)} of {len(faults)}"
    return f"| {rule.id} | {rule.level} | {rule.title} | {caught} | {names} |\n"
