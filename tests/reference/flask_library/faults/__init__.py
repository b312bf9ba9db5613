"""The faults, a file a family. Importable without Flask."""

import difflib

from .access import FAULTS as ACCESS
from .data import FAULTS as DATA
from .deletes import FAULTS as DELETES
from .document import FAULTS as DOCUMENT
from .errors import FAULTS as ERRORS
from .fault import Edit, Fault
from .inputs import FAULTS as INPUTS
from .leaks import FAULTS as LEAKS
from .lifecycle import FAULTS as LIFECYCLE
from .malformed import FAULTS as MALFORMED
from .methods import FAULTS as METHODS
from .missing import FAULTS as MISSING
from .pages import FAULTS as PAGES
from .races import FAULTS as RACES
from .tokens import FAULTS as TOKENS
from .updates import FAULTS as UPDATES

__all__ = ["FAULTS", "Edit", "Fault", "find"]

FAULTS: tuple[Fault, ...] = (
    *LIFECYCLE,
    *UPDATES,
    *DELETES,
    *DATA,
    *PAGES,
    *INPUTS,
    *MALFORMED,
    *MISSING,
    *ERRORS,
    *METHODS,
    *DOCUMENT,
    *TOKENS,
    *ACCESS,
    *LEAKS,
    *RACES,
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
