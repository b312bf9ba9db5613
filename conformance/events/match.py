"""Which event was published for which request: by the object both are about, and by what they say of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.events.declared import Declared
from conformance.events.envelope import Event, understood
from conformance.events.likeness import alike, differing, facts, folded, identities, keys, shared
from conformance.events.writes import Act, acts
from conformance.model.record import Record
from conformance.model.resources import Resource
from conformance.model.service import Service


@dataclass(frozen=True)
class Pair:
    """A declared event of an accepted write: `event` is None where it was not seen.

    `differing` are the fields in which it does not agree with the object; `aggregate` is the object's
    identifier, its own or that of one above it, whichever the operation's events are about.
    """

    act: Act
    name: str
    event: Event | None
    aggregate: str
    differing: tuple[str, ...] = ()


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

    def of(self, act: Act) -> list[Event]:
        """The events of one request, those that it should not have published included."""
        own = [p.event for p in self.pairs if p.act is act and p.event is not None]
        return own + [x.event for x in self.extras if x.suspect is act]


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
        if event.name in declared.published:
            by_name[event.name].append(event)
    for name in sorted(declared.published):
        writes = [a for a in result.acts if name in declared.of(a.label) and a.accepted]
        left = _pair(name, writes, by_name[name], result.pairs)
        suspects = _Suspects(name, result, declared)
        result.extras += [suspects.blame(event) for event in left]
    return result


def _pair(name: str, writes: list[Act], events: list[Event], pairs: list[Pair]) -> list[Event]:
    """Pair the writes that declare a name with the events of that name; those left over are returned."""
    left = events
    for label in dict.fromkeys(a.label for a in writes):
        role = _role([a for a in writes if a.label == label], events)
        pairs += [Pair(a, name, None, a.ids[role]) for a in writes if a.label == label and len(a.ids) > role]
    mine = [(at, p) for at, p in enumerate(pairs) if p.name == name]
    mine.sort(key=lambda found: found[1].act.exchange.number)
    grouped: dict[tuple[str, str], list[tuple[int, Pair]]] = defaultdict(list)
    for at, pair in mine:
        resource = pair.act.resource
        grouped[resource.name if resource else pair.act.operation.path, pair.aggregate].append((at, pair))
    # First by what the data call their object, then, for what that leaves, by the key.
    for by_key in (False, True):
        index = _Index(left, by_key=by_key)
        for group in grouped.values():
            open_ = [(at, p) for at, p in group if pairs[at].event is None]
            if not open_:
                continue
            about = index.about(open_[0][1])
            for at, event in _aligned(open_, about):
                pair = pairs[at]
                wrong = differing(event, pair.act.resource, _expected(pair.act))
                pairs[at] = Pair(pair.act, name, event, pair.aggregate, tuple(wrong))
                index.take(event)
        left = index.left
    return left


class _Index:
    """Events by what they are about, as each resource understands it."""

    def __init__(self, events: list[Event], *, by_key: bool) -> None:
        self._events = events
        self._by_key = by_key
        self._taken: set[int] = set()
        self._indexes: dict[str, dict[str, list[Event]]] = {}

    def about(self, pair: Pair) -> list[Event]:
        """The events that are left and about the aggregate of a pair."""
        resource = pair.act.resource
        name = resource.name if resource else ""
        if name not in self._indexes:
            index: dict[str, list[Event]] = defaultdict(list)
            for event in self._events:
                for identity in keys(event) if self._by_key else identities(event, resource):
                    index[identity].append(event)
            self._indexes[name] = index
        found = self._indexes[name].get(pair.aggregate, ())
        return [e for e in found if e.message.number not in self._taken]

    def take(self, event: Event) -> None:
        """It is left no longer."""
        self._taken.add(event.message.number)

    @property
    def left(self) -> list[Event]:
        """The events that were not taken."""
        return [e for e in self._events if e.message.number not in self._taken]


def _role(writes: list[Act], events: list[Event]) -> int:
    """Which of an operation's identifiers its events are about: most often that of the object itself."""
    depth = max((len(a.ids) for a in writes), default=0)

    def score(role: int) -> int:
        known = {a.ids[role] for a in writes if len(a.ids) > role}
        resource = writes[0].resource
        return sum(bool(identities(e, resource) & known) for e in events)

    return max(range(depth), key=lambda role: (score(role), -role), default=0)


