"""What a fault is: a change of the service's source, as a tired developer would make it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the one place in `file` (of the folder `service`) that reads `old`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its name, the key of the law that it breaks, what is wrong, and the change."""

    name: str
    law: str
    title: str
    edits: tuple[Edit, ...]


def fault(name: str, law: str, title: str, file: str, old: str, new: str, *more: Edit) -> Fault:
    """Return a fault whose change is, mostly, one edit."""
    return Fault(name, law, title, (Edit(file, old, new), *more))


def named(name: str, faults: Iterable[Fault]) -> Fault | None:
    """Return the fault of this name; None for no name. Raises LookupError with a sentence."""
    if not name:
        return None
    known = {fault.name: fault for fault in faults}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise LookupError(f"There is no fault named {name!r}; did you mean {near[0]!r}?")
    return known[name]
