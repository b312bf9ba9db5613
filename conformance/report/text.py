"""Texts from outside, made fit to be shown."""

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
"""General categories that a terminal obeys or does not show: control, format, surrogate, separators."""


def elide(text: str, longest: int) -> str:
    """`text` in about `longest` characters, its middle left out and counted where it is longer."""
    half = longest // 2
    gone = len(text) - 2 * half
    return (
        text
        if gone <= len("… 1,000,000 characters …")
        else f"{text[:half]}… {gone:,} characters …{text[-half:]}"
    )


def plain(text: str) -> str:
    r"""`text` on one line, with nothing that a terminal would obey: `\x1b` for an escape character."""
    return "".join(
        c if c.isprintable() or unicodedata.category(c) not in HIDDEN else _escape(c) for c in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
