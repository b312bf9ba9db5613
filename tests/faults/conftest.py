"""Writes the table of rules and the faults that they catch, as the tests have just seen it.

It is written where FAULT_TABLE names a file: `nox -s faults` does.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.judge.rule import Rule
from conformance.rules import catalogue
from tests.faults.laws import MISSED
from tests.faults.template import seeded

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
SECRET = "conformance-audit-secret-0123456789abcdef"
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations leave it: to copy is cheaper than to migrate for each fault."""
    return migrate(seeded(None, tmp_path_factory.mktemp("migrated")))


def migrate(folder: Path) -> Path:
    """Run the migrations of the service in `folder`, and return the database."""
    database = folder / "app.db"
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=folder,
        env={"DATABASE_URL": f"sqlite+aiosqlite:///{database}", "JWT_SECRET": SECRET},
        check=True,
    )
    return database


def _row(rule: Rule) -> str:
    faults = sorted(SEEN.get(rule.id, []))
    names = ", ".join(f"`{name}`" if caught else f"**missed: `{name}`**" for name, caught in faults)
    caught = f"{sum(caught for _, caught in faults)} of {len(faults)}"
    return f"| {rule.id} | {rule.level} | {rule.title} | {caught} | {names} |\n"
