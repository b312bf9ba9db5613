"""What a refused rename leaves behind."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.lifecycle import GONE, LAYERS, shown, values
from conformance.rules.runs import runs
from conformance.rules.updates import taken

CONFLICT = 409


@rule(
    "API050",
    contract="api",
    level="MUST",
    title="A rename that is refused changes nothing",
    section=LAYERS,
    mend="Apply all fields, flush once, and roll back where the constraint speaks.",
    applies=lambda service: [
        op.label for r in service.resources if r.read for op in r.updates if "409" in op.responses
    ],
    needs=("writes",),
    scenarios=("taken",),
    silent="no update was refused because a value is taken",
)
def refused_rename_changes_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """After a 409 for a value that another object has, both objects read as they did.

    The update has new values for all other fields: what is stored field by field would keep some of them.
    """
    for resource, trace in runs(record, service, "taken"):
        for operation in resource.updates:
            steps = ("second before", "rename", "second after", "first after")
            found = [trace.step(f"{step} {operation.method}") for step in steps]
            before, act, after, other = found
            if before is None or act is None or after is None or other is None:
                continue
            if act.status != CONFLICT or not before.ok:
                continue
            sent, first = act.facts["sent"], act.facts["first"]
            moved = taken(sent, shown(before), shown(after)) if after.ok else []
            lost = different(first, shown(other)) if other.ok else []
            if after.status in GONE or moved:
                yield _left(operation.label, act, after, "the object", values(shown(after), moved))
            elif other.status in GONE or lost:
                yield _left(operation.label, act, other, "the other object", values(shown(other), lost))
            elif after.ok:
                yield held(operation.label, act, after, other)


def _left(label: str, act: Any, after: Any, which: str, what: str) -> Observation:
    return broken(
        label,
        act,
        after,
        cause=f"{which} is gone" if after.status in GONE else f"{which} is changed",
        message=f"a {act.request.method} is refused with 409, and {which} is changed all the same",
        expected="both objects as they were",
        actual=what if after.ok else str(after.status),
    )
