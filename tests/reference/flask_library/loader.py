"""Load the service as it is, or with one fault edited into its source."""

import importlib.util
import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

from .faults.fault import Edit, Fault

Factory = Callable[[Mapping[str, Any]], Flask]

SERVICE = Path(__file__).parent / "service"
_numbers = itertools.count()


def edit_source(source: str, edit: Edit) -> str:
    """Return the source with the edit made. Raises ValueError where its place is not exactly one."""
    count = source.count(edit.old)
    if count != 1:
        raise ValueError(f"{edit.file} holds {count} places that read {edit.old!r}, not one.")
    return source.replace(edit.old, edit.new)


def load(fault: Fault | None) -> ModuleType:
    """Import a copy of the service's package under a name of its own, with the fault in it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "service"
        shutil.copytree(SERVICE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for edit in fault.edits if fault else ():
            path = copy / edit.file
            path.write_text(edit_source(path.read_text(encoding="utf-8"), edit), encoding="utf-8")
        name = f"flask_library_service_{next(_numbers)}"
        spec = importlib.util.spec_from_file_location(
            name, copy / "__init__.py", submodule_search_locations=[str(copy)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{copy} is no package.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        importlib.import_module(f"{name}.server")
    return module


def app_factory(fault: Fault | None) -> Factory:
    """Return `create_app` of a copy of the service."""
    factory: Factory = load(fault).create_app
    return factory
