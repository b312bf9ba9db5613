"""One root is one finding: what a rule has found is not told by another as well."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from conformance.judge.group import Group, group
from conformance.judge.rule import Observation


def told_once(found: Mapping[str, Sequence[Group]]) -> dict[str, list[Group]]:
    """The findings by rule, less what rules that they yield to tell of the same exchanges.

    Those say which rules see the same, so that nobody looks for it in vain.
    """
    left = {rule: list(groups) for rule, groups in found.items()}
    seen_by: dict[tuple[str, int], set[str]] = defaultdict(set)
    for rule, groups in found.items():
        roots = {number: root for root in _yields_to(groups) for number in _numbers(found.get(root, ()))}
        kept: list[Observation] = []
        for observation in (o for each in groups for o in each.observations):
            number = observation.exchanges[-1].number if observation.exchanges else None
            if number is not None and number in roots:
                seen_by[roots[number], number].add(rule)
            else:
                kept.append(observation)
        left[rule] = group(groups[0].rule, kept) if groups else []
    return {rule: [_referring(each, seen_by) for each in groups] for rule, groups in left.items()}


def _yields_to(groups: Sequence[Group]) -> tuple[str, ...]:
    return groups[0].rule.yields_to if groups else ()


def _numbers(groups: Iterable[Group]) -> set[int]:
    """The exchanges that findings rest on."""
    return {e.number for each in groups for o in each.observations for e in o.exchanges}


def _referring(each: Group, seen_by: Mapping[tuple[str, int], set[str]]) -> Group:
    """The finding, and by which rules it is seen as well."""

    def told(observation: Observation) -> Observation:
        keys = ((each.rule.id, exchange.number) for exchange in observation.exchanges)
        others = sorted({rule for key in keys for rule in seen_by.get(key, ())})
        words = f"{observation.message} ({' and '.join(others)} would tell the same)"
        return replace(observation, message=words) if others else observation

    return replace(each, observations=tuple(map(told, each.observations)))
