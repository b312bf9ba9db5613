"""Refuses impossible answers. Cookiecutter renders this file and runs it in the new, empty folder."""

import keyword
import re
import sys
from urllib.parse import unquote

SLUG = re.compile(r"[a-z][a-z0-9_]{0,49}")
# What a name must not hold: it is written into TOML, env and Markdown files.
UNSAFE = re.compile(r"[\"'`\\{}<>$#]|[^\x20-\x7e\u00a1-\uffff]")


def refusal(name: str, slug: str) -> str | None:
    """One sentence that says what to type instead, None where the answers are possible."""
    if not name.strip() or len(name) > 80 or UNSAFE.search(name):
        return (
            "project_name cannot be used: type one line of at most 80 letters, digits, spaces and plain"
            ' punctuation, for example "Post Service".'
        )
    if not SLUG.fullmatch(slug):
        return (
            f'project_slug "{slug}" cannot be a folder and distribution name: type lower-case letters, digits'
            ' and underscores, a letter first and at most 50, for example "post_service".'
        )
    if keyword.iskeyword(slug) or keyword.issoftkeyword(slug):
        return (
            f'project_slug "{slug}" is a word of Python\'s: type another name, for example "{slug}_service".'
        )
    return None


if __name__ == "__main__":
    # Escaped, so that no answer can end the literal.
    sentence = refusal(
        unquote("{{ cookiecutter.project_name | urlencode }}"),
        unquote("{{ cookiecutter.project_slug | urlencode }}"),
    )
    if sentence:
        print(sentence, file=sys.stderr)  # noqa: T201 - a hook speaks to the person at the terminal
        raise SystemExit(1)
