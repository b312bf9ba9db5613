"""Faults of the template's service, a file a family, each edited into a copy of its source."""

import shutil
from pathlib import Path

from tests.reference.flask_library.faults.fault import Fault
from tests.reference.flask_library.loader import edit_source

from . import (
    access,
    asyncapi,
    bodies,
    consumers,
    deletes,
    direct,
    document,
    effects,
    envelopes,
    errors,
    headers,
    inputs,
    lifecycle,
    pages,
    payloads,
    published,
    relays,
    shapes,
    signin,
    tokens,
    updates,
)

__all__ = ["EVENT_FAULTS", "FAULTS", "seeded"]

SERVICE = Path(__file__).parents[3] / "{{cookiecutter.project_slug}}"
COPIED = ("app", "alembic", "alembic.ini", "conformance.toml")

FAULTS: tuple[Fault, ...] = (
    *lifecycle.FAULTS,
    *updates.FAULTS,
    *effects.FAULTS,
    *deletes.FAULTS,
    *pages.FAULTS,
    *inputs.FAULTS,
    *bodies.FAULTS,
    *errors.FAULTS,
    *shapes.FAULTS,
    *headers.FAULTS,
    *document.FAULTS,
    *tokens.FAULTS,
    *signin.FAULTS,
    *access.FAULTS,
)
EVENT_FAULTS: tuple[Fault, ...] = (
    *published.FAULTS,
    *payloads.FAULTS,
    *envelopes.FAULTS,
    *asyncapi.FAULTS,
    *relays.FAULTS,
    *direct.FAULTS,
    *consumers.FAULTS,
)


def seeded(fault: Fault | None, folder: Path) -> Path:
    """Copy the service into a new directory of `folder`, with the fault or as it is, and return that.

    Raises ValueError where an edit's place is not exactly one.
    """
    copy = folder / (fault.name if fault else "unfaulted")
    for name in COPIED:
        source = SERVICE / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    for edit in fault.edits if fault else ():
        path = copy / edit.file
        path.write_text(edit_source(path.read_text(encoding="utf-8"), edit), encoding="utf-8")
    return copy
