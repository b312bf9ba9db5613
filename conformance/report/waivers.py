"""Writes what a service fails as waivers, so that a gate holds from today on and nothing gets worse."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from conformance.config import PROJECT_FILE, read_toml
from conformance.errors import UsageProblem
from conformance.judge.waivers import vacuous_fingerprint
from conformance.report.files import check_writable, is_special, write_whole
from conformance.report.result import Finding, Result, RuleResult
from conformance.report.text import elide, plain
from conformance.report.verdict import FailOn, counts

DAYS = 90
SHOWN_OPERATIONS = 5
LONGEST = 300
"""Characters of a comment."""


def check_appendable(path: Path) -> None:
    """Raise `UsageProblem` where waivers could not be written to `path`, or added to what it holds."""
    check_writable(path)
    text = _text(path)
    if text:
        read_toml(path)
    try:
        tomllib.loads(text + f"\n[[{_table(path)}]]\n")
    except tomllib.TOMLDecodeError as error:
        raise UsageProblem(
            f"{path} has `waivers` in a form that no [[waivers]] can be added to: name another file."
        ) from error


def append_waivers(result: Result, path: Path, fail_on: FailOn, today: date) -> int:
    """Add a waiver for each finding that counts and has none, and tell how many were added.

    What the file holds stays as it is. Raises `UsageProblem` where it cannot be written.
    """
    held = _held(path, today)
    entries = [
        entry
        for rule in result.rules
        if counts(rule, fail_on)
        for key, entry in _entries(rule, _table(path), today)
        if key not in held
    ]
    before = _text(path)
    if not before:
        before = f"# Waivers of {plain(result.target.title) or 'a service'}, by service-conformance.\n"
    elif not entries:
        return 0
    gap = "" if before.endswith("\n") else "\n"
    write_whole(path, (before + gap + "".join(entries)).encode())
    return len(entries)


def last_day(today: date) -> date:
    """Until when a written waiver holds."""
    return today + timedelta(days=DAYS)


def _entries(rule: RuleResult, table: str, today: date) -> list[tuple[tuple[str, str], str]]:
    """Waivers by rule and fingerprint, each as text."""
    if rule.outcome == "vacuous":
        mark = vacuous_fingerprint(rule.id)
        return [((rule.id, mark), _entry(rule, mark, [rule.reason], table, today))]
    return [
        ((rule.id, finding.fingerprint), _entry(rule, finding.fingerprint, _about(finding), table, today))
        for finding in rule.findings
        if not finding.waivers
    ]


def _about(finding: Finding) -> list[str]:
    first, more = finding.operations[:SHOWN_OPERATIONS], len(finding.operations) - SHOWN_OPERATIONS
    return [finding.message, ", ".join(first) + (f" and {more} more" if more > 0 else "")]


def _entry(rule: RuleResult, mark: str, about: list[str], table: str, today: date) -> str:
    comments = [f"{rule.level} {rule.id} {rule.title}", *about]
    return "\n".join(
        [
            "",
            f"[[{table}]]",
            *(f"# {elide(plain(comment), LONGEST)}" for comment in comments),
            f'rule = "{rule.id}"',
            f'fingerprint = "{mark}"',
            f'reason = "stood when this gate was set up on {today.isoformat()}; not judged yet"',
            'owner = "nobody yet"',
            f"expires = {last_day(today).isoformat()}",
            "",
        ]
    )


def _held(path: Path, today: date) -> set[tuple[str, str]]:
    """The rules and fingerprints that the file waives already, today."""
    if not _text(path):
        return set()
    data: Any = read_toml(path)
    for key in _table(path).split("."):
        data = data.get(key) if isinstance(data, dict) else None
    tables = [entry for entry in data or () if isinstance(entry, dict)]
    return {
        (str(entry.get("rule")), str(entry.get("fingerprint")))
        for entry in tables
        if str(entry.get("expires")) >= today.isoformat()
    }


def _table(path: Path) -> str:
    return "tool.conformance.waivers" if path.name == PROJECT_FILE else "waivers"


def _text(path: Path) -> str:
    if is_special(path) or not path.exists():
        return ""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path} is no TOML that waivers can be added to.") from error
