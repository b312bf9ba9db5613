"""What a fault is: a change of the service's source, as a tired developer would make it."""

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
