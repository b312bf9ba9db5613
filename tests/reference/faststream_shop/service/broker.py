"""FastStream's broker, what it publishes, and the AsyncAPI document."""

import os
from typing import Any

from faststream.confluent import KafkaBroker
from faststream.specification import AsyncAPI
from pydantic import BaseModel

from .events import CONTENT_TYPE, PUBLISHED

DEAD_LETTERS = "shop.orders.dead"

broker = KafkaBroker(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"), graceful_timeout=5)


class DeadLetter(BaseModel):
    """A message that could not be handled: why, where it was, and what it held."""

    reason: str
    topic: str
    partition: int
    offset: int
    value_base64: str | None


for event in PUBLISHED:
    broker.publisher(event.topic, schema=event, title=event.__name__, description=event.__doc__)
dead_letters = broker.publisher(
    DEAD_LETTERS, schema=DeadLetter, title="DeadLetter", description=DeadLetter.__doc__
)


def document() -> dict[str, Any]:
    """FastStream's document, with what it cannot say: names, content types, headers and keys."""
    described = AsyncAPI(broker, title="Shop", version="1.0.0", schema_version="3.0.0")
    made: dict[str, Any] = described.to_specification().to_jsonable()
    for title, message in made["components"]["messages"].items():
        name = title.partition(":")[0]
        if name == "DeadLetter":
            content_type, key = "application/json", "The key of the message that it tells of."
        else:
            content_type, key = CONTENT_TYPE, "The aggregate's id: `data.id`."
        message["name"] = name
        message["contentType"] = content_type
        message["headers"] = {
            "type": "object",
            "required": ["content-type"],
            "properties": {
                "content-type": {"type": "string", "const": content_type},
                "correlation_id": {"type": "string"},
            },
        }
        message["bindings"] = {
            "kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}
        }
    return made
