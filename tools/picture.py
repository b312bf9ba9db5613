"""Draws the report of a saved result as an SVG: `python tools/picture.py result.json docs/report.svg`."""

import io
import sys
from pathlib import Path

from rich.console import Console

from conformance.report.result import Result
from conformance.report.terminal import show

WIDTH = 100


def draw(result: Result, path: Path) -> None:
    """The report as a person sees it on a terminal of usual width."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    show(result, console)
    console.save_svg(str(path), title="service-conformance audit")


if __name__ == "__main__":
    draw(Result.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
