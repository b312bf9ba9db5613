"""Which of several media types a client is given (RFC 9110 §12.5.1)."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from aiohttp import web

from .errors import Refused


def chosen(request: web.Request, offered: Sequence[str]) -> str:
    """Return the media type that the client likes best, the first of equals, or raise 406."""
    field = ", ".join(request.headers.getall("Accept", []))
    if not field.strip():
        return offered[0]
    ranges = list(wanted(field))
    best = max(offered, key=lambda media: liking(media, ranges))
    if not liking(best, ranges):
        raise Refused(HTTPStatus.NOT_ACCEPTABLE, f"There is {' and '.join(offered)}.")
    return best


def wanted(field: str) -> Iterator[tuple[str, float]]:
    """Yield each range of the field and its weight."""
    for part in field.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield name, float(weight)
        except ValueError:
            yield name, 1.0


def liking(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that has the media type; 0 where none has."""
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        for found, weight in ranges:
            if found == name:
                return weight
    return 0.0
