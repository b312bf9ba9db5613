"""The one way to a terminal: nothing that comes from outside is read as markup or obeyed as a control."""

import io
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.report.text import elide, plain


def make_console(stream: TextIO, width: int | None = None) -> Console:
    """A console on `stream`, without colour where it is no terminal or `NO_COLOR` is set.

    Characters that the stream's encoding lacks are escaped.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def safe(value: str, style: str = "", longest: int = 400) -> Text:
    """A text from outside on one line, its middle left out where it is long."""
    return Text(elide(plain(value), longest), style=style, overflow="fold")


def pairs(*rows: tuple[str, Text], indent: int = 0) -> Table:
    """Names and values in two columns; values that are too wide go on below themselves."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(" " * indent + name, style="dim"), value)
    return table
