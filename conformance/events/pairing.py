"""Puts the events of one kind and the writes that declare it together, each event with one write."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.events.envelope import Event
from conformance.events.likeness import differing, identities, keys, repeats, shared
from conformance.events.writes import Act


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
class Windows:
    """Between which messages the event of a write of the events' own scenario was waited for."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, found: Iterable[Act]) -> "Windows":
        """The windows of a record."""
        return cls(tuple(sorted({window_of(act) for act in found} - {0})))

    def holds(self, act: Act, event: Event) -> bool:
        """Whether the event came in the window of the act; an act of another scenario has none."""
        start = window_of(act)
        end = next((s for s in self.starts if s > start), None)
        return start <= event.message.number and (end is None or event.message.number < end)


def window_of(act: Act) -> int:
    """The number of the first message that can be of the act; 0 where nothing was waited for before it."""
    return int(act.exchange.facts.get("window", 0))


def pair_up(
    name: str, writes: list[Act], events: list[Event], pairs: list[Pair], windows: Windows
) -> list[Event]:
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
            for at, event in _aligned(open_, about, windows):
                pair = pairs[at]
                wrong = differing(event, pair.act.resource, _expected(pair.act))
                pairs[at] = Pair(pair.act, name, event, pair.aggregate, tuple(wrong))
                index.take(event)
        left = index.left
    return _by_content(name, [a for a in writes if not a.ids], left, pairs)


def _by_content(name: str, writes: list[Act], events: list[Event], pairs: list[Pair]) -> list[Event]:
    """Events of writes whose answers do not tell what they made (a 202, say), by what was sent."""
    left = list(events)
    for act in writes:
        sent = act.exchange.facts.get("sent")
        found = [e for e in left if isinstance(sent, dict) and repeats(e, act.resource, sent)]
        if found:
            left.remove(found[0])
            about = sorted(identities(found[0], act.resource))
            pairs.append(Pair(act, name, found[0], about[0] if about else ""))
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


def _aligned(
    writes: list[tuple[int, Pair]], events: list[Event], windows: Windows
) -> list[tuple[int, Event]]:
    """Each event with a write of its object, as the arrangement has it that leaves least over.

    An event that tells what an earlier write left behind is a late one of that, or one that is stale: late
    ones leave no write without an event, stale ones leave the last write and the first event over.
    """
    found = _arranged(writes, events, windows, late=True)
    missing = {at for at, pair in writes if pair.act.changed is not False} - {at for at, _ in found}
    if missing and len(found) < len(events):
        other = _arranged(writes, events, windows, late=False)
        return other if len(other) > len(found) else found
    return found


def _arranged(
    writes: list[tuple[int, Pair]], events: list[Event], windows: Windows, *, late: bool
) -> list[tuple[int, Event]]:
    """Events that came in the window of a write and agree with what it left behind, where they are allowed
    to be `late` those that agree with an earlier one, then what is left in order.

    A write that changed nothing comes last: it need not have published.
    """
    free, found = list(events), []
    waiting = sorted(writes, key=lambda w: w[1].act.exchange.number)

    def agrees(pair: Pair, event: Event) -> bool:
        return not differing(event, pair.act.resource, _expected(pair.act))

    def tells(pair: Pair, event: Event) -> list[str]:
        return shared(event, pair.act.resource, _expected(pair.act))

    def within(pair: Pair, event: Event) -> bool:
        return window_of(pair.act) > 0 and windows.holds(pair.act, event)

    def later(pair: Pair, event: Event) -> bool:
        return event.message.number >= window_of(pair.act)

    def changing(pair: Pair) -> bool:
        return pair.act.changed is not False

    passes: list[tuple[Callable[[Pair], bool], Callable[[Pair, Event], bool]]] = [
        (changing, lambda p, e: within(p, e) and agrees(p, e)),
        # A late event of the write before may have ended the wait, and with it the window, too early.
        (changing, lambda p, e: late and later(p, e) and agrees(p, e) and bool(tells(p, e))),
        (changing, within),
        (changing, lambda p, e: later(p, e) and agrees(p, e)),
        (changing, later),
        (lambda p: not changing(p), lambda p, e: (within(p, e) or window_of(p.act) == 0) and agrees(p, e)),
    ]
    for wanted, fits in passes:
        for at, pair in [w for w in waiting if wanted(w[1])]:
            event = next((e for e in free if fits(pair, e)), None)
            if event is not None:
                free.remove(event)
                waiting.remove((at, pair))
                found.append((at, event))
    return found
