"""The document of the events: valid, and complete."""

from collections.abc import Iterator
from typing import Any

from conformance.events.asyncapi import AsyncApi, shape
from conformance.events.declared import Declared, EventMessage
from conformance.events.envelope import Event
from conformance.events.schemas import faults, usable, whole
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, each, named, title

DOCUMENT = "the AsyncAPI document"
CARRIED = frozenset({"content-type", "correlation_id", "traceparent", "tracestate", "baggage"})
"""Headers that libraries add by themselves, and of which documents do not speak."""
ANNOTATIONS = frozenset(
    {"$id", "$schema", "$comment", "$defs", "title", "description", "examples", "default", "deprecated"}
)
"""Keywords of a schema that allow and forbid nothing."""
Problem = tuple[str, str]
"""Where in the document, as a JSON pointer, and what is wrong there."""


def _document(service: Service) -> list[str]:
    return [DOCUMENT] if service.events and service.events.raw else []


@rule(
    "EVT001",
    contract="event",
    level="MUST",
    title="The AsyncAPI document is valid",
    section=SECTION,
    mend="Generate the document from the code that publishes, and validate it in the build.",
    applies=_document,
    scenarios=SCENARIOS,
)
def valid(record: Record, service: Service) -> Iterator[Observation]:
    """The document is well-formed AsyncAPI 2 or 3, and nothing in it leads nowhere.

    Looked at are the fields that it must have, references, what operations do and on which channel, that
    their messages are those of the channel, schemas (as JSON Schemas), examples against their schemas, and
    that every name in x-publishes, or in `publishes` of the configuration, is a message.
    """
    declared = service.events
    if declared is None or not declared.raw:
        return
    document = AsyncApi(declared.raw, declared.source)
    problems = [*_basics(document), *_references(document, document.raw, "#"), *_operations(document)]
    problems += [*_schemas(document), *_unknown(declared)]
    for pointer, what in problems:
        yield broken(
            DOCUMENT,
            cause=pointer,
            message=what,
            expected="a valid AsyncAPI document",
            actual=f"{pointer} in {declared.source}",
        )
    if not problems:
        yield held(DOCUMENT)


def _basics(document: AsyncApi) -> Iterator[Problem]:
    info = document.raw.get("info")
    for name in ("title", "version"):
        if not isinstance(info, dict) or not isinstance(info.get(name), str):
            yield f"#/info/{name}", f"`info` has no `{name}`"
    if document.version.startswith("2.") and not isinstance(document.raw.get("channels"), dict):
        yield "#/channels", "there are no `channels`"


def _references(document: AsyncApi, node: Any, pointer: str) -> Iterator[Problem]:
    """References into the document that lead nowhere; those out of it are not followed."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#") and document.pointed(reference) is None:
            yield pointer, f"a reference leads nowhere: {reference}"
        for key, value in node.items():
            if key not in ("example", "examples", "default", "enum", "const"):
                escaped = str(key).replace("~", "~0").replace("/", "~1")
                yield from _references(document, value, f"{pointer}/{escaped}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from _references(document, value, f"{pointer}/{at}")


def _operations(document: AsyncApi) -> Iterator[Problem]:
    """AsyncAPI 3: an action, a channel, and messages of that channel."""
    if not document.version.startswith("3."):
        return
    channels = [document.deref(node) for node in document.table(document.raw, "channels").values()]
    for name, node in document.table(document.raw, "operations").items():
        operation, pointer = document.deref(node), f"#/operations/{name}"
        if operation.get("action") not in ("send", "receive"):
            yield f"{pointer}/action", "an operation's `action` is neither `send` nor `receive`"
        channel = document.deref(operation.get("channel"))
        if not any(channel is c for c in channels):
            yield f"{pointer}/channel", "an operation's `channel` is none of the document's"
            continue
        here = [document.deref(m) for m in document.table(channel, "messages").values()]
        for at, entry in enumerate(operation.get("messages") or ()):
            if not any(document.deref(entry) is m for m in here):
                yield f"{pointer}/messages/{at}", "an operation's message is none of its channel's"


def _schemas(document: AsyncApi) -> Iterator[Problem]:
    messages = document.table(document.table(document.raw, "components"), "messages")
    for name, node in messages.items():
        message, pointer = document.deref(node), f"#/components/messages/{name}"
        if isinstance(message.get("payload"), dict) and "schemaFormat" in message["payload"]:
            continue
        if "schemaFormat" in message:
            continue
        payload = whole(message.get("payload"), document.pointed)
        headers = whole(message.get("headers"), document.pointed)
        for field, schema in (("payload", payload), ("headers", headers)):
            if schema is not None and not usable(schema):
                yield f"{pointer}/{field}", f"`{field}` is no JSON Schema"
        for at, example in enumerate(message.get("examples") or ()):
            if isinstance(example, dict) and "payload" in example and faults(payload, example["payload"]):
                yield f"{pointer}/examples/{at}", "an example is not as its schema says"


def _unknown(declared: Declared) -> Iterator[Problem]:
    for label, names in declared.publishes.items():
        for name in names:
            if declared.message(name) is None:
                yield f"{declared.said_by} of {label}", f"{label} publishes {name}, which is no message"


def _tells_nothing(message: EventMessage, event: Event) -> bool:
    """Whether nothing is declared of a payload; `additionalProperties: true` says that it is open."""
    if message.payload is None:
        return True
    reference = message.payload.get("$ref")
    if isinstance(reference, str) and reference.rpartition("/")[2] not in (
        message.payload.get("$defs") or {}
    ):
        return False  # it stands in another file, or nowhere
    said = {key for key in shape(message.payload) if key not in ANNOTATIONS and not key.startswith("x-")}
    return said <= {"type"} and isinstance(event.value, dict) and bool(event.value)


@rule(
    "EVT002",
    contract="event",
    level="SHOULD",
    title="The AsyncAPI document is complete",
    section=SECTION,
    mend="Declare payload, headers and key (bindings.kafka.key) of each message.",
    applies=lambda service: named(service) if service.events and service.events.raw else [],
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def complete(record: Record, service: Service) -> Iterator[Observation]:
    """Of each message that is sent and was seen, the document declares what it has: payload, headers, key.

    Headers that libraries add by themselves (content-type, tracing) need not be declared. A schema that is
    empty, or no more than `type: object`, declares no payload.
    """
    lacking: dict[str, set[str]] = {}
    for event, message in each(record, service):
        if not message.sent:
            continue
        found = lacking.setdefault(title(message), set())
        if event.message.value is not None and _tells_nothing(message, event):
            found.add("payload")
        if message.headers is None and any(n.lower() not in CARRIED for n, _ in event.message.headers):
            found.add("headers")
        if message.key_schema is None and message.key is None and event.message.key is not None:
            found.add("key")
    for label, found in lacking.items():
        if not found:
            yield held(label)
        for part in sorted(found):
            yield broken(
                label,
                cause=f"no {part}",
                message=f"the document declares no {part} of a message that has one",
                expected=f"{part} of {label}",
                actual="nothing declared",
            )
