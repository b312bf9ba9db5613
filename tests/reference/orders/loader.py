"""Load the service as it is, or with one fault edited into its source."""

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .faults import Fault

SERVICE = Path(__file__).parent / "service"
PACKAGE = "orders_service"


def seed(fault: Fault | None, folder: Path) -> Path:
    """Copy the service's package below a folder, with the fault in it, and return where it is.

    Raises ValueError where the place of an edit is not exactly one.
    """
    copy = folder / PACKAGE
    shutil.copytree(SERVICE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in fault.edits if fault else ():
        path = copy / edit.file
        source = path.read_text(encoding="utf-8")
        if source.count(edit.old) != 1:
            raise ValueError(f"{edit.file} holds {source.count(edit.old)} places that read {edit.old!r}.")
        path.write_text(source.replace(edit.old, edit.new), encoding="utf-8")
    return copy


def load(fault: Fault | None, folder: Path) -> Callable[[str | None], Any]:
    """Return `create_app` of a copy of the service below the folder; once a process."""
    sys.path.insert(0, str(seed(fault, folder).parent))
    create_app: Callable[[str | None], Any] = importlib.import_module(PACKAGE).create_app
    return create_app
