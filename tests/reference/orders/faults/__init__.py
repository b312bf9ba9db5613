"""The faults of the orders service, a file a family. Importable without aiohttp."""

from .batches import FAULTS as BATCHES
from .conditions import FAULTS as CONDITIONS
from .fault import Edit, Fault, named
from .inputs import FAULTS as INPUTS
from .keys import FAULTS as KEYS
from .limits import FAULTS as LIMITS
from .negotiation import FAULTS as NEGOTIATION
from .rare import FAULTS as RARE
from .references import FAULTS as REFERENCES
from .tokens import FAULTS as TOKENS
from .totals import FAULTS as TOTALS
from .versions import FAULTS as VERSIONS

__all__ = ["FAULTS", "RARE", "Edit", "Fault", "find"]

FAULTS: tuple[Fault, ...] = (
    *CONDITIONS,
    *VERSIONS,
    *KEYS,
    *BATCHES,
    *NEGOTIATION,
    *LIMITS,
    *INPUTS,
    *REFERENCES,
    *TOKENS,
    *TOTALS,
)
"""All but `RARE`, which are for the deep lane."""


def find(name: str) -> Fault | None:
    """Return the fault of this name; None for no name. Raises LookupError with a sentence."""
    return named(name, (*FAULTS, *RARE))
