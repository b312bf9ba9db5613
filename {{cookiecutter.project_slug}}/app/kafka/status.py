"""What probes may ask of the events' tasks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

BrokerState = Literal["up", "down", "unknown"]


@dataclass(slots=True)
class TaskStatus:
    """One task: when it last gave a sign of life, and whether the broker answered it."""

    name: str
    clock: Callable[[], float] = time.monotonic
    broker: BrokerState = "unknown"
    error: str | None = None
    beat_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.beat_at = self.clock()

    def beat(self) -> None:
        """The task goes round."""
        self.beat_at = self.clock()

    def silence(self) -> float:
        """Seconds since the last sign of life."""
        return self.clock() - self.beat_at

    def succeed(self) -> None:
        """The broker answered."""
        self.broker, self.error = "up", None

    def fail(self, error: BaseException, *, broker: bool) -> None:
        """Something went wrong, with the broker or elsewhere. The text is for the log, not for clients."""
        self.error = f"{type(error).__name__}: {error}"
        if broker:
            self.broker = "down"


@dataclass(slots=True)
class EventsStatus:
    """All tasks of this process. A broker that is away makes it neither dead nor unready."""

    silence_limit: float
    tasks: list[TaskStatus] = field(default_factory=list)

    def add(self, name: str) -> TaskStatus:
        """The status of a new task."""
        task = TaskStatus(name)
        self.tasks.append(task)
        return task

    @property
    def broker(self) -> BrokerState:
        """`down` where any task has found it so, `up` where all that know have."""
        states = {task.broker for task in self.tasks}
        return "down" if "down" in states else "up" if "up" in states else "unknown"

    @property
    def alive(self) -> bool:
        """Whether every task goes round. If not, the restarts by its supervisor have not helped either."""
        return all(task.silence() < 2 * self.silence_limit for task in self.tasks)
