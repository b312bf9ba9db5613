"""Writes what the README repeats of the code: the table of rules. `python tools/readme.py`, then commit."""

import sys
from pathlib import Path

from conformance.rules import catalogue

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- rules: written by tools/readme.py -->\n", "<!-- end of rules -->"


def table() -> str:
    """The rules as a Markdown table."""
    rows = [f"| {r.id} | {r.level} | {r.title} | {r.section} |\n" for r in catalogue]
    return "| rule | level | what it demands | guideline |\n|---|---|---|---|\n" + "".join(rows)


def current(text: str) -> str:
    """The README's text with the table of today."""
    head, begin, rest = text.partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("README.md lacks the marks between which the rules stand")
    return head + begin + table() + end + tail


if __name__ == "__main__":
    README.write_text(current(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{README.name} has {len(list(catalogue))} rules\n")
