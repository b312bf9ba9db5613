"""The files that an audit is asked for: known to be possible before it starts, written at its end."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.config import DEFAULT_FILE, PROJECT_FILE
from conformance.errors import UsageProblem
from conformance.report import html, junit, sarif
from conformance.report.files import check_writable, write_json, write_whole
from conformance.report.result import Result
from conformance.report.verdict import FailOn
from conformance.report.waivers import append_waivers, check_appendable, last_day

CONFIG_FILES = (DEFAULT_FILE, PROJECT_FILE)
CONFIGURATION = "the configuration"
NAMES = ("json", "record", "html", "junit", "sarif")
"""Options that name a file to be replaced: `--json` is the option `json_file`."""


def check(options: Mapping[str, Any]) -> None:
    """Raise `UsageProblem` where a file could not be written, or is named twice."""
    named = _read_from(options)
    for name in NAMES:
        path: Path | None = options[f"{name}_file"]
        if path is None:
            continue
        other = named.setdefault(path.resolve(), f"--{name}")
        # The last result is read before the audit, and may be the one that is replaced after it.
        if other != f"--{name}" and (other, name) != ("--baseline", "json"):
            raise UsageProblem(f"{other} and --{name} name the same file.")
        check_writable(path)
    path = options["waivers_file"]
    if path is not None:
        other = named.get(path.resolve(), CONFIGURATION)
        if other != CONFIGURATION:
            raise UsageProblem(f"{other} and --write-waivers name the same file.")
        check_appendable(path)


def _read_from(options: Mapping[str, Any]) -> dict[Path, str]:
    """The files that the audit reads, which no report may replace."""
    given = options["config_file"]
    files = {path.resolve(): CONFIGURATION for path in ([given] if given else map(Path, CONFIG_FILES))}
    if options["openapi"] and Path(options["openapi"]).is_file():
        files[Path(options["openapi"]).resolve()] = "--openapi"
    if options["baseline_file"] is not None:
        files[options["baseline_file"].resolve()] = "--baseline"
    return files


def write(result: Result, fail_on: FailOn, options: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Write what was asked for but the record; the files, and what is to be said of them."""
    writers: dict[str, Callable[[Path], None]] = {
        "json": lambda path: write_json(result, path),
        "html": lambda path: write_whole(path, html.render(result)),
        "junit": lambda path: write_whole(path, junit.render(result, fail_on)),
        "sarif": lambda path: write_whole(path, sarif.render(result)),
    }
    written = []
    for name, writer in writers.items():
        path: Path | None = options[f"{name}_file"]
        if path is not None:
            writer(path)
            written.append((path, ""))
    path = options["waivers_file"]
    if path is not None:
        today = datetime.now(UTC).date()
        added = append_waivers(result, path, fail_on, today)
        until = f"waiver{'' if added == 1 else 's'} until {last_day(today).isoformat()}"
        written.append((path, f"{added} {until}; {_how(path, options)}" if added else "nothing to waive"))
    return written


def _how(path: Path, options: Mapping[str, Any]) -> str:
    """How the next audit takes the waivers."""
    config = options["config_file"]
    if path.name in CONFIG_FILES or (config is not None and config.resolve() == path.resolve()):
        return "name who mends what"
    return f'put waivers = "{path}" above the tables of conformance.toml'
