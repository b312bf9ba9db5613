"""Lost updates: of two changes of one state the second is noticed."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import same
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.model.versions import lock_of, must_match
from conformance.rules.conditions import is_done, refused, shown
from conformance.rules.races import is_busy
from conformance.scenarios.conditions import matches

SECTION = "Core Principles 6: Error Handling"
NOTICED = (409, 412)
REQUIRED = 428
SILENT = "no read showed a tag or a version"


def _updates(service: Service) -> list[str]:
    return [
        update.label
        for resource in service.resources
        for update in resource.updates
        if resource is not service.account_resource
        and resource.read
        and (lock_of(service.document, service.resources, update) or matches(update))
    ]


def _traces(record: Record, service: Service) -> Iterator[tuple[Resource, Trace]]:
    known = {f"versions {u.label}": r for r in service.resources for u in r.updates}
    for trace in record.traces("versions"):
        if trace.name in known:
            yield known[trace.name], trace


@rule(
    "API038",
    contract="api",
    level="MUST",
    title="A change of an old version is noticed",
    section=SECTION,
    mend="Write with WHERE id = … AND version = …; where no row was changed answer 409 (412 for If-Match).",
    applies=_updates,
    needs=("writes",),
    scenarios=("versions", "conditions"),
    silent=SILENT,
)
def old_version_is_noticed(record: Record, service: Service) -> Iterator[Observation]:
    """Where a change names the version that it changes, a second one of the same version is refused.

    The first one moves the version, the second gets a 4xx, and a read shows nothing of it. Where If-Match
    must be sent, a change without it is refused as well (RFC 6585 §3).
    """
    for resource, trace in _traces(record, service):
        start, one, between, another, after = (
            trace.step(s) for s in ("read", "one", "read between", "another", "read after")
        )
        if not (start and one and between and another and after and one.ok and between.ok):
            continue
        label, field = one.operation or "", str(one.facts.get("version") or "")
        was, now = shown(resource, between), shown(resource, after)
        lost = another.ok or (after.ok and is_done(another.facts["sent"], was, now))
        stands = field in was and shown(resource, start).get(field) == was[field]
        if stands:
            yield broken(
                label,
                start,
                one,
                between,
                cause="the version stands still",
                message=f"{field} is the same after a change",
                expected=f"another {field} than {was.get(field)}",
                actual=f"{field} = {was.get(field)}",
            )
        elif lost or another.status >= 500:
            yield broken(
                label,
                one,
                another,
                after,
                cause=f"the second change: {another.status}",
                message="a second change of the same version is done, and the first one is lost"
                if lost
                else "a second change of the same version ends in a server error",
                expected="409, or 412 for If-Match",
                actual=str(another.status),
            )
        elif another.refused:
            yield held(label, one, another, after)
    required = {op.label for op in service.document.operations if must_match(op)}
    for observation in refused(record, service, "omitted", "a change without If-Match", REQUIRED):
        if observation.operation in required:
            yield observation


@rule(
    "API040",
    contract="api",
    level="MUST",
    title="Of racing changes of one version one wins",
    section=SECTION,
    mend="Compare and write in one statement (WHERE version = …) or under a lock, not one after the other.",
    applies=_updates,
    needs=("writes",),
    scenarios=("versions",),
    silent=SILENT,
)
def one_change_wins(record: Record, service: Service) -> Iterator[Observation]:
    """Of changes of one version that are sent at once one is accepted, and the others are refused with a 4xx.

    What is read afterwards is what the winner sent. None may end in a 5xx, but for a 503 that says when to
    come again.
    """
    for resource, trace in _traces(record, service):
        race, after = trace.steps("together"), trace.step("read at last")
        if len(race) < 2:
            continue
        label = race[0].operation or ""
        won = [e for e in race if e.ok]
        crashed = [e for e in race if e.status >= 500 and not is_busy(e)]
        now = shown(resource, after) if after and after.ok else {}
        cause = (
            "several accepted"
            if len(won) > 1
            else "crashes"
            if crashed
            else "a loser is stored"
            if len(won) == 1 and _differs(won[0].facts["sent"], now, race)
            else ""
        )
        if cause:
            last = won[-1] if len(won) > 1 else crashed[0] if crashed else after or won[0]
            yield broken(
                label,
                *(e for e in race if e is not last),
                last,
                cause=cause,
                message={
                    "several accepted": "of changes of one version sent at once more than one is accepted",
                    "crashes": "changes of one version sent at once end in a server error",
                    "a loser is stored": "a change that was refused is what a read shows",
                }[cause],
                expected=f"one 2xx, and {len(race) - 1} times 409 or 412",
                actual=", ".join(str(status) for status in sorted(e.status for e in race)),
            )
        elif len(won) == 1 and all(e.refused for e in race if e is not won[0]):
            yield held(label, *race)


def _differs(sent: Any, now: dict[str, Any], race: list[Exchange]) -> bool:
    """Whether a field shows what a loser sent and the winner did not."""
    others = [e.facts["sent"] for e in race if e.refused]
    return any(
        name in now
        and not same(value, now[name])
        and any(name in other and same(other[name], now[name]) for other in others)
        for name, value in sent.items()
    )
