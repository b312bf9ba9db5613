"""Which event was published for which request: by the object both are about, and by what they say of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.events.convention import noun_of
from conformance.events.declared import Declared
from conformance.events.envelope import Event, understood
from conformance.events.likeness import identities, keys, repeats
from conformance.events.pairing import Pair, Windows, pair_up, window_of
from conformance.events.writes import Act, acts
from conformance.model.record import Record
from conformance.model.service import Service


@dataclass(frozen=True)
class Extra:
    """An event that no accepted write accounts for: `suspect` is the request that it seems to come of.

    `twin` is an event of an accepted write that says the same.
    """

    event: Event
    suspect: Act | None = None
    twin: Pair | None = None


@dataclass
class Matched:
    """All of a record's acts and events, put together."""

    acts: list[Act] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)


class _Cache:
    """The last record that was matched: a dozen rules ask for the same one in a row."""

    key: tuple[int, int, int, int] | None = None
    record: Record | None = None
    found = Matched()


def match(record: Record, service: Service) -> Matched:
    """Match a record's messages to its requests; the same for all rules that ask."""
    key = (id(record), id(service), len(record), len(record.messages))
    if _Cache.key != key or _Cache.record is not record:
        _Cache.found = _match(record, service)
        _Cache.key, _Cache.record = key, record
    return _Cache.found


def _match(record: Record, service: Service) -> Matched:
    declared = service.events
    if declared is None:
        return Matched()
    result = Matched(acts(record, service), [understood(m, declared) for m in record.messages if not m.ours])
    by_name: dict[str, list[Event]] = defaultdict(list)
    for event in result.events:
        for name in {event.name, *event.possible} & declared.published:
            by_name[name or ""].append(event)
    windows, taken = Windows.of(result.acts), set[int]()
    loose = set()
    for name in sorted(declared.published):
        writes = [a for a in result.acts if name in declared.of(a.label) and a.accepted]
        own = [a for a in writes if _is_its_own(name, a, declared, service)]
        if len(own) < len(writes) or not all(a.ids for a in own):
            loose.add(name)
        waiting = [e for e in by_name[name] if e.message.number not in taken]
        left = pair_up(name, own, waiting, result.pairs, windows)
        taken |= {e.message.number for e in waiting} - {e.message.number for e in left}
    for name in sorted(declared.published):
        suspects = _Suspects(name, result, declared)
        stray = [e for e in by_name[name] if e.message.number not in taken and e.name == name]
        found = [suspects.blame(event) for event in stray]
        # Of a write that does not tell what it made, or that touches objects of another kind as well, nobody
        # knows how many events there are to be.
        result.extras += [x for x in found if name not in loose or x.twin or _is_silent(x.suspect)]
    return result


def _is_its_own(name: str, act: Act, declared: Declared, service: Service) -> bool:
    """Whether an event is about the object of the operation: `PostDeleted` of `DELETE /users/{id}` is not."""
    message = declared.message(name)
    about = noun_of(message, service.resources) if message else None
    return about is None or act.resource is None or about is act.resource


def _is_silent(act: Act | None) -> bool:
    """Whether a request was to publish nothing."""
    return act is not None and (act.operation.safe or not act.accepted)


@dataclass
class _Suspects:
    """The requests that may be to blame for an event that no write accounts for."""

    name: str
    matched: Matched
    declared: Declared

    def blame(self, event: Event) -> Extra:
        """The event, with the request that it seems to come of."""
        again = next((p for p in self._pairs() if p.event and self._same_id(p.event, event)), None)
        if again is not None:
            return Extra(event, twin=again)
        about = [a for a in self.matched.acts if self._about(event, a)]
        suspect = self._in_window(event, about)
        if suspect is not None and (suspect.operation.safe or not suspect.accepted):
            return Extra(event, suspect)
        twin = next((p for p in self._pairs() if p.event and self._says_the_same(p, event)), None)
        if twin is not None:
            again_refused = self._refused_again(event, twin)
            return Extra(event, again_refused) if again_refused else Extra(event, suspect, twin)
        return Extra(event, suspect or self._by_content(event))

    def _pairs(self) -> Iterable[Pair]:
        return (p for p in self.matched.pairs if p.name == self.name)

    @staticmethod
    def _same_id(one: Event, other: Event) -> bool:
        return one.id is not None and one.id == other.id

    @staticmethod
    def _says_the_same(pair: Pair, event: Event) -> bool:
        return pair.event is not None and pair.event.data == event.data and pair.event.key == event.key

    def _refused_again(self, event: Event, twin: Pair) -> Act | None:
        """The refused request with the body of the twin's that was sent when the twin had come, before the
        event did."""
        sent, first = twin.act.exchange.facts.get("sent"), twin.event.message.number if twin.event else 0
        for act in self.matched.acts:
            same = act.label == twin.act.label and act.exchange.facts.get("sent") == sent
            if sent and same and act.exchange.refused and first < window_of(act) <= event.message.number:
                return act
        return None

    @staticmethod
    def _about(event: Event, act: Act) -> bool:
        return bool(act.ids) and act.ids[0] in identities(event, act.resource) | keys(event)

    def _in_window(self, event: Event, about: list[Act]) -> Act | None:
        """The last request about the object that was sent before the event was there, and after one whose
        event had been waited for: in between nothing else can have caused it."""
        before = [a for a in about if 0 < window_of(a) <= event.message.number]
        latest = max((window_of(a) for a in before), default=0)
        here = self._between(event, [a for a in before if window_of(a) == latest])
        # What was refused, or asked for nothing, is the likelier one beside writes that have their event.
        here.sort(key=lambda a: (a.accepted and not a.operation.safe, a.exchange.number))
        return here[0] if here else None

    def _between(self, event: Event, here: list[Act]) -> list[Act]:
        """Those of a window's acts that were sent after what caused the event before this one, and before
        what caused the one after: events of one object stand in the order of their requests."""
        numbers = {a.exchange.number for a in here}
        mine = [p for p in self._pairs() if p.event and p.act.exchange.number in numbers]
        place = event.message.number
        after = [p.act.exchange.number for p in mine if p.event and p.event.message.number < place]
        until = [p.act.exchange.number for p in mine if p.event and p.event.message.number > place]
        low, high = max(after, default=0), min(until, default=max(numbers, default=0) + 1)
        return [a for a in here if low < a.exchange.number < high] or here

    def _by_content(self, event: Event) -> Act | None:
        """The request that was not accepted and whose body, or an item of it, the event repeats."""
        for act in self.matched.acts:
            facts = act.exchange.facts
            bodies = [b for b in (facts.get("sent"), *facts.get("items", ())) if isinstance(b, dict)]
            declared = not act.accepted and self.name in self.declared.of(act.label)
            if declared and any(repeats(event, act.resource, body) for body in bodies):
                return act
        return None
