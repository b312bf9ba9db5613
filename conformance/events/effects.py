"""What a handled message changed, as the answers of the effect's operation show it."""

from collections.abc import Collection, Iterator
from typing import Any

from conformance.model.record import Response


def leaves(response: Response | None) -> dict[str, str]:
    """An answer as places and values: its status, and each leaf of its JSON; empty where none came."""
    if response is None:
        return {}
    return {"": str(response.status), **dict(_leaves(response.json, ""))}


def differing(one: Response | None, other: Response | None, ignored: Collection[str] = ()) -> list[str]:
    """The places in which two answers differ, but for those ignored."""
    before, after = leaves(one), leaves(other)
    return sorted(
        p for p in before.keys() | after.keys() if before.get(p) != after.get(p) and p not in ignored
    )


def shown(response: Response | None, places: Collection[str]) -> str:
    """The values at these places, for a finding."""
    there = leaves(response)
    return ", ".join(f"{place or 'status'} {there.get(place, 'absent')}" for place in places)


def _leaves(data: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _leaves(value, f"{at}/{name}")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _leaves(value, f"{at}/{number}")
    else:
        yield at or "/", repr(data)
