"""Patterns for operations, as in `--exclude "DELETE /users/*"`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from conformance.errors import UsageProblem

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY", "*"})


def check(patterns: Iterable[str]) -> None:
    """Raise `UsageProblem` for a text that is no pattern: a method, a space, a path with wildcards."""
    for pattern in patterns:
        method, space, path = pattern.partition(" ")
        if not space or method.upper() not in METHODS or not path.strip().startswith(("/", "*")):
            raise UsageProblem(f'{pattern!r} is no pattern: write a method and a path, as "DELETE /users/*".')


def matches(method: str, path: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the method and the path; `*` stands for any text, a slash included."""
    for pattern in patterns:
        wanted, _, shape = pattern.partition(" ")
        if wanted.upper() in ("*", method) and fnmatchcase(path, shape.strip()):
            return True
    return False
