"""Tags of representations and the conditions that name them (RFC 9110 §8.8.3, §13)."""

import hashlib
import re
from http import HTTPStatus

from aiohttp import web

from .errors import Refused

TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def tag_of(text: str) -> str:
    """Return the strong tag of a representation."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def named(field: str) -> list[tuple[bool, str]]:
    """Return the tags that a field names, each as weak or not and its opaque part."""
    return [(bool(found[1]), f'"{found[2]}"') for found in TAG.finditer(field)]


def unchanged(request: web.Request, tag: str) -> bool:
    """Tell whether the client has the representation already: a weak comparison (§13.1.2)."""
    field = request.headers.get("If-None-Match", "").strip()
    return field == "*" or any(opaque == tag for _, opaque in named(field))


def require_match(request: web.Request, tag: str) -> None:
    """Raise 428 where no If-Match is sent and 412 where it names another: a strong comparison (§13.1.1)."""
    field = request.headers.get("If-Match")
    if field is None:
        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, "Send the product's ETag in If-Match.")
    if field.strip() != "*" and not any(not weak and opaque == tag for weak, opaque in named(field)):
        raise Refused(HTTPStatus.PRECONDITION_FAILED, "The product has changed meanwhile.")
