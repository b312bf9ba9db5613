"""Whether two refusals tell a client the same, apart from what names the request itself."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.model.record import Exchange

OF_THE_REQUEST = re.compile(
    r"^(instance|path|url|uri|(request|trace|correlation|span|error|event|log)?_?id|timestamp|time|date)$"
    r"|(request|trace|correlation|span|error)[_-]?id$|timestamp$",
    re.IGNORECASE,
)
"""Names of fields that differ from one request to the next (RFC 9457 §3.1.5 has `instance`)."""
VARYING = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?|\b[0-9a-f]{16,}\b|\d+",
    re.IGNORECASE,
)
"""Identifiers, times and numbers."""


def told_apart(one: Exchange, other: Exchange) -> str | None:
    """By what a client can tell two answers apart: `status` or `body`; None where by neither."""
    if one.status != other.status:
        return "status"
    return "body" if _said(one) != _said(other) else None


def _said(exchange: Exchange) -> object:
    """The body without identifiers, times, numbers, and what it repeats of the request."""
    response = exchange.response
    if response is None:
        return None
    repeated = sorted(_own_words(exchange), key=len, reverse=True)
    if response.json is not None:
        return _bare(response.json, repeated)
    return _text(response.body.decode(errors="replace"), repeated)


def _bare(data: Any, repeated: Iterable[str]) -> Any:
    if isinstance(data, dict):
        return {key: _bare(value, repeated) for key, value in data.items() if not OF_THE_REQUEST.search(key)}
    if isinstance(data, list):
        return [_bare(value, repeated) for value in data]
    if isinstance(data, str):
        return _text(data, repeated)
    return 0 if isinstance(data, int | float) and not isinstance(data, bool) else data


def _text(text: str, repeated: Iterable[str]) -> str:
    for word in repeated:
        text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", "#", text)
    return VARYING.sub("#", text)


def _own_words(exchange: Exchange) -> set[str]:
    """The last segments of the path, and the values of the body."""
    path = urlsplit(exchange.request.url).path
    words = {unquote(part) for part in path.split("/") if any(c.isdigit() for c in part)}
    try:
        sent = json.loads(exchange.request.body or b"null")
    except ValueError:
        sent = None
    sent = sent if isinstance(sent, dict) else exchange.facts.get("sent")
    if isinstance(sent, dict):
        words |= {value for value in sent.values() if isinstance(value, str)}
    return {word for word in words if len(word) > 2}
