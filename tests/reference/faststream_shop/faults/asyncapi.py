"""Faults of the shop's AsyncAPI document."""

from tests.reference.flask_library.faults.fault import Fault, fault

from .places import PUBLISHERS

RETURN = "    return made\n"

FAULTS: tuple[Fault, ...] = (
    fault(
        "shop_channels_left_out",
        "events_document_valid",
        "The document has operations on channels that it leaves out.",
        "broker.py",
        RETURN,
        '    del made["channels"]\n' + RETURN,
    ),
    fault(
        "shop_action_emit",
        "events_document_valid",
        "Operations have the action `emit`, which AsyncAPI does not know.",
        "broker.py",
        RETURN,
        '    for operation in made["operations"].values():\n        operation["action"] = "emit"\n' + RETURN,
    ),
    fault(
        "shop_schemas_renamed",
        "events_document_valid",
        "Schemas are listed as `definitions`, and no reference finds them.",
        "broker.py",
        RETURN,
        '    made["components"]["definitions"] = made["components"].pop("schemas")\n' + RETURN,
    ),
    fault(
        "shop_without_payloads",
        "events_document_complete",
        "FastStream is not told what is published, so no message has a payload.",
        "broker.py",
        PUBLISHERS,
        PUBLISHERS.replace("schema=event, ", ""),
    ),
    fault(
        "shop_without_keys",
        "events_document_complete",
        "The document is as FastStream writes it with headers added: it says nothing of keys.",
        "broker.py",
        '        message["bindings"] = {\n'
        '            "kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}\n'
        "        }\n",
        "",
    ),
    fault(
        "shop_without_headers",
        "events_document_complete",
        "The document does not declare the headers of the messages.",
        "broker.py",
        '        message["headers"] = {\n',
        "        _headers = {\n",
    ),
)
