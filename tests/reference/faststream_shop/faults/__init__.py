"""The faults, a file a family. Importable without FastStream."""

import difflib

from tests.reference.flask_library.faults.fault import Edit, Fault

from . import asyncapi, payloads, published, relays

__all__ = ["FAULTS", "Edit", "Fault", "find"]

FAULTS: tuple[Fault, ...] = (*published.FAULTS, *payloads.FAULTS, *asyncapi.FAULTS, *relays.FAULTS)


def find(name: str) -> Fault | None:
    """Return the fault of this name; None for no name. Raises LookupError with a sentence."""
    if not name:
        return None
    known = {fault.name: fault for fault in FAULTS}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise LookupError(f"There is no fault named {name!r}; did you mean {near[0]!r}?")
    return known[name]
