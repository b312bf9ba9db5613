"""Which operation publishes what, where nothing says so: `PostCreated` by the create of `/posts`."""

import re
from collections.abc import Iterable, Mapping

from conformance.events.declared import EventMessage
from conformance.model.operation import Operation
from conformance.model.resources import Resource
from conformance.model.service import Service

CREATED = frozenset({"created", "added", "registered", "opened", "placed"})
UPDATED = frozenset({"updated", "changed", "edited", "modified"})
DELETED = frozenset({"deleted", "removed"})


def publishes(messages: Iterable[EventMessage], service: Service) -> Mapping[str, tuple[str, ...]]:
    """Names of sent messages by label, for the operations of resources whose noun and verb they name."""
    found: dict[str, list[str]] = {}
    for message in messages:
        if not message.sent:
            continue
        for resource in service.resources:
            for operation in _operations(resource, message):
                found.setdefault(operation.label, []).append(message.name)
    return {label: tuple(dict.fromkeys(names)) for label, names in found.items()}


def noun_of(message: EventMessage, resources: Iterable[Resource]) -> Resource | None:
    """The resource whose noun a message's name has before its verb; None where it has none of them."""
    for resource in resources:
        for name in sorted(message.names):
            if _is_about(_words(name)[:-1], resource):
                return resource
    return None


def same_words(type_: str, name: str) -> bool:
    """Whether a type (`com.example.order.created`) ends in the words of a name (`OrderCreated`)."""
    said, words = _words(type_), _words(name)
    return bool(words) and said[-len(words) :] == words


def _is_about(noun: list[str], resource: Resource) -> bool:
    # `com.example.post.created`: the words of the noun stand last.
    return any("_".join(noun[-n:]) in resource.nouns for n in range(1, len(noun) + 1))


def _operations(resource: Resource, message: EventMessage) -> list[Operation]:
    for name in sorted(message.names):
        *noun, verb = _words(name) or [""]
        if not _is_about(noun, resource):
            continue
        if verb in CREATED:
            return [resource.create] if resource.create else []
        if verb in UPDATED:
            return list(resource.updates)
        if verb in DELETED:
            return [resource.delete] if resource.delete else []
    return []


def _words(name: str) -> list[str]:
    """`PostCreated`, `post.created` and `post-created` are the words post and created."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]
    return [word for word in words if word not in ("event", "message") and not re.fullmatch(r"v\d+", word)]
