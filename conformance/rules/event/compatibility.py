"""Payloads beside those that were released last."""

from collections.abc import Iterator

from conformance.events.compatible import unreadable
from conformance.events.schemas import faults
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import SCENARIOS, SECTION, each


def _released(service: Service) -> list[str]:
    return [f"released {name}" for name in service.events.released] if service.events else []


@rule(
    "EVT016",
    contract="event",
    level="MUST",
    title="Payloads are compatible with those released",
    section=SECTION,
    mend="Add fields as optional ones; what must change otherwise gets a new type beside the old one.",
    applies=_released,
    scenarios=SCENARIOS,
)
def compatible(record: Record, service: Service) -> Iterator[Observation]:
    """The declared payloads get on with the last released schemas (`released` in [events]).

    `compatibility`: with `backward` the declared schema reads all that the released one allowed; with
    `forward` the released schema reads all that the declared one allows, and every payload that was seen;
    `full` is both. A message that was released is still there.
    """
    declared = service.events
    if declared is None:
        return
    payloads = [(event, message) for event, message in each(record, service) if message.payload is not None]
    for name, released in declared.released.items():
        label, message = f"released {name}", declared.message(name)
        problems: list[tuple[str, str]] = []
        if message is None:
            problems.append(("/", "is no longer declared"))
        elif message.payload is not None:
            if declared.compatibility in ("backward", "full"):
                problems += [(at, f"{why} (backward)") for at, why in unreadable(released, message.payload)]
            if declared.compatibility in ("forward", "full"):
                problems += [(at, f"{why} (forward)") for at, why in unreadable(message.payload, released)]
                for event, seen in payloads:
                    wrong = faults(released, event.value) if seen.name == message.name else []
                    problems += [(at, f"breaks `{word}` of the released schema") for at, word in wrong]
        for at, why in dict.fromkeys(problems):
            yield broken(
                label,
                cause=f"{at} {why}",
                message=f"{name} is not compatible with its released schema",
                expected=f"compatibility {declared.compatibility}",
                actual=f"{at} {why}",
            )
        if not problems:
            yield held(label)
