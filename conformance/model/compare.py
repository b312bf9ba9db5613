"""Whether a value came back as it was sent, whatever notation a service prefers."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

DURATION = re.compile(r"-?P(?=.*\d)[\dT.WDHMSY]+|-?(\d+ days?, )?\d+:\d\d:\d\d(\.\d+)?")
DECIMAL = re.compile(r"-?\d+\.\d*")
DURATIONS = TypeAdapter(timedelta)


def different(sent: Any, found: Any) -> list[str]:
    """The fields of `sent` that `found` has with another value; fields not shown are not judged."""
    if not isinstance(sent, dict) or not isinstance(found, dict):
        return []
    return [key for key, value in sent.items() if key in found and not same(value, found[key])]


def same(sent: Any, found: Any) -> bool:
    """Equal as JSON values.

    The notation of a time, a duration or a decimal number and the case of an e-mail address may differ; an
    object may come back with more fields than were sent, and plain values of a list in another order. The
    `id` of an object inside another may be the service's to give, where it is not all that was sent of it.
    """
    if isinstance(sent, bool) or isinstance(found, bool):
        return sent is found
    if isinstance(sent, dict) and isinstance(found, dict):
        return all(
            key in found and (same(value, found[key]) or _is_own(key, sent)) for key, value in sent.items()
        )
    if isinstance(sent, list) and isinstance(found, list):
        return _same_items(sent, found)
    if isinstance(sent, str) and sent.startswith(("P", "-P")) and _duration(sent) is not None:
        return sent == found or _duration(sent) == _duration(found)
    if isinstance(sent, int | float) and isinstance(found, str):
        return _number(found) == sent
    if isinstance(sent, str) and isinstance(found, str):
        return sent == found or _folded(sent) == _folded(found)
    return bool(sent == found)


def _same_items(sent: list[Any], found: list[Any]) -> bool:
    if len(sent) != len(found):
        return False
    if any(isinstance(value, dict | list) for value in sent):
        return all(same(left, right) for left, right in zip(sent, found, strict=True))
    return sorted(map(str, sent)) == sorted(map(str, found))


def is_number(value: object) -> bool:
    """Whether it is a number of JSON, which a boolean is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_own(key: str, sent: dict[str, Any]) -> bool:
    return key in ("id", "uuid") and len(sent) > 1


def _duration(value: object) -> timedelta | None:
    """A duration of ISO 8601 (`PT1H`), or what such a one may come back as: seconds, or `1:00:00`."""
    if isinstance(value, bool) or (isinstance(value, str) and not DURATION.fullmatch(value)):
        return None
    try:
        return DURATIONS.validate_python(value)
    except ValidationError:
        return None


def _folded(text: str) -> object:
    """A time as an instant, a time of no zone as UTC; an address without its case; `1.50` as `1.5`.

    Digits without a point may be a text of which each counts (`007`).
    """
    if DECIMAL.fullmatch(text):
        return text.rstrip("0").removesuffix(".")
    if "@" in text:
        return text.lower()
    if len(text) >= len("2030-01-01T00:00") and text[4:5] == text[7:8] == "-":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return text


def moment(value: object) -> datetime | None:
    """The instant that a text of RFC 3339 or ISO 8601 names; None for anything else."""
    folded = _folded(value) if isinstance(value, str) else None
    return folded if isinstance(folded, datetime) else None
