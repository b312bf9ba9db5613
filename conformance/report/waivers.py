"""Writes what a service fails as waivers, so that a gate holds from today on and nothing gets worse."""

import glob
import json
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from conformance.config import PROJECT_FILE, Waiver, read_toml
from conformance.errors import UsageProblem
from conformance.judge.waivers import vacuous_fingerprint
from conformance.report.files import check_writable, is_special, write_whole
from conformance.report.result import Result, RuleResult
from conformance.report.text import elide, plain
from conformance.report.verdict import FailOn, counts
from conformance.target import patterns

DAYS = 90
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


Key = tuple[str, str, tuple[str, ...]]
"""What tells waivers apart: rule, fingerprint, patterns."""


def _entries(rule: RuleResult, table: str, today: date) -> Iterator[tuple[Key, str]]:
    """Waivers, each as text.

    A finding's is by cause and operations: which of many show it differs from audit to audit. On fewer of
    them it is waived still, on others it is not.
    """
    if rule.outcome == "vacuous":
        key: Key = (rule.id, vacuous_fingerprint(rule.id), ())
        yield key, _entry(rule, key, rule.reason, table, today)
    for finding in rule.findings:
        if not finding.waivers:
            key = (rule.id, finding.cause, tuple(dict.fromkeys(map(_pattern, finding.operations))))
            yield key, _entry(rule, key, finding.message, table, today)


def _pattern(operation: str) -> str:
    """The operation as a pattern that means it alone; what has no path is told by the cause alone."""
    method, _, path = operation.partition(" ")
    if not path.startswith("/"):
        return "* *"
    return f"{method if method in patterns.METHODS else '*'} {glob.escape(path)}"


def _entry(rule: RuleResult, key: Key, message: str, table: str, today: date) -> str:
    _, mark, operations = key
    comments = [f"{rule.level} {rule.id} {rule.title}", message]
    return "\n".join(
        [
            "",
            f"[[{table}]]",
            *(f"# {elide(plain(comment), LONGEST)}" for comment in comments),
            f'rule = "{rule.id}"',
            f'fingerprint = "{mark}"',
            *([f"operation = {_texts(operations)}"] if operations else []),
            f'reason = "stood when this gate was set up on {today.isoformat()}; not judged yet"',
            'owner = "nobody yet"',
            f"expires = {last_day(today).isoformat()}",
            "",
        ]
    )


def _texts(values: tuple[str, ...]) -> str:
    """TOML's texts are JSON's, but for one more character that must be escaped; a list has a line each."""
    texts = [json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") for value in values]
    return texts[0] if len(texts) == 1 else "[\n" + "".join(f"    {text},\n" for text in texts) + "]"


def _held(path: Path, today: date) -> set[Key]:
    """What the file waives already, today."""
    if not _text(path):
        return set()
    data: Any = read_toml(path)
    for key in _table(path).split("."):
        data = data.get(key) if isinstance(data, dict) else None
    held: set[Key] = set()
    for entry in data or ():
        try:
            waiver = Waiver.model_validate(entry)
        except ValidationError:
            continue
        if waiver.expires >= today:
            held.add((waiver.rule or "", waiver.fingerprint or "", waiver.operation))
    return held


def _table(path: Path) -> str:
    return "tool.conformance.waivers" if path.name == PROJECT_FILE else "waivers"


def _text(path: Path) -> str:
    if is_special(path) or not path.exists():
        return ""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{path} is no TOML that waivers can be added to.") from error
