"""The report that a person reads at the end of an audit."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report import events as published
from conformance.report.console import pairs, safe
from conformance.report.curl import variables
from conformance.report.needed import line
from conformance.report.result import Finding, Outcome, Result, RuleResult
from conformance.report.text import plain

Detail = Literal["quiet", "normal", "verbose"]
COLUMNS: tuple[Outcome, ...] = (
    "passed",
    "failed",
    "vacuous",
    "error",
    "waived",
    "not_run",
    "not_applicable",
)
STYLES: dict[Outcome, str] = {
    "passed": "green",
    "failed": "bold red",
    "vacuous": "red",
    "error": "magenta",
    "waived": "cyan",
    "not_run": "yellow",
    "not_applicable": "dim",
}
UNJUDGED: dict[Outcome, str] = {"vacuous": "saw nothing to judge", "error": "ended in error"}
SHOWN_OPERATIONS = 3
SHOWN_FINDINGS = 50


def show(
    result: Result, console: Console, *, detail: Detail = "normal", json_file: Path | None = None
) -> None:
    """Write the report of `result`; `json_file` is where it was written in whole."""
    found = _ranked(result.rules)
    _headline(result, console)
    if detail == "quiet":
        for rule, finding in found:
            console.print(_title(rule) + Text(": ") + safe(_operations(finding)), soft_wrap=True)
        return
    _about(result, console, json_file)
    for rule, finding in found[:SHOWN_FINDINGS]:
        _finding(rule, finding, console)
    if len(found) > SHOWN_FINDINGS:
        console.print(f"\n{len(found) - SHOWN_FINDINGS} more findings are in the file of --json.")
    names = dict.fromkeys(name for _, finding in found for name in variables(finding.curl))
    if names:
        console.print()
        console.print(pairs(("credentials", safe(f"export {' '.join(names)} before a curl line is pasted"))))
    console.print()
    console.print(_contracts(result.rules))
    if detail == "verbose":
        _everything(result, console)
    _unjudged(result.rules, console)
    _not_checked(result.rules, console)


def _ranked(rules: Iterable[RuleResult]) -> list[tuple[RuleResult, Finding]]:
    """MUST before SHOULD, then those with most operations, then by rule."""
    found = [(rule, finding) for rule in rules for finding in rule.findings]
    return sorted(found, key=lambda f: (f[0].level != "MUST", -len(f[1].operations), f[0].id))


def _headline(result: Result, console: Console) -> None:
    verdict = result.summary.verdict
    style = (
        "bold green"
        if verdict == "conforms"
        else "bold yellow"
        if verdict.startswith("conforms")
        else "bold red"
    )
    judged = sum(
        n for outcome, n in result.summary.outcomes.items() if outcome in ("passed", "failed", "vacuous")
    )
    failed = [rule.level for rule in result.rules if rule.outcome == "failed"]
    only = " (SHOULD)" if failed and "MUST" not in failed else ""
    counts = f"{len(failed)} of {_count(judged, 'rule')} failed{only}"
    counts += f", {_count(result.summary.findings, 'finding')}"
    console.print(Text(plain(verdict), style=style) + Text(f": {counts}", style="default not bold"))


def _about(result: Result, console: Console, json_file: Path | None) -> None:
    target, summary = result.target, result.summary
    title = f"  {target.title} {target.version}".rstrip()
    rows = [("target", safe(target.url + title)), ("document", safe(target.document))]
    if target.read_only:
        rows.append(("read-only", Text("only GET, HEAD and OPTIONS were sent", style="yellow")))
    reach = f"{summary.operations_accepted} of {_count(summary.operations, 'operation')} accepted a request"
    if summary.unreached:
        reach += f" (--verbose: why not {len(summary.unreached)})"
    rows.append(("reach", Text(reach)))
    rows.append(("sent", Text(f"{_count(summary.requests, 'request')} in {result.duration:.1f} s")))
    if json_file:
        rows.append(("written", safe(str(json_file))))
    console.print(pairs(*rows))


def _title(rule: RuleResult) -> Text:
    style = "bold red" if rule.level == "MUST" else "bold yellow"
    return Text(f"{rule.level} {rule.id}", style=style) + Text(" ") + safe(rule.title, "bold")


def _operations(finding: Finding) -> str:
    first, more = finding.operations[:SHOWN_OPERATIONS], finding.operations[SHOWN_OPERATIONS:]
    return ", ".join(first) + (f" and {len(more)} more" if more else "")


def _finding(rule: RuleResult, finding: Finding, console: Console) -> None:
    console.print()
    console.print(_title(rule))
    rows = [("where", safe(_operations(finding)))]
    if finding.source:
        rows.append(("source", safe(finding.source)))
    rows += [
        ("what", safe(finding.message)),
        ("expected", safe(finding.expected, "green")),
        ("came", safe(finding.actual, "red")),
        ("mend", safe(finding.mend)),
        ("more", Text(f"service-conformance explain {rule.id}", style="dim")),
    ]
    console.print(pairs(*rows, indent=2))
    if finding.curl:
        # One line whatever the width: the terminal wraps it, so that it can be copied whole.
        console.print(Text(f"  {plain(finding.curl)}", style="cyan"), soft_wrap=True)


def _contracts(rules: list[RuleResult]) -> Table:
    present = [outcome for outcome in COLUMNS if any(rule.outcome == outcome for rule in rules)]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("contract")
    table.add_column("rules", justify="right")
    for outcome in present:
        table.add_column(_words(outcome), justify="right")
    for contract in dict.fromkeys(rule.contract for rule in rules):
        of = [rule.outcome for rule in rules if rule.contract == contract]
        counts = [of.count(outcome) for outcome in present]
        table.add_row(
            contract,
            str(len(of)),
            *(
                Text(str(n) if n else "·", style=STYLES[o] if n else "dim")
                for o, n in zip(present, counts, strict=True)
            ),
        )
    return table


def _everything(result: Result, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("rule", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    for name in ("applies", "seen", "requests"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    for rule in result.rules:
        numbers = (str(n) for n in (rule.applicable, rule.exercised, rule.requests))
        outcome = Text(_words(rule.outcome), style=STYLES[rule.outcome])
        table.add_row(rule.id, rule.level, outcome, *numbers, safe(rule.title))
    console.print()
    console.print(table)
    if result.events is not None:
        published.show(result.events, console)
    if result.summary.unreached:
        console.print(Text("\noperations without an accepted request", style="bold"))
        table = Table.grid(padding=(0, 2))
        table.add_column(overflow="fold", ratio=3)
        table.add_column(overflow="fold", ratio=2)
        for left in result.summary.unreached:
            table.add_row(Text("  ") + safe(left.operation), safe(left.reason, "yellow"))
        console.print(table)


def _unjudged(rules: list[RuleResult], console: Console) -> None:
    for outcome, heading in UNJUDGED.items():
        named = [(rule.id, safe(rule.reason)) for rule in rules if rule.outcome == outcome]
        if named:
            console.print(Text(f"\n{_count(len(named), 'rule')} {heading}", style=STYLES[outcome]))
            console.print(pairs(*named, indent=2))


def _not_checked(rules: list[RuleResult], console: Console) -> None:
    missing: dict[str, list[str]] = {}
    for rule in rules:
        if rule.outcome == "not_run":
            missing.setdefault(rule.requirement or rule.reason, []).append(rule.id)
    for requirement, names in sorted(missing.items(), key=lambda item: -len(item[1])):
        verb = "needs" if len(names) == 1 else "need"
        console.print()
        console.print(
            Text(f"not checked: {_count(len(names), 'rule')} {verb} ", style="yellow") + safe(requirement)
        )
        rows = [("rules", safe(" ".join(names)))]
        mend = line(requirement)
        console.print(pairs(*rows, *([("add", Text(mend, style="cyan"))] if mend else []), indent=2))


def _words(outcome: Outcome) -> str:
    return outcome.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
