"""Load the service as it is, or with one fault edited into a copy of its source."""

import importlib
import shutil
import sys
from pathlib import Path

from fastapi import FastAPI

from tests.reference.flask_library.faults.fault import Fault
from tests.reference.flask_library.loader import edit_source

SERVICE = Path(__file__).parent / "service"
NAME = "faststream_shop_service"


def seeded(fault: Fault | None, folder: Path) -> Path:
    """Copy the service's package into `folder`, with the fault or as it is, and return that.

    Raises ValueError where an edit's place is not exactly one.
    """
    copy = folder / NAME
    shutil.copytree(SERVICE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in fault.edits if fault else ():
        path = copy / edit.file
        path.write_text(edit_source(path.read_text(encoding="utf-8"), edit), encoding="utf-8")
    return copy


def load(fault: Fault | None, folder: Path) -> FastAPI:
    """Import a copy of the service and return its application: once a process, as it has one broker."""
    sys.path.insert(0, str(seeded(fault, folder).parent))
    app: FastAPI = importlib.import_module(f"{NAME}.app").app
    return app
