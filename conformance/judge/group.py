"""One cause is one finding, however many operations show it."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from conformance.judge.rule import Observation, Rule


@dataclass(frozen=True, slots=True)
class Group:
    """Observations of one rule with one cause; `shown` is the one that a report quotes."""

    rule: Rule
    cause: str
    operations: tuple[str, ...]
    observations: tuple[Observation, ...]

    @property
    def shown(self) -> Observation:
        """The observation with the smallest last request: the easiest one to repeat."""
        return min(self.observations, key=_size)

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits of the rule, the operations and the cause; never of values or times."""
        return fingerprint(self.rule.id, self.operations, self.cause)

    @property
    def cause_print(self) -> str:
        """The same of the rule and the cause alone: which operations show it may depend on luck."""
        return fingerprint(self.rule.id, (), self.cause)

    def part(self, operations: Collection[str]) -> "Group":
        """What of it some of the operations show."""
        return replace(
            self,
            operations=tuple(operation for operation in self.operations if operation in operations),
            observations=tuple(o for o in self.observations if o.operation in operations),
        )


def fingerprint(rule: str, operations: Iterable[str], cause: str) -> str:
    """Sixteen hex digits of a rule's id, operations and a cause."""
    parts = "\n".join([rule, *operations, cause])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _size(observation: Observation) -> tuple[int, str]:
    if not observation.exchanges:
        return (0, observation.operation)
    request = observation.exchanges[-1].request
    return (len(request.url) + len(request.body), observation.operation)


def group(rule: Rule, broken: Iterable[Observation]) -> list[Group]:
    """The findings of a rule, those with most operations first."""
    causes: dict[str, list[Observation]] = {}
    for observation in broken:
        causes.setdefault(observation.cause, []).append(observation)
    groups = [
        Group(rule, cause, tuple(sorted({o.operation for o in seen})), tuple(seen))
        for cause, seen in causes.items()
    ]
    return sorted(groups, key=lambda g: (-len(g.operations), g.operations, g.cause))
