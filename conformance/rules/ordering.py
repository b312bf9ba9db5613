"""Whether items come in the order of a field, whatever collation a service has."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from conformance.model.compare import moment

WORD = re.compile(r"[A-Za-z0-9]+")


def in_order(
    items: Sequence[dict[str, Any]], name: str, direction: str, key: str, own: Collection[str]
) -> bool | None:
    """Whether the values of a field are in order; None where fewer than two that differ can be compared.

    Of texts only plain words of the items `own` (by identifier) are compared. The direction is `asc`,
    `desc` or `either`.
    """
    values = [(str(item.get(key)), item[name]) for item in items if item.get(name) is not None]
    shown = [value for _, value in values]
    if any(not isinstance(value, str | int | float) for value in shown):
        return None
    if all(isinstance(value, str) for value in shown):
        moments = [moment(value) for value in shown]
        if shown and all(moments):
            return _ordered([moments], direction)
        words = [value for identifier, value in values if identifier in own and WORD.fullmatch(value)]
        return _ordered([[read(word) for word in words] for read in COLLATIONS], direction)
    if any(isinstance(value, str) for value in shown):
        return None
    return _ordered([shown], direction)


def _ordered(readings: list[list[Any]], direction: str) -> bool | None:
    if len({repr(value) for value in readings[0]}) < 2:
        return None
    ways = {"asc": (False,), "desc": (True,)}.get(direction, (False, True))
    return any(values == sorted(values, reverse=way) for values in readings for way in ways)


def _natural(word: str) -> list[tuple[int, str]]:
    """With numbers in it read as numbers: `a2` before `a10`."""
    return [
        (int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", word.lower())
    ]


COLLATIONS: tuple[Callable[[str], Any], ...] = (str, str.casefold, _natural)
"""The orders of a text that a service may have; letters before or after digits is the same in all."""