def _expected(act: Act) -> object:
    """The object that the event speaks of: as it is after the write, before it where it is gone."""
    return act.shown if act.shown is not None else act.before


def _aligned(writes: list[tuple[int, Pair]], events: list[Event]) -> list[tuple[int, Event]]:
    """Each event with a write: with the first one that it agrees with, then in order with those left over.

    A write that changed nothing comes last: it need not have published.
    """
    free, found = list(events), []
    order = sorted(writes, key=lambda w: (w[1].act.changed is False, w[1].act.exchange.number))
    waiting = []
    for at, pair in order:
        agreeing = next((e for e in free if not differing(e, pair.act.resource, _expected(pair.act))), None)
        if agreeing is None:
            waiting.append(at)
        else:
            free.remove(agreeing)
            found.append((at, agreeing))
    found += zip(waiting, free, strict=False)
    return found


@dataclass
class _Suspects:
    """The requests that may be to blame for an event that no write accounts for."""

    name: str
    matched: Matched
    declared: Declared

    def blame(self, event: Event) -> Extra:
        """The event, with the request that it seems to come of."""
        about = [a for a in self.matched.acts if self._about(event, a)]
        twin = next((p for p in self._pairs() if p.event and self._same_id(p.event, event)), None)
        suspect = self._in_window(event, about) or self._by_content(event)
        if twin is None and (suspect is None or suspect.accepted):
            twin = next((p for p in self._pairs() if p.event and self._says_the_same(p, event)), None)
        return Extra(event, suspect, twin)

    def _pairs(self) -> Iterable[Pair]:
        return (p for p in self.matched.pairs if p.name == self.name)

    @staticmethod
    def _same_id(one: Event, other: Event) -> bool:
        return one.id is not None and one.id == other.id

    @staticmethod
    def _says_the_same(pair: Pair, event: Event) -> bool:
        return pair.event is not None and pair.event.data == event.data and pair.event.key == event.key

    @staticmethod
    def _about(event: Event, act: Act) -> bool:
        return bool(act.ids) and act.ids[0] in identities(event, act.resource) | keys(event)

    def _in_window(self, event: Event, about: list[Act]) -> Act | None:
        """The last request about the object that was sent before the event was there, and after one whose
        event had been waited for: in between nothing else can have caused it."""
        windows = [a for a in about if 0 < int(a.exchange.facts.get("window", 0)) <= event.message.number]
        if not windows:
            return None
        latest = max(int(a.exchange.facts["window"]) for a in windows)
        here = [a for a in windows if a.exchange.facts["window"] == latest]
        # What was refused, or asked for nothing, is the likelier one beside writes that have their event.
        here.sort(key=lambda a: (a.accepted and not a.operation.safe, a.exchange.number))
        return here[0]

    def _by_content(self, event: Event) -> Act | None:
        """The refused request, or the one without an answer, whose body the event repeats."""
        for act in self.matched.acts:
            sent = act.exchange.facts.get("sent")
            if act.accepted or not isinstance(sent, dict) or self.name not in self.declared.of(act.label):
                continue
            if repeats(event, act.resource, sent):
                return act
        return None


def repeats(event: Event, resource: Resource | None, sent: dict[str, object]) -> bool:
    """Whether the event's data have the body's fields, and among them a text that no other body has."""
    names = shared(event, resource, sent)
    by_name = {folded(name): value for name, value in sent.items()}
    told = facts(event, resource)
    same = [n for n in names if alike(told[n], by_name[folded(n)])]
    telling = [n for n in same if isinstance(told[n], str) and len(told[n]) >= 8]
    return bool(telling) and len(same) == len(names)
