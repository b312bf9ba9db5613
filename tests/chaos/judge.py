"""What is wrong with what a run saw. Pure: it asks nobody."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from datetime import datetime

from tests.chaos.observation import Change, Observation

TOTAL, START = "total", "before the first kill"
_HANDLED = ("PostCreated", "PostDeleted", "UserRegistered")
_DELTAS = {"PostCreated": 1, "PostDeleted": -1}


@dataclass(slots=True)
class Row:
    """What became of the changes between a kind of kill and the next kill of any kind."""

    kills: int = 0
    committed: int = 0
    published: int = 0
    duplicates: int = 0
    lost: int = 0
    invented: int = 0
    out_of_order: int = 0
    applied_twice: int = 0
    not_applied: int = 0
    # Seconds from the kill until a later change had gone all the way.
    recovery: float = 0.0

    def add(self, other: "Row") -> None:
        """Sum up; of the recoveries, the longest."""
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            setattr(self, field.name, max(mine, theirs) if field.name == "recovery" else mine + theirs)


@dataclass(slots=True)
class Report:
    """The table, and what else is wrong, as sentences."""

    rows: dict[str, Row]
    troubles: list[str]

    @property
    def total(self) -> Row:
        """Over all kills."""
        return self.rows[TOTAL]

    @property
    def faultless(self) -> bool:
        """Whether all was published and applied once, in order, and nothing else."""
        total = self.total
        wrong = (total.lost, total.invented, total.out_of_order, total.applied_twice, total.not_applied)
        return not any(wrong) and not self.troubles


class _Timeline:
    """Which kind of kill was the last one at a moment."""

    def __init__(self, seen: Observation) -> None:
        self._starts = [kill.at for kill in seen.kills]
        self._labels = [START, *(" + ".join(kill.targets) for kill in seen.kills)]

    def label(self, at: datetime) -> str:
        return self._labels[bisect_right(self._starts, at)]


def judge(seen: Observation) -> Report:
    """Compare what was committed with what was published and applied."""
    timeline = _Timeline(seen)
    rows: defaultdict[str, Row] = defaultdict(Row)
    for kill in seen.kills:
        row = rows[" + ".join(kill.targets)]
        row.kills += 1
        if kill.recovered_at:
            row.recovery = max(row.recovery, (kill.recovered_at - kill.at).total_seconds())
    for change in seen.changes:
        rows[timeline.label(change.at)].committed += 1
    _judge_publishing(seen, timeline, rows)
    _judge_applying(seen, timeline, rows)
    total = Row()
    for row in rows.values():
        total.add(row)
    return Report(
        {**dict(sorted(rows.items(), key=lambda item: -item[1].kills)), TOTAL: total}, _troubles(seen)
    )


def _judge_publishing(seen: Observation, timeline: _Timeline, rows: defaultdict[str, Row]) -> None:
    changes = {change.identity: change for change in seen.changes}
    events: dict[str, Change | None] = {}
    told: set[int] = set()
    places: defaultdict[tuple[str, str], list[Change]] = defaultdict(list)
    for message in seen.published:
        if message.id in events:
            rows[timeline.label(message.at)].duplicates += 1
        else:
            change = changes.get(message.identity)
            # A second event of the same change tells of a change that never was.
            events[message.id] = change if change and change.seq not in told else None
            if change is None or change.seq in told:
                rows[timeline.label(message.at)].invented += 1
            else:
                told.add(change.seq)
        if found := events[message.id]:
            places["users" if found.type == "UserRegistered" else "posts", message.key].append(found)
    for change in seen.changes:
        row = rows[timeline.label(change.at)]
        if change.seq in told:
            row.published += 1
        else:
            row.lost += 1
    for sent in places.values():
        for change in _misplaced(sent):
            rows[timeline.label(change.at)].out_of_order += 1


def _misplaced(sent: list[Change]) -> set[Change]:
    """Those that first came, or last came, after a later one. That a whole run comes again is no harm."""
    first = list(dict.fromkeys(sent))
    last = list(dict.fromkeys(reversed(sent)))[::-1]
    return {
        change
        for order in (first, last)
        for i, change in enumerate(order)
        if any(c.seq > change.seq for c in order[:i])
    }


def _judge_applying(seen: Observation, timeline: _Timeline, rows: defaultdict[str, Row]) -> None:
    due: Counter[tuple[int, int]] = Counter()
    for change in seen.changes:
        if change.type in _DELTAS:
            due[change.author, _DELTAS[change.type]] += 1
    for step in seen.applied:
        for _ in range(abs(step.delta)):
            place = step.author, 1 if step.delta > 0 else -1
            due[place] -= 1
            if due[place] < 0:
                rows[timeline.label(step.at)].applied_twice += 1
    missing = +due
    for change in reversed(seen.changes):
        place = change.author, _DELTAS.get(change.type, 0)
        if missing[place] > 0:
            missing[place] -= 1
            rows[timeline.label(change.at)].not_applied += 1


def _troubles(seen: Observation) -> list[str]:
    found = []
    counts = {
        "events that the consumer's inbox lacks": len(
            {m.id for m in seen.published if m.type in _HANDLED} - seen.handled
        ),
        "authors whose statistics are not the number of their posts": sum(
            seen.posts.get(author, 0) != seen.statistics.get(author, 0)
            for author in seen.posts.keys() | seen.statistics.keys()
        ),
        "acknowledged changes that were never committed": len(_unkept(seen)),
        "dead letters": seen.dead_letters,
        "rows of the outbox that were not sent": seen.unsent,
        "rows of the outbox that were set aside": seen.set_aside,
    }
    found += [f"{number:,} {what}" for what, number in counts.items() if number]
    found += [f"ended by itself: {name}" for name in seen.ended]
    found += [
        f"{number:,} answers {status} to `{name}`"
        for (name, status), number in sorted(seen.answers.statuses.items())
        if status >= 500 and status != 503 and name != "refuse: at commit"
    ]
    return found


def _unkept(seen: Observation) -> set[tuple[str, str, datetime | None]]:
    kept = {
        (c.type, c.key, c.content[-1] if c.type in ("PostCreated", "PostUpdated") else None)
        for c in seen.changes
    }
    return {item for item in seen.answers.acknowledged if item not in kept}
