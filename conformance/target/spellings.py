"""The ways in which one secret may come back: encoded for a URL, JSON, HTML, Python or basic credentials."""

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

LOWER_HEX = re.compile(r"%[0-9A-F]{2}")
UPPER_HEX = re.compile(r"(?<=\\u)[0-9a-f]{4}")
JWT_HEAD = b"eyJ"
"""How base64url writes `{"`: every compact JWS starts so (RFC 7515 §3.1)."""
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
"""Characters that no encoding of texts changes (RFC 3986 §2.3)."""
SEGMENT = re.compile(rb"[A-Za-z0-9_-]+")
JWT_REST = re.compile(rb"\.(?:eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?|[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)")


def spellings(value: str) -> frozenset[bytes]:
    """Every known spelling of `value`, itself among them."""
    raw = value.encode("utf-8", "surrogatepass")
    if UNRESERVED.fullmatch(value):
        return frozenset(text for text in (raw, *_in_base64(raw)) if len(text) >= len(value))
    texts = {value, *_in_urls(value), html.escape(value), html.escape(value, quote=False)}
    # A service that quotes a JSON text in JSON, or a kit that quotes a body in Python, escapes twice.
    once = {escaped for text in texts for escaped in _in_literals(text)}
    texts |= once | {escaped for text in once for escaped in _in_literals(text)}
    found = {text.encode("utf-8", "surrogatepass") for text in texts} | set(_in_base64(raw))
    # HTTP/1.1 header fields and old pages are often Latin-1.
    found.add(value.encode("latin-1", "ignore"))
    return frozenset(text for text in found if len(text) >= len(value))


def _in_urls(value: str) -> Iterator[str]:
    for safe in ("", "/", "!'()*", "!$&'()*+,;=:@/"):
        encoded = quote(value, safe=safe, errors="replace")
        yield encoded
        yield LOWER_HEX.sub(lambda match: match[0].lower(), encoded)
    yield quote_plus(value, errors="replace")


def _in_literals(value: str) -> Iterator[str]:
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (escaped, escaped.replace("/", "\\/"), UPPER_HEX.sub(lambda m: m[0].upper(), escaped))
    seen = "".join(c if c.isprintable() and c != "\\" else _escape(c) for c in value)
    for escaped in (seen, _escape(value), _escape(value.encode("utf-8", "surrogatepass").decode("latin-1"))):
        # Which quotes Python escapes depends on what else stands in the text.
        yield from (escaped, escaped.replace("'", "\\'"))


def _escape(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Whole, and as it stands inside a longer text at each of the three offsets (RFC 4648 §4, §5)."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw)
        yield encode(raw).rstrip(b"=")
        for offset, shared in ((0, 0), (1, 2), (2, 3)):
            digits = encode(b"\0" * offset + raw).rstrip(b"=")
            # The last digit of an incomplete group also holds bits of what follows.
            yield digits[shared : len(digits) - (1 if (offset + len(raw)) % 3 else 0)]


def tokens(data: bytes) -> Iterator[tuple[int, int]]:
    """Where JWT-shaped texts are in `data`, the signature or not; in linear time on any input."""
    at = data.find(JWT_HEAD)
    while at >= 0:
        head = SEGMENT.match(data, at)
        end = head.end() if head else at + len(JWT_HEAD)
        rest = JWT_REST.match(data, end)
        if rest:
            end = rest.end()
            yield at, end
        at = data.find(JWT_HEAD, end)
