"""The faults, a file a family. Importable without Flask."""

from .access import FAULTS as ACCESS
from .credentials import FAULTS as CREDENTIALS
from .data import FAULTS as DATA
from .deletes import FAULTS as DELETES
from .document import FAULTS as DOCUMENT
from .errors import FAULTS as ERRORS
from .fault import Edit, Fault, named
from .inputs import FAULTS as INPUTS
from .leaks import FAULTS as LEAKS
from .lifecycle import FAULTS as LIFECYCLE
from .malformed import FAULTS as MALFORMED
from .methods import FAULTS as METHODS
from .missing import FAULTS as MISSING
from .pages import FAULTS as PAGES
from .races import FAULTS as RACES
from .rare import FAULTS as RARE
from .references import FAULTS as REFERENCES
from .tokens import FAULTS as TOKENS
from .updates import FAULTS as UPDATES

__all__ = ["FAULTS", "RARE", "Edit", "Fault", "find"]

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
    *CREDENTIALS,
    *ACCESS,
    *LEAKS,
    *RACES,
    *REFERENCES,
)
"""All but `RARE`, which are for the deep lane."""


def find(name: str) -> Fault | None:
    """Return the fault of this name; None for no name. Raises LookupError with a sentence."""
    return named(name, (*FAULTS, *RARE))
