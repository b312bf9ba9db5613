"""Faults of the AsyncAPI document."""

from tests.reference.flask_library.faults.fault import Fault, fault

from .event_places import ASYNCAPI

PAYLOAD_OF_MESSAGE = '        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},\n'
SENT_ON = (
    '        "summary": f"Publishes {event.__name__}.",\n'
    '        "channel": {"$ref": f"#/channels/{event.topic}"},\n'
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "asyncapi_channel_dangles",
        "events_document_valid",
        "Operations refer to channels that are not there.",
        ASYNCAPI,
        SENT_ON,
        SENT_ON.replace("{event.topic}", "{event.__name__}"),
    ),
    fault(
        "asyncapi_action_publish",
        "events_document_valid",
        "Operations have the action `publish`, as AsyncAPI 2 named it; 3 knows `send` and `receive`.",
        ASYNCAPI,
        '        "action": "send",\n        "summary": f"Publishes',
        '        "action": "publish",\n        "summary": f"Publishes',
    ),
    fault(
        "asyncapi_without_info",
        "events_document_valid",
        "The document has no `info`, which is required.",
        ASYNCAPI,
        '        "info": {\n'
        '            "title": title,\n'
        '            "version": version,\n'
        '            "description": "CloudEvents 1.0 in Kafka\'s binary mode, keyed by '
        "their aggregate's id.\",\n"
        "        },\n",
        "",
    ),
    fault(
        "asyncapi_schema_dangles",
        "events_document_valid",
        "Payloads refer to schemas under a name that is not there.",
        ASYNCAPI,
        PAYLOAD_OF_MESSAGE,
        PAYLOAD_OF_MESSAGE.replace("{event.__name__}", "{event.__name__}Payload"),
    ),
    fault(
        "asyncapi_without_payload",
        "events_document_complete",
        "Messages have no payload: a reader learns that there are events, and not what they hold.",
        ASYNCAPI,
        PAYLOAD_OF_MESSAGE,
        "",
    ),
    fault(
        "asyncapi_without_headers",
        "events_document_complete",
        "Messages do not declare the headers that they are published with.",
        ASYNCAPI,
        '        "headers": {"type": "object", "required": sorted(headers), "properties": headers},\n'
        '        "payload": {"$ref"',
        '        "payload": {"$ref"',
    ),
    fault(
        "asyncapi_without_key",
        "events_document_complete",
        "Messages do not say what their key is.",
        ASYNCAPI,
        '                "key": {"type": "string", "description": "The aggregate\'s id: '
        "the payload's `id` as text.\"},\n",
        "",
    ),
    fault(
        "asyncapi_payload_of_anything",
        "events_document_complete",
        "Payloads are objects of which no field is declared.",
        ASYNCAPI,
        PAYLOAD_OF_MESSAGE,
        '        "payload": {"type": "object"},\n',
    ),
)
