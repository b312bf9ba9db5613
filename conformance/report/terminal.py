"""The report that a person reads at the end of an audit."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report import events as published
from conformance.report.console import pairs, safe
from conformance.report.curl import variables
from conformance.report.needed import not_checked
from conformance.report.rank import ranked
from conformance.report.result import (
    Baseline,
    Earlier,
    Finding,
    Outcome,
    Result,
    RuleResult,
    StaleWaiver,
    Unreached,
)
from conformance.report.text import plain
from conformance.report.verdict import named

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
SHOWN_REASONS = 3


def show(
    result: Result,
    console: Console,
    *,
    detail: Detail = "normal",
    written: Sequence[tuple[Path, str]] = (),
) -> None:
    """Write the report of `result`; `written` are the files it was written to, with a word on each."""
    all_found = ranked(result.rules)
    found = [(rule, finding) for rule, finding in all_found if not finding.waivers]
    _headline(result, console)
    if detail == "quiet":
        for rule, finding in found:
            line = _title(rule, finding) + Text(": ") + safe(_operations(finding))
            console.print(line, soft_wrap=True)
        _stale(result.waivers, console)
        return
    _about(result, console, written)
    for rule, finding in found[:SHOWN_FINDINGS]:
        _finding(rule, finding, console)
    if len(found) > SHOWN_FINDINGS:
        console.print(f"\n{len(found) - SHOWN_FINDINGS} more findings are in the file of --json or --html.")
    if found:
        _hints([finding for _, finding in found[:SHOWN_FINDINGS]], console)
    console.print()
    console.print(_contracts(result.rules))
    if detail == "verbose":
        _everything(result, console)
    _waived(all_found, console)
    _stale(result.waivers, console)
    if result.baseline:
        _gone(result.baseline, console)
    _unjudged(result.rules, console)
    _not_checked(result.rules, console)


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
        n
        for outcome, n in result.summary.outcomes.items()
        if outcome in ("passed", "failed", "vacuous", "waived")
    )
    failed = [rule.level for rule in result.rules if rule.outcome == "failed"]
    only = " (SHOULD)" if failed and "MUST" not in failed else ""
    counts = f"{len(failed)} of {_count(judged, 'rule')} failed{only}"
    counts += f", {_count(result.summary.findings - result.summary.waived, 'finding')}"
    if result.summary.waived:
        counts += f" and {result.summary.waived} waived"
    console.print(Text(plain(verdict), style=style) + Text(f": {counts}", style="default not bold"))


def _about(result: Result, console: Console, written: Sequence[tuple[Path, str]]) -> None:
    target, summary = result.target, result.summary
    title = f"  {target.title} {target.version}".rstrip()
    rows = [("target", safe(target.url + title)), ("document", safe(target.document))]
    if target.read_only:
        rows.append(("read-only", Text("only GET, HEAD and OPTIONS were sent", style="yellow")))
    reach = f"{summary.operations_accepted} of {_count(summary.operations, 'operation')} accepted a request"
    rows.append(("reach", Text(reach)))
    if summary.unreached:
        rows.append(("", _unreached(summary.unreached)))
    rows.append(("sent", Text(f"{_count(summary.requests, 'request')} in {result.duration:.1f} s")))
    for number, note in enumerate(result.notes):
        rows.append(("" if number else "seen", safe(note, "yellow")))
    if result.baseline:
        rows.append(("since", _since(result.baseline)))
    for number, (path, word) in enumerate(written):
        value = safe(str(path)) + Text(f"  {plain(word)}" if word else "", style="dim")
        rows.append(("" if number else "written", value))
    console.print(pairs(*rows))


def _unreached(left: Sequence[Unreached]) -> Text:
    """Why operations accepted nothing, the most common reasons first."""
    reasons = Counter(each.reason for each in left).most_common()
    told = [f"{number} {reason}" for reason, number in reasons[:SHOWN_REASONS]]
    more = sum(number for _, number in reasons[SHOWN_REASONS:])
    told += [f"{more} for other reasons"] if more else []
    return safe("; ".join(told), "yellow") + Text(" (--verbose names them)", style="dim")


def _since(baseline: Baseline) -> Text:
    text = Text(f"{baseline.started_at}: ")
    text.append(f"{baseline.new} new", style="bold red" if baseline.new else "")
    text.append(f", {baseline.still} still there, ")
    text.append(f"{len(baseline.gone)} gone", style="green" if baseline.gone else "")
    if baseline.unjudged:
        text.append(f", {len(baseline.unjudged)} not judged this time")
    return text


def _title(rule: RuleResult, finding: Finding) -> Text:
    style = "bold red" if rule.level == "MUST" else "bold yellow"
    new = Text("NEW ", style="bold reverse") if finding.new else Text("")
    return new + Text(f"{rule.level} {rule.id}", style=style) + Text(" ") + safe(rule.title, "bold")


def _places(operations: list[str]) -> Text:
    """The first operations, a line each: one that is broken in its middle is hard to find."""
    lines = [safe(operation) for operation in operations[:SHOWN_OPERATIONS]]
    more = len(operations) - len(lines)
    return Text("\n").join([*lines, *([Text(f"and {more} more", style="dim")] if more else [])])


def _operations(finding: Finding | Earlier) -> str:
    first, more = finding.operations[:SHOWN_OPERATIONS], finding.operations[SHOWN_OPERATIONS:]
    return ", ".join(first) + (f" and {len(more)} more" if more else "")


def _finding(rule: RuleResult, finding: Finding, console: Console) -> None:
    console.print()
    console.print(_title(rule, finding))
    rows = [("where", _places(finding.operations))]
    if finding.new_operations:
        rows.append(("new on", _places(finding.new_operations)))
    if finding.source:
        rows.append(("source", safe(finding.source)))
    rows += [
        ("what", safe(finding.message)),
        ("expected", safe(finding.expected, "green")),
        ("came", safe(finding.actual, "red")),
        ("mend", safe(finding.mend)),
    ]
    console.print(pairs(*rows, indent=2))
    if finding.curl:
        # One line whatever the width: the terminal wraps it, so that it can be copied whole.
        console.print(Text(f"  {plain(finding.curl)}", style="cyan"), soft_wrap=True)


def _hints(found: list[Finding], console: Console) -> None:
    """What helps with all of the findings, said once."""
    rows = [("more", Text("service-conformance explain RULE", style="dim"))]
    names = dict.fromkeys(name for finding in found for name in variables(finding.curl))
    if names:
        rows.append(("credentials", safe(f"export {' '.join(names)} before a curl line is pasted")))
    console.print()
    console.print(pairs(*rows))


def _waived(found: list[tuple[RuleResult, Finding]], console: Console) -> None:
    """What is borne with, a line each: nobody has to act on it before its day."""
    waived = [(rule, finding) for rule, finding in found if finding.waivers]
    if not waived:
        return
    console.print(Text(f"\n{_count(len(waived), 'finding')} waived", style=STYLES["waived"]))
    rows = []
    for rule, finding in waived:
        last = max(finding.waivers, key=lambda waiver: waiver.expires)
        value = safe(_operations(finding)) + Text(f"  until {last.expires}, ", style="dim")
        rows.append((rule.id, value + safe(f"{last.owner}: {last.reason}", "dim")))
    console.print(pairs(*rows, indent=2))


def _stale(waivers: list[StaleWaiver], console: Console) -> None:
    if waivers:
        verb = "holds" if len(waivers) == 1 else "hold"
        console.print(Text(f"\n{_count(len(waivers), 'waiver')} {verb} no longer", style="bold red"))
        rows = [(plain(waiver.problem), safe(f"{named(waiver)} ({waiver.owner})")) for waiver in waivers]
        console.print(pairs(*rows, indent=2))


def _gone(baseline: Baseline, console: Console) -> None:
    """What the earlier result had and this one has not."""
    for heading, style, found in (
        ("gone since then", "green", baseline.gone),
        ("not judged this time, and found then", "yellow", baseline.unjudged),
    ):
        if found:
            console.print(Text(f"\n{_count(len(found), 'finding')} {heading}", style=style))
            console.print(pairs(*((f.rule, safe(_earlier(f))) for f in found), indent=2))


def _earlier(found: Earlier) -> str:
    return f"{_operations(found)}: {found.message}"


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
    for missing in not_checked(rules):
        verb = "needs" if len(missing.rules) == 1 else "need"
        console.print()
        console.print(
            Text(f"not checked: {_count(len(missing.rules), 'rule')} {verb} ", style="yellow")
            + safe(missing.requirement)
        )
        rows = [("rules", safe(" ".join(missing.rules)))]
        if missing.line:
            rows.append(("add", Text(missing.line, style="cyan")))
        console.print(pairs(*rows, indent=2))


def _words(outcome: Outcome) -> str:
    return outcome.replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
