"""The AsyncAPI 3.0 document: what the service publishes and consumes. https://www.asyncapi.com/docs/reference

Generated from `schemas/events.py` and the consumers' registry, so that it cannot differ from what runs.
"""

from typing import Any

from fastapi import APIRouter, Request
from pydantic.json_schema import models_json_schema

from app.kafka.cloudevents import CONTENT_TYPE, MAX_LENGTH, SPEC_VERSION
from app.kafka.consumers_registry import CONSUMERS, Consumer, dead_letter_topic
from app.kafka.settings import EMBEDDED, KafkaSettings
from app.schemas.events import PUBLISHED, Event

router = APIRouter(include_in_schema=False)

_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
_BINDING_VERSION = "0.5.0"
DEAD_LETTER = "DeadLetter"


@router.get("/asyncapi.json")
async def read_asyncapi(request: Request) -> dict[str, Any]:
    """The events of this service, as a document."""
    return asyncapi_document(request.app.state.settings, request.app.title, request.app.version)


def asyncapi_document(settings: KafkaSettings, title: str, version: str) -> dict[str, Any]:
    """The document as a JSON object."""
    events = {event.__name__: event for event in _events()}
    _, definitions = models_json_schema(
        [(event, "validation") for event in events.values()], ref_template="#/components/schemas/{model}"
    )
    read = sorted({topic for consumer in CONSUMERS for topic in consumer.topics})
    channels = {topic: _channel(topic) for topic in sorted({event.topic for event in events.values()})}
    channels |= {dead_letter_topic(topic): _dead_letter_channel(topic) for topic in read}
    operations = {f"publish{event.__name__}": _publish(event) for event in PUBLISHED}
    for consumer in CONSUMERS:
        operations |= _consume(consumer, settings)
    messages = {name: _message(event, settings) for name, event in events.items()}
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:service:{settings.kafka_client_id}",
        "info": {
            "title": title,
            "version": version,
            "description": "CloudEvents 1.0 in Kafka's binary mode, keyed by their aggregate's id.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(settings),
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages | {DEAD_LETTER: _dead_letter_message()},
            "schemas": definitions["$defs"],
        },
    }


def _events() -> list[type[Event]]:
    consumed = [subscription.event for consumer in CONSUMERS for subscription in consumer.subscriptions]
    return list(dict.fromkeys([*PUBLISHED, *consumed]))


def _servers(settings: KafkaSettings) -> dict[str, Any]:
    hosts = settings.kafka_bootstrap_servers.split(",")
    if hosts == [EMBEDDED]:
        # Its port changes with every start.
        hosts = ["localhost"]
    secure = settings.kafka_security_protocol.endswith("SSL")
    return {
        f"kafka{number}": {"host": host.strip(), "protocol": "kafka-secure" if secure else "kafka"}
        for number, host in enumerate(hosts, 1)
    }


def _channel(topic: str) -> dict[str, Any]:
    return {
        "address": topic,
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
            for event in _events()
            if event.topic == topic
        },
        "bindings": {"kafka": {"topic": topic, "bindingVersion": _BINDING_VERSION}},
    }


def _dead_letter_channel(topic: str) -> dict[str, Any]:
    name = dead_letter_topic(topic)
    return {
        "address": name,
        "description": f"Messages of `{topic}` that could not be handled, with the reason in their headers.",
        "messages": {DEAD_LETTER: {"$ref": f"#/components/messages/{DEAD_LETTER}"}},
        "bindings": {"kafka": {"topic": name, "bindingVersion": _BINDING_VERSION}},
    }


def _publish(event: type[Event]) -> dict[str, Any]:
    return {
        "action": "send",
        "summary": f"Publishes {event.__name__}.",
        "channel": {"$ref": f"#/channels/{event.topic}"},
        "messages": [{"$ref": f"#/channels/{event.topic}/messages/{event.__name__}"}],
    }


def _consume(consumer: Consumer, settings: KafkaSettings) -> dict[str, Any]:
    """One operation a topic of the consumer, and one for the dead letters that it may send."""
    operations: dict[str, Any] = {}
    name = "".join(part.capitalize() for part in consumer.name.split("-"))
    for topic in consumer.topics:
        dead = dead_letter_topic(topic)
        of_topic = [s.event.__name__ for s in consumer.subscriptions if s.event.topic == topic]
        operations[f"consume{topic.capitalize()}For{name}"] = {
            "action": "receive",
            "summary": consumer.summary,
            "channel": {"$ref": f"#/channels/{topic}"},
            "messages": [{"$ref": f"#/channels/{topic}/messages/{event}"} for event in of_topic],
            "bindings": {
                "kafka": {
                    "groupId": {"type": "string", "enum": [consumer.group_id(settings.kafka_client_id)]},
                    "bindingVersion": _BINDING_VERSION,
                }
            },
        }
        operations[f"putAside{topic.capitalize()}For{name}"] = {
            "action": "send",
            "summary": f"Puts aside what {consumer.name} cannot handle.",
            "channel": {"$ref": f"#/channels/{dead}"},
            "messages": [{"$ref": f"#/channels/{dead}/messages/{DEAD_LETTER}"}],
        }
    return operations


def _message(event: type[Event], settings: KafkaSettings) -> dict[str, Any]:
    fixed = {
        "ce_specversion": SPEC_VERSION,
        "ce_source": settings.kafka_source,
        "ce_type": event.__name__,
        "content-type": CONTENT_TYPE,
    }
    headers = {
        "ce_id": _TEXT | {"format": "uuid"},
        "ce_time": {"type": "string", "format": "date-time"},
    } | {name: {"type": "string", "const": value} for name, value in fixed.items()}
    return {
        "name": event.__name__,
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip(),
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "required": sorted(headers), "properties": headers},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The aggregate's id: the payload's `id` as text."},
                "bindingVersion": _BINDING_VERSION,
            }
        },
    }


def _dead_letter_message() -> dict[str, Any]:
    headers = {
        "dlq_reason": {"type": "string"},
        "dlq_consumer": _TEXT,
        "dlq_topic": _TEXT,
        "dlq_partition": {"type": "string", "pattern": "^[0-9]+$"},
        "dlq_offset": {"type": "string", "pattern": "^[0-9]+$"},
    }
    return {
        "name": DEAD_LETTER,
        "title": "Dead letter",
        "summary": "A message as it came, with its own headers and those that tell why it was put aside.",
        "headers": {"type": "object", "required": sorted(headers), "properties": headers},
        "payload": {"description": "The payload as it came, which may be anything."},
    }
