"""What a run saw: the facts that are judged, without any judgement."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

Content = tuple[object, ...]
# Type of the event, key, and the fields that tell one change of an object from another.
Identity = tuple[str, str, Content]


@dataclass(frozen=True, slots=True)
class Change:
    """A committed change that has to be published; `seq` is its place in the order of its key."""

    seq: int
    at: datetime
    type: str
    key: str
    author: int
    content: Content

    @property
    def identity(self) -> Identity:
        """What its event must say."""
        return self.type, self.key, self.content


@dataclass(frozen=True, slots=True)
class Published:
    """A message of a topic, in the order of its partition."""

    id: str
    at: datetime
    type: str
    key: str
    content: Content

    @property
    def identity(self) -> Identity:
        """What it says."""
        return self.type, self.key, self.content


@dataclass(frozen=True, slots=True)
class Applied:
    """A step of the consumer's projection: `delta` posts more for an author."""

    at: datetime
    author: int
    delta: int


@dataclass(slots=True)
class Kill:
    """One round: what was killed, when it was started again, and when all worked again."""

    targets: tuple[str, ...]
    at: datetime
    restarted_at: datetime | None = None
    recovered_at: datetime | None = None


@dataclass(slots=True)
class Answers:
    """What clients were told."""

    # By operation and status; status 0 is an answer that never came.
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    # Type, key and moment of each change that was acknowledged.
    acknowledged: list[tuple[str, str, datetime | None]] = field(default_factory=list)


@dataclass(slots=True)
class Observation:
    """All that is known at the end of a run."""

    kills: list[Kill]
    answers: Answers
    changes: list[Change]
    published: list[Published]
    applied: list[Applied]
    # Posts an author has by the table of posts, and by the projection.
    posts: dict[int, int]
    statistics: dict[int, int]
    handled: set[str]
    dead_letters: int
    unsent: int
    set_aside: int
    # What ended although nobody killed it, with its exit status.
    ended: list[str]
