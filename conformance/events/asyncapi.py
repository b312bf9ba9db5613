"""Reads an AsyncAPI document, 3.0 or 2.x, into messages; references are followed inside it only.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.errors import TargetProblem
from conformance.events.declared import Envelope, EventMessage
from conformance.events.schemas import whole
from conformance.target.openapi import MAX_HOPS
from conformance.target.text import read

REGISTRY = ("avro", "protobuf", "application/x-protobuf")
"""Parts of a schemaFormat or a content type that need a schema registry's reader."""


@dataclass(frozen=True, slots=True)
class AsyncApi:
    """The document: `source` says where it came from."""

    raw: dict[str, Any]
    source: str

    @property
    def version(self) -> str:
        """`asyncapi`, as it is written."""
        return str(self.raw.get("asyncapi", ""))

    def pointed(self, reference: str) -> Any:
        """The node that a local reference points to; None where there is none."""
        if not reference.startswith("#/"):
            return None
        node: Any = self.raw
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and key.isdigit() and int(key) < len(node):
                node = node[int(key)]
            elif isinstance(node, dict) and key in node:
                node = node[key]
            else:
                return None
        return node

    def deref(self, node: Any) -> dict[str, Any]:
        """`node` with its own `$ref` followed; an empty dict where it leads nowhere inside."""
        for _ in range(MAX_HOPS):
            if not isinstance(node, dict):
                return {}
            if not isinstance(node.get("$ref"), str):
                return node
            node = self.pointed(node["$ref"])
        return {}

    def table(self, node: Any, name: str) -> dict[str, Any]:
        """The object at `name` of a node; empty where there is none."""
        found = self.deref(node).get(name)
        return found if isinstance(found, dict) else {}

    def messages(self) -> tuple[EventMessage, ...]:
        """The messages, each with the topic of its channel, those that are sent first."""
        found = list(self._current() if self.version.startswith("3.") else self._older())
        first: dict[tuple[str, str], EventMessage] = {}
        for message in sorted(found, key=lambda m: not m.sent):
            first.setdefault((message.topic, message.name), message)
        return tuple(first.values())

    def _current(self) -> Iterator[EventMessage]:
        """AsyncAPI 3: channels hold messages, operations say which of them are sent."""
        channels = self.table(self.raw, "channels")
        operations = [self.deref(o) for o in self.table(self.raw, "operations").values()]
        for name, channel_node in channels.items():
            channel = self.deref(channel_node)
            topic = self._topic(channel, channel.get("address") or name)
            here = [o for o in operations if self.deref(o.get("channel")) is channel]
            for key, node in self.table(channel, "messages").items():
                using = [o for o in here if self._uses(o, node)]
                # What no operation speaks of is taken as sent: the document is the service's own.
                sent = not using or any(o.get("action") == "send" for o in using)
                yield from self._message(str(key), node, topic, sent=sent)

    def _uses(self, operation: dict[str, Any], message: Any) -> bool:
        """Whether an operation is about a message; about all of its channel where it names none (§5.2)."""
        named = operation.get("messages")
        if not isinstance(named, list) or not named:
            return True
        return any(self.deref(entry) is self.deref(message) for entry in named)

    def _older(self) -> Iterator[EventMessage]:
        """AsyncAPI 2: who may `subscribe` to a channel gets what the service sends there."""
        for name, item in self.table(self.raw, "channels").items():
            channel = self.deref(item)
            for action in ("subscribe", "publish"):
                message = self.deref(self.table(channel, action).get("message"))
                nodes = message.get("oneOf") if isinstance(message.get("oneOf"), list) else None
                written = self.table(channel, action).get("message")
                for node in nodes or ([written] if message else []):
                    reference = node.get("$ref", "") if isinstance(node, dict) else ""
                    key = str(reference).rpartition("/")[2] or str(self.deref(node).get("name", name))
                    yield from self._message(
                        key, node, self._topic(channel, str(name)), sent=action == "subscribe"
                    )

    def _topic(self, channel: dict[str, Any], address: object) -> str:
        bound = self.table(self.table(channel, "bindings"), "kafka").get("topic")
        return str(bound or address)

    def _message(self, key: str, node: Any, topic: str, *, sent: bool) -> Iterator[EventMessage]:
        message = self._with_traits(self.deref(node))
        media = str(message.get("contentType") or self.raw.get("defaultContentType") or "")
        payload, form = self._schema(message.get("payload"))
        form = form or str(message.get("schemaFormat") or "")
        headers, _ = self._schema(message.get("headers"))
        key_schema, _ = self._schema(self.table(self.table(message, "bindings"), "kafka").get("key"))
        registry = any(word in (form + media).lower() for word in REGISTRY)
        said = [str(message[k]) for k in ("messageId", "name", "title") if message.get(k)]
        name = str(message.get("name") or key)
        for branch, title in self._branches(payload):
            envelope, type_ = envelope_of(headers, branch, media)
            yield EventMessage(
                name=title if title and branch is not payload else name,
                topic=topic,
                payload=None if registry else branch,
                headers=headers,
                key_schema=key_schema,
                content_type=media,
                envelope="unsupported" if registry else envelope,
                type=type_,
                aliases=tuple(dict.fromkeys([key, *said, *([title] if title else [])])),
                sent=sent,
            )

    def _with_traits(self, message: dict[str, Any]) -> dict[str, Any]:
        """What traits say, where the message does not say it itself (§5.6, JSON Merge Patch)."""
        result: dict[str, Any] = {}
        for trait in message.get("traits") or ():
            result |= self.deref(trait)
        return result | {k: v for k, v in message.items() if k != "traits"}

    def _schema(self, node: Any) -> tuple[dict[str, Any] | None, str]:
        """A schema that holds all it refers to, and its format where the document names one."""
        found = self.deref(node) if isinstance(node, dict) else {}
        if "schemaFormat" in found:
            return whole(found.get("schema"), self.pointed), str(found["schemaFormat"])
        return whole(node, self.pointed), ""

    def _branches(self, payload: dict[str, Any] | None) -> Iterator[tuple[dict[str, Any] | None, str]]:
        """Each type of payload with its title: one, or those of a union of named types."""
        if payload is None:
            yield None, ""
            return
        definitions = payload.get("$defs") or {}
        resolved = _local(payload, definitions)
        union = next((resolved[k] for k in ("oneOf", "anyOf") if isinstance(resolved.get(k), list)), None)
        kinds = [(part, _local(part, definitions)) for part in union or () if isinstance(part, dict)]
        if len(kinds) > 1 and all(shape.get("title") for _, shape in kinds) and "properties" not in resolved:
            for part, shape in kinds:
                yield {**part, "$defs": definitions}, str(shape["title"])
            return
        yield payload, str(resolved.get("title") or "")


