"""The rules for those who read about them: a table, JSON, and one rule in whole."""

import json
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.judge.needs import REQUIREMENTS
from conformance.judge.rule import Rule
from conformance.report.console import pairs


def rules_table(rules: Iterable[Rule]) -> Table:
    """Every rule: id, contract, level, title, guideline section."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("rule", "contract", "level"):
        table.add_column(name, no_wrap=True)
    table.add_column("title", overflow="fold")
    table.add_column("guideline", overflow="fold")
    for rule in rules:
        level = Text(rule.level, style="red" if rule.level == "MUST" else "yellow")
        table.add_row(Text(rule.id, style="bold"), rule.contract, level, Text(rule.title), Text(rule.section))
    return table


def rules_json(rules: Iterable[Rule]) -> str:
    """The same as JSON: a list of objects with `id`, `contract`, `level`, `title` and `section`."""
    fields = ("id", "contract", "level", "title", "section")
    return json.dumps([{name: getattr(rule, name) for name in fields} for rule in rules], indent=2)


def explain(rule: Rule, console: Console) -> None:
    """What the rule checks and why, what it needs, and how to mend what it finds."""
    console.print(Text(f"{rule.id}  {rule.title}", style="bold"))
    console.print()
    console.print(Text(rule.help))
    console.print()
    rows = [("level", Text(rule.level)), ("contract", Text(rule.contract)), ("guideline", Text(rule.section))]
    rows += [("needs", Text(REQUIREMENTS.get(need, need))) for need in rule.needs]
    if rule.silent:
        rows.append(("silent if", Text(rule.silent)))
    console.print(pairs(*rows, ("mend", Text(rule.mend))))
