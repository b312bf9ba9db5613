"""CloudEvents 1.0 in Kafka's binary content mode: attributes are headers, the value is the event's data.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
# An inbox row must hold them.
MAX_LENGTH = 255

Headers = list[tuple[str, bytes | None]]


class NotACloudEventError(ValueError):
    """The headers do not tell what the message is."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes that a consumer needs: who says it, which message it is, and of which type."""

    source: str
    id: str
    type: str


def headers_of(*, event_id: str, source: str, type_: str, time: datetime) -> Headers:
    """The headers of an event that happened at `time` (with zone)."""
    return [
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", type_.encode()),
        ("ce_time", time.isoformat().encode()),
        ("content-type", CONTENT_TYPE.encode()),
    ]


def read_envelope(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """What the headers tell. A null value counts as absent.

    Raises NotACloudEventError where an attribute is absent, unreadable or too long.
    """
    values = {name.lower(): value for name, value in headers if value is not None}
    if (version := _text(values, "ce_specversion")) != SPEC_VERSION:
        raise NotACloudEventError(f"ce_specversion is {version!r}, not {SPEC_VERSION!r}")
    return Envelope(
        source=_text(values, "ce_source"), id=_text(values, "ce_id"), type=_text(values, "ce_type")
    )


def _text(values: dict[str, bytes], name: str) -> str:
    try:
        text = values[name].decode()
    except KeyError:
        raise NotACloudEventError(f"no header {name}") from None
    except UnicodeDecodeError:
        raise NotACloudEventError(f"header {name} is not UTF-8") from None
    if not 0 < len(text) <= MAX_LENGTH or "\0" in text:
        raise NotACloudEventError(f"header {name} is empty, too long or has a null character")
    return text
