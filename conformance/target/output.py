"""The output of a started command: kept in a file, shown by its last lines and without secrets."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from conformance.config import Config
from conformance.target.secrets import MARK, SHORTEST, Secrets

LAST_LINES = 15
LONGEST_LINE = 300
TAIL = 65536
ELLIPSIS = re.compile(r"(\.{3}|…)")
NOT_TEXT = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Escape sequences and control characters: the terminal that shows a log must not obey it."""


class Output:
    """A log file and what must not be shown of it: secrets, and all values of `[target] env`.

    A service prints its environment where it fails, so here its values are hidden whatever they are.
    """

    def __init__(self, path: Path, config: Config, env: Iterable[str]) -> None:
        self.path = path
        self._values = {line for value in env for line in (value.strip(), *value.splitlines())}
        self._secrets = Secrets()
        self._secrets.learn_config(config)
        for value in self._values:
            self._secrets.learn(value)

    def clean(self, text: str) -> str:
        """`text` without secrets, also where `...` stands in the middle of one, and without `NOT_TEXT`."""
        pieces = ELLIPSIS.split(NOT_TEXT.sub("", text))
        for value in self._values if len(pieces) > 1 else ():
            for index in range(1, len(pieces), 2):
                pieces[index - 1] = _without_end(pieces[index - 1], value)
                pieces[index + 1] = _without_start(pieces[index + 1], value)
        return self._secrets.clean("".join(pieces))

    def quoted_after(self, sentence: str) -> str:
        """The sentence and, where there are any, the last lines."""
        text = self.clean(self._tail().replace("\r", "\n"))
        lines = [line for line in text.splitlines() if line.strip()][-LAST_LINES:]
        if not lines:
            return self.clean(f"{sentence}; it printed nothing.")
        shown = "\n".join(f"  {line[:LONGEST_LINE]}" for line in lines)
        return f"{self.clean(sentence)}; the last lines of its output:\n{shown}"

    def _tail(self) -> str:
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            data = file.read()
        if size > TAIL:
            data = data.partition(b"\n")[2]  # a line cut in two could show half a secret
        return data.decode(errors="replace")


def _without_end(text: str, secret: str) -> str:
    """Pydantic prints `input_value='abcdef...uvwxyz'` where a value is long; this is for `abcdef`."""
    for length in range(len(secret), SHORTEST - 1, -1):
        if text.endswith(secret[:length]):
            return text[: len(text) - length] + MARK
    return text


def _without_start(text: str, secret: str) -> str:
    for length in range(len(secret), SHORTEST - 1, -1):
        if text.startswith(secret[-length:]):
            return MARK + text[length:]
    return text
