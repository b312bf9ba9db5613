"""What the requests of a record did: which object each was about, and what the service showed of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.events.likeness import unchanged
from conformance.model.compare import different
from conformance.model.operation import Operation
from conformance.model.paging import rows
from conformance.model.record import Exchange, Record, Response
from conformance.model.resources import Resource, holder, identifier, representation
from conformance.model.service import Service

UNSURE = frozenset({"fuzz", "errors", "semantics", "media types", "origins", "cleanup"})
"""Scenarios whose accepted requests may have asked for something else than a write (a dry run, say), or that
come when the topics have been read to their ends."""


@dataclass(frozen=True)
class Act:
    """A request for an operation, understood.

    `ids` name the objects it is about, its own first, then those above. `shown` is the object after it, as
    the answer or the next read has it, `before` as it was last seen; None where that is not known.
    `changed` is None where that is not sure.
    """

    exchange: Exchange
    operation: Operation
    resource: Resource | None
    ids: tuple[str, ...]
    creates: bool
    shown: Any = None
    before: Any = None
    changed: bool | None = None

    @property
    def label(self) -> str:
        """The operation's label."""
        return self.operation.label

    @property
    def accepted(self) -> bool:
        """Whether it was answered with 2xx."""
        return self.exchange.ok

    @property
    def sure(self) -> bool:
        """Whether an accepted one must have done what its operation is for."""
        return self.exchange.scenario not in UNSURE


def acts(record: Record, service: Service) -> list[Act]:
    """Every request for an operation of the document by its own method, in the order of the record."""
    found: list[Act] = []
    last: dict[tuple[str, str], Any] = {}
    born: set[tuple[str, str]] = set()
    for exchange in record:
        operation = service.operation(exchange.operation)
        if operation is None or exchange.request.method != operation.method:
            continue
        resource = _resource(operation, service)
        act = _act(exchange, operation, resource)
        if (several := _bulk(act)) is not None:
            found += several
            continue
        place = (resource.name if resource else operation.path, act.ids[0]) if act.ids else None
        before = last.get(place) if place else None
        shown = shown_in(exchange, resource)
        if place and act.accepted and shown is not None:
            last[place] = shown
        elif place and act.accepted and not operation.safe:
            last.pop(place, None)
        changed = _changed(act, before, shown)
        if act.creates and act.accepted and place:
            # The answer to an idempotent replay shows what the first one made.
            changed = place not in born
            born.add(place)
        found.append(replace(act, shown=shown, before=before, changed=changed))
    return _read_back(found)


def _bulk(act: Act) -> list[Act] | None:
    """An act for each object of an accepted write that answers with a list of them; None for any other."""
    answer = act.exchange.response
    if answer is None or not answer.ok or act.operation.safe or act.ids:
        return None
    key = act.resource.key if act.resource else "id"
    items = rows(answer.json)
    if not items or not all(isinstance(item, dict) and item.get(key) is not None for item in items):
        return None
    return [
        replace(
            act,
            ids=(str(item[key]),),
            creates=True,
            shown=item,
            changed=act.operation.method == "POST" or None,
        )
        for item in items
    ]


def act_of(exchange: Exchange, service: Service) -> Act | None:
    """One request, as far as it tells by itself; None where it is for no operation of the document."""
    operation = service.operation(exchange.operation)
    return _act(exchange, operation, _resource(operation, service)) if operation else None


def _act(exchange: Exchange, operation: Operation, resource: Resource | None) -> Act:
    values = path_values(operation, exchange.request.url)
    creates = resource is not None and operation is resource.create
    own: str | None = None
    if creates or not values:
        answer = exchange.response
        if answer is not None and answer.ok and not operation.safe:
            own = _made(answer, resource)
    ids = tuple(dict.fromkeys([*([own] if own else []), *reversed(values)]))
    return Act(exchange, operation, resource, ids, creates or (not values and own is not None))


def _made(answer: Response, resource: Resource | None) -> str | None:
    if resource is not None:
        return identifier(answer, resource.key)
    shown = representation(answer.json, "id")
    return str(shown["id"]) if shown else None


def _resource(operation: Operation, service: Service) -> Resource | None:
    """The resource of an operation, or of the item that its path begins with (`/orders/{id}/pay`)."""
    for resource in service.resources:
        if operation in resource.operations:
            return resource
    path = operation.path
    while "{" in path:
        path = path[: path.rindex("{")]
        if (found := holder(path.rstrip("/"), service.resources)) is not None:
            return found
    # `/orders/import` adds to /orders.
    above = [r for r in service.resources if operation.path.startswith(r.name.rstrip("/") + "/")]
    return max(above, key=lambda r: len(r.name), default=None)


def path_values(operation: Operation, url: str) -> tuple[str, ...]:
    """The values of the path's parameters in a URL, outermost first."""
    found = _pattern(operation.path).search(urlsplit(url).path)
    return tuple(unquote(value) for value in found.groups()) if found else ()


@lru_cache(maxsize=1024)
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]+\}", path)
    return re.compile("([^/]+)".join(re.escape(part) for part in parts) + "$")


def shown_by(act: Act) -> Any:
    """The object as the answer shows it; None where it does not."""
    return shown_in(act.exchange, act.resource)


def shown_in(exchange: Exchange, resource: Resource | None) -> Any:
    """The object that the answer to an accepted request shows; None where it shows none."""
    answer = exchange.response
    if answer is None or not answer.ok or exchange.request.method == "DELETE":
        return None
    return representation(answer.json, resource.key if resource else "id")


def _changed(act: Act, before: Any, shown: Any) -> bool | None:
    """Whether an accepted write changed something; None where nothing tells."""
    if not act.accepted or act.operation.safe:
        return False
    if act.creates or act.operation.method == "DELETE":
        return True
    if before is not None and shown is not None:
        return not unchanged(before, shown)
    sent = act.exchange.facts.get("sent")
    if before is not None and isinstance(sent, dict):
        return bool(different(sent, before)) or None
    return None


def _read_back(found: list[Act]) -> list[Act]:
    """Writes whose answer shows nothing get what the next read shows, before the next write."""
    result = list(found)
    for at, act in enumerate(found):
        if not act.accepted or act.operation.safe or act.shown is not None or not act.ids:
            continue
        if act.operation.method == "DELETE":
            continue
        for later in _about(found[at + 1 :], act):
            if later.operation.safe and later.shown is not None:
                changed = act.changed
                if changed is None and act.before is not None:
                    changed = not unchanged(act.before, later.shown)
                result[at] = replace(act, shown=later.shown, changed=changed)
            break
    return result


def _about(later: list[Act], act: Act) -> Iterator[Act]:
    """The next accepted acts on the same object."""
    return (a for a in later if a.accepted and a.ids[:1] == act.ids[:1] and a.resource is act.resource)
