"""Requests and the events that were published for them, side by side, for the result."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.events.declared import Declared
from conformance.events.envelope import Event
from conformance.events.match import Extra, Matched, match
from conformance.events.writes import Act
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.report.result import (
    EventsSeen,
    OperationEvents,
    SeenEvent,
    SeenRequest,
    TopicRead,
)
from conformance.report.text import elide

if TYPE_CHECKING:
    from conformance.events.pairing import Pair

MOST_REQUESTS = 12
"""Of an operation; those that something is wrong with come first."""
MOST_UNMATCHED = 50
LONGEST = 300
"""Characters of a payload."""
Clean = Callable[[str], str]


def published(record: Record, service: Service, clean: Clean) -> EventsSeen | None:
    """What was published for what; None where no events are declared or none could be read."""
    declared = service.events
    if declared is None or declared.unseen:
        return None
    matched = match(record, service)
    shown = _Shown(matched, declared, record, clean)
    counts = Counter(event.message.topic for event in matched.events)
    topics = dict.fromkeys([*declared.topics, *sorted(counts)])
    return EventsSeen(
        source=clean(declared.source),
        said_by=declared.said_by,
        topics=[
            TopicRead(topic=clean(topic), messages=counts[topic], known=record.waits.get(topic, "none"))
            for topic in topics
        ],
        operations=list(shown.operations()),
        unmatched=[
            shown.event(x.event, "unexpected") for x in matched.extras if x.suspect is None and x.twin is None
        ][:MOST_UNMATCHED],
        unsupported=sum(bool(event.unsupported) for event in matched.events),
    )


class _Shown:
    def __init__(self, matched: Matched, declared: Declared, record: Record, clean: Clean) -> None:
        self._matched, self._declared, self._record, self._clean = matched, declared, record, clean
        self._pairs: dict[int, list[Pair]] = {}
        for pair in matched.pairs:
            self._pairs.setdefault(id(pair.act), []).append(pair)
        self._extras: dict[int, list[Extra]] = {}
        for extra in matched.extras:
            act = extra.twin.act if extra.twin else extra.suspect
            if act is not None:
                self._extras.setdefault(id(act), []).append(extra)

    def operations(self) -> Iterable[OperationEvents]:
        """Each operation that publishes something, or for which something was published."""
        by_label: dict[str, list[Act]] = {}
        for act in self._matched.acts:
            by_label.setdefault(act.label, []).append(act)
        for label, acts in by_label.items():
            names = self._declared.of(label)
            if not names and not any(id(act) in self._extras for act in acts):
                continue
            told = [(act, self._request(act)) for act in acts]
            chosen = sorted(told, key=lambda t: (not self._wrong(t[1]), t[0].exchange.scenario != "events"))
            kept = sorted(chosen[:MOST_REQUESTS], key=lambda t: t[0].exchange.number)
            yield OperationEvents(
                operation=label, publishes=list(names), total=len(acts), requests=[r for _, r in kept]
            )

    @staticmethod
    def _wrong(request: SeenRequest) -> bool:
        return bool(request.missing) or any(event.problem for event in request.events)

    def _request(self, act: Act) -> SeenRequest:
        exchange, pairs = act.exchange, self._pairs.get(id(act), [])
        events = [self.event(p.event, "") for p in pairs if p.event is not None]
        events += [
            self.event(extra.event, "twice" if extra.twin else "unexpected")
            for extra in self._extras.get(id(act), ())
        ]
        missing = [p.name for p in pairs if p.event is None and act.changed is True and act.sure]
        return SeenRequest(
            request=self._clean(f"{exchange.request.method} {urlsplit(exchange.request.url).path}"),
            status=exchange.status,
            step=exchange.step,
            events=events,
            missing=missing,
        )

    def event(self, event: Event, problem: str) -> SeenEvent:
        """A message as the result has it."""
        message, data = event.message, json.dumps(event.data, default=str, ensure_ascii=False)
        return SeenEvent.model_validate(
            {
                "name": self._clean(event.name or event.type or ""),
                "topic": self._clean(message.topic),
                "partition": message.partition,
                "offset": message.offset,
                "key": None if event.key is None else self._clean(event.key),
                "id": None if event.id is None else self._clean(event.id),
                "time": None if event.time is None else self._clean(event.time),
                "data": elide(self._clean(data), LONGEST),
                "problem": problem,
            }
        )
