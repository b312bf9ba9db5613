"""What is seen while an audit runs: one live line on a terminal, else one line a phase."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from conformance.model.record import Exchange
from conformance.report.console import safe

PER_SECOND = 8


class Progress:
    """A context manager; `phase` and `exchange` may be called in it as often as there is news.

    `console` should be on the standard error, so that reports stay alone on the standard output.
    """

    def __init__(self, console: Console, *, enabled: bool = True) -> None:
        self._console = console
        self._enabled = enabled
        self._began = time.monotonic()
        self._phase = ""
        self._operation = ""
        self._requests = 0
        self._spinner = Spinner("dots")
        self._live = Live(
            console=console, get_renderable=self.line, transient=True, refresh_per_second=PER_SECOND
        )

    def __enter__(self) -> Self:
        """Show the line, on a terminal."""
        if self._enabled and self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away again."""
        self._live.stop()

    def phase(self, name: str) -> None:
        """The audit goes on to something else."""
        self._phase, self._operation = name, ""
        if self._enabled and not self._console.is_terminal:
            self._console.print(safe(f"{name} …"), soft_wrap=True)

    def note(self, text: str) -> None:
        """A line that stays, on a terminal too, and though the progress itself is not shown."""
        self._console.print(safe(text), soft_wrap=True)

    def exchange(self, exchange: Exchange) -> None:
        """A request was answered, or not."""
        self._requests += 1
        self._operation = exchange.operation or ""

    def line(self) -> Table:
        """Where the audit is now."""
        elapsed = time.monotonic() - self._began
        text = safe(self._phase, "bold")
        text.append(f"  {self._requests:,} requests  {elapsed:.0f} s  ", style="default not bold")
        # Last, as it is what may be cut.
        text.append_text(safe(self._operation, "dim not bold"))
        line = Table.grid(padding=(0, 1))
        line.add_column(no_wrap=True)
        line.add_column(no_wrap=True, overflow="ellipsis")
        line.add_row(self._spinner, text)
        return line
