"""Which processes are killed, and when: all of it from a seed."""

from dataclasses import dataclass
from random import Random

SERVICE, RELAY, CONSUMER, BROKER = "service", "relay", "consumer", "broker"
# Several at once, as when a machine goes down with what runs on it.
TARGETS: dict[tuple[str, ...], int] = {
    (SERVICE,): 26,
    (RELAY,): 26,
    (CONSUMER,): 22,
    (BROKER,): 9,
    (RELAY, BROKER): 5,
    (SERVICE, RELAY): 8,
    (CONSUMER, BROKER): 4,
}
# The share of rounds that see everything work again before the next; the others wait for the service alone.
CALM = 0.2


@dataclass(frozen=True, slots=True)
class Round:
    """One kill. Times are in seconds: until it, between several targets, and until they are started again."""

    targets: tuple[str, ...]
    pause: float
    stagger: float
    downtime: float
    calm: bool


def plan(seed: int, rounds: int) -> list[Round]:
    """The same rounds for the same seed."""
    random = Random(seed)  # noqa: S311 - to be repeated, not for secrets
    return [
        Round(
            targets=random.choices(list(TARGETS), list(TARGETS.values()))[0],
            pause=random.uniform(0.05, 1.2),
            stagger=random.uniform(0, 0.2),
            downtime=random.uniform(0, 0.5),
            calm=random.random() < CALM,
        )
        for _ in range(rounds)
    ]
