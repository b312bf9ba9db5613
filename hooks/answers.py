"""Looks at the answers before anything is written, and at the folder that they name.

Cookiecutter makes the folder before it runs `pre_gen_project`, and refuses one that exists in words
that do not help. This Jinja extension runs inside cookiecutter once the last answer is given; the
`pre_prompt` hook adds it. What it raises, cookiecutter prints as one line.
"""

import shutil
from pathlib import Path

import click
from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension

from hooks.pre_gen_project import refusal


class Answers(Extension):
    """Adds the filter `checked`, which passes a slug on or refuses it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["checked"] = _checked


def _checked(slug: str, name: str, copy: str) -> str:
    """`copy` is cookiecutter's copy of the template, which it leaves behind when it fails."""
    sentence = refusal(name, slug) or _existing(slug)
    if sentence:
        shutil.rmtree(copy, ignore_errors=True)
        Path(copy).parent.rmdir()
        raise FailedHookException(sentence)
    return slug


def _existing(slug: str) -> str | None:
    context = click.get_current_context(silent=True)
    options = context.params if context else {}
    folder = Path(options.get("output_dir") or ".", slug)
    if not folder.exists() or options.get("overwrite_if_exists"):
        return None
    return (
        f'The folder "{folder}" exists: type another project_slug, or name another place with --output-dir.'
    )
