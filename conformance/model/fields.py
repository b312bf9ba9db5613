"""What header fields say: lists of names and directives."""

from collections.abc import Mapping

from conformance.model.record import Response

SAME_IN_HEAD = ("content-type", "content-length", "etag", "location")
"""Fields that HEAD has as GET has them, where it has them (RFC 9110 §9.3.2, §8.6)."""


def names(response: Response | None, field: str) -> frozenset[str]:
    """The members of a comma-separated field, in upper case: `Allow`, `Vary` (RFC 9110 §5.6.1)."""
    value = (response.header(field) if response else None) or ""
    return frozenset(part.strip().upper() for part in value.split(",") if part.strip())


def directives(response: Response | None, field: str = "cache-control") -> Mapping[str, str]:
    """The directives of a field, names in lower case, arguments without quotes (RFC 9111 §5.2)."""
    value = (response.header(field) if response else None) or ""
    found = {}
    for part in value.split(","):
        name, _, argument = part.strip().partition("=")
        if name:
            found[name.strip().lower()] = argument.strip().strip('"')
    return found


def seconds(argument: str | None) -> int:
    """A delta-seconds argument; 0 where it is absent or none (RFC 9111 §1.2.2)."""
    return int(argument) if argument and argument.isascii() and argument.isdigit() else 0
