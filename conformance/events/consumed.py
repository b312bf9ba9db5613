"""What a service is told to handle, and what a handled message changes for a client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

PLACE = re.compile(r"\{([^{}]+)\}")
"""A place in a message, within the path of an effect: `{data.author_id}`."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """A message that is handled, what it changes (`GET /path/{data.field}`), and where poison goes."""

    name: str
    topic: str
    effect: str | None = None
    dead_letter: str | None = None

    @property
    def label(self) -> str:
        """What findings call it."""
        return f"consumes {self.name}"

    @property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """The places in the data that the effect's path names: `data.author_id` → ("author_id",)."""
        found = (tuple(place.split(".")) for place in PLACE.findall(self.effect or ""))
        return tuple(steps[1:] for steps in found if steps[0] == "data" and len(steps) > 1)

    def path(self, data: Any) -> str | None:
        """The effect's path for a message with this data; None where it names something that is not there."""
        _, _, path = (self.effect or "").partition(" ")

        def value(match: re.Match[str]) -> str:
            first, *steps = match[1].split(".")
            found = look(data, steps) if first == "data" and steps else None
            if found is None:
                raise LookupError(match[1])
            return quote(str(found), safe="")

        try:
            return PLACE.sub(value, path)
        except LookupError:
            return None


def look(data: Any, steps: Any) -> Any:
    """What is at the end of some steps into JSON data; None where nothing is."""
    for step in steps:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data
