"""The faults, a file a family. Importable without Flask."""

import difflib

from . import (
    access,
    data,
    deletes,
    document,
    errors,
    inputs,
    leaks,
    lifecycle,
    malformed,
    methods,
    missing,
    pages,
    races,
    tokens,
    updates,
)
from .fault import Edit, Fault

__all__ = ["FAULTS", "Edit", "Fault", "find"]

FAULTS: tuple[Fault, ...] = (
    *lifecycle.FAULTS,
    *updates.FAULTS,
    *deletes.FAULTS,
    *data.FAULTS,
    *pages.FAULTS,
    *inputs.FAULTS,
    *malformed.FAULTS,
    *missing.FAULTS,
    *errors.FAULTS,
    *methods.FAULTS,
    *document.FAULTS,
    *tokens.FAULTS,
    *access.FAULTS,
    *leaks.FAULTS,
    *races.FAULTS,
)


def find(name: str) -> Fault | None:
    """Return the fault of this name; None for no name. Raises LookupError with a sentence."""
    if not name:
        return None
    known = {fault.name: fault for fault in FAULTS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise LookupError(f"There is no fault named {name!r}; did you mean {near[0]!r}?")
    return known[name]