def _local(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A schema, or what it refers to in its own `$defs`."""
    for _ in range(MAX_HOPS):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        found = definitions.get(reference.rpartition("/")[2])
        schema = found if isinstance(found, dict) else {}
    return {}


def shape(payload: dict[str, Any] | None) -> dict[str, Any]:
    """The schema of a payload itself, where it only refers to one of its `$defs`."""
    return _local(payload or {}, (payload or {}).get("$defs") or {})


def _fixed(schema: Any) -> str:
    """The one value that a schema of text allows; empty where it allows more."""
    if not isinstance(schema, dict):
        return ""
    if isinstance(schema.get("const"), str):
        return str(schema["const"])
    allowed = schema.get("enum")
    return (
        allowed[0] if isinstance(allowed, list) and len(allowed) == 1 and isinstance(allowed[0], str) else ""
    )


def envelope_of(
    headers: dict[str, Any] | None, payload: dict[str, Any] | None, media: str
) -> tuple[Envelope, str]:
    """The kind of envelope, and the type that it names itself by."""
    fields = {str(k).lower(): v for k, v in (shape(headers).get("properties") or {}).items()}
    body = shape(payload).get("properties") or {}
    if any(name.startswith("ce_") for name in fields):
        return "cloudevents", _fixed(fields.get("ce_type"))
    if (
        media.lower().startswith("application/cloudevents")
        or {"specversion", "source", "type"} <= body.keys()
    ):
        return "cloudevents", _fixed(body.get("type"))
    for name in ("type", "event_type", "event-type", "eventtype", "event"):
        if found := _fixed(fields.get(name)):
            return "plain", found
    return "plain", next(
        (t for n in ("type", "event_type", "eventType", "event") if (t := _fixed(body.get(n)))), ""
    )


def parse(text: str | bytes, source: str) -> AsyncApi:
    """Read JSON or YAML. Raises `TargetProblem` where it is neither, or no AsyncAPI 2 or 3 document."""
    try:
        raw = read(text)
    except ValueError:
        raw = None
    if not isinstance(raw, dict) or "asyncapi" not in raw:
        raise TargetProblem(f"{source} is not an AsyncAPI document: name the right one in [events].")
    if not str(raw["asyncapi"]).startswith(("2.", "3.")):
        raise TargetProblem(f"{source} is AsyncAPI {raw['asyncapi']}; 2.x and 3.x can be read.")
    return AsyncApi(raw, source)
