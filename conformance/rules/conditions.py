"""If-Match is looked at before anything is changed (RFC 9110 §13.1.1)."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import same
from conformance.model.operation import Operation
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource, representation
from conformance.model.service import Service
from conformance.model.versions import is_weak
from conformance.rules.runs import runs
from conformance.scenarios.conditions import matches

ERRORS = "Core Principles 6: Error Handling"
FAILED, REQUIRED = 412, 428
GONE = (404, 410)
NO_TAG = "no answer had an ETag"


def _changes(service: Service) -> list[str]:
    return [op.label for _, op in _matching(service)]


def _matching(service: Service) -> Iterator[tuple[Resource, Operation]]:
    for resource in service.resources:
        for operation in (*resource.updates, resource.delete):
            if operation is not None and matches(operation) and resource is not service.account_resource:
                yield resource, operation


def _refusals(
    record: Record, service: Service, name: str
) -> Iterator[tuple[Resource, Operation, Exchange, Exchange, Exchange]]:
    """The looks before and after, and between them the change, for one kind of condition that is false."""
    for resource, trace in runs(record, service, "conditions"):
        for operation in (*resource.updates, resource.delete):
            if operation is None or not matches(operation):
                continue
            act = trace.step(f"{name} {operation.method}")
            after = trace.step(f"after {name} {operation.method}")
            before = _last(trace, act) if act else None
            if act is not None and after is not None and before is not None:
                yield resource, operation, before, act, after


def _last(trace: Trace, act: Exchange) -> Exchange | None:
    """The last look before a change."""
    looks = [e for e in trace.exchanges if e.number < act.number and e.step.startswith(("before ", "after "))]
    return next((e for e in reversed(looks) if e.ok), None)


def shown(resource: Resource, exchange: Exchange) -> dict[str, Any]:
    """The object in an answer; empty where there is none."""
    answer = exchange.response.json if exchange.response else None
    return representation(answer, resource.key) or {}


def is_done(sent: Any, was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether something that was sent is shown now and was not shown before."""
    return isinstance(sent, dict) and any(
        name in now and not same(was.get(name), now[name]) and same(value, now[name])
        for name, value in sent.items()
    )


def refused(record: Record, service: Service, name: str, message: str, status: int) -> Iterator[Observation]:
    """Whether changes under one kind of condition that is false are refused with `status`, and not done."""
    for resource, operation, before, act, after in _refusals(record, service, name):
        was, now = shown(resource, before), shown(resource, after)
        changed = after.status in GONE or is_done(act.facts.get("sent"), was, now)
        if act.ok or changed or act.status >= 500:
            yield broken(
                operation.label,
                before,
                act,
                after,
                cause="refused and done all the same" if act.refused else f"{name}: {act.status}",
                message=f"{message} is refused and done all the same"
                if act.refused
                else f"{message} is done"
                if act.ok
                else f"{message} ends in a server error",
                expected=f"{status}, and nothing changed",
                actual=f"{act.status}, and a read {'shows a change' if changed else 'shows none'}",
            )
        elif act.refused:
            yield held(operation.label, before, act, after)


@rule(
    "API035",
    contract="api",
    level="MUST",
    title="A stale If-Match changes nothing",
    section=ERRORS,
    mend="Compare If-Match with the present tag in the transaction that writes, and answer 412.",
    applies=_changes,
    needs=("writes",),
    scenarios=("conditions",),
    silent=NO_TAG,
)
def stale_match(record: Record, service: Service) -> Iterator[Observation]:
    """A change whose If-Match names a tag that has gone is refused, and a read shows nothing of it.

    RFC 9110 §13.1.1: 412. Another 4xx is no acceptance, and is not judged.
    """
    yield from refused(record, service, "stale", "a change of a state that has gone", FAILED)


@rule(
    "API036",
    contract="api",
    level="MUST",
    title="A present If-Match is accepted",
    section=ERRORS,
    mend="Read If-Match as a list of tags in quotes; accept where one of them is the present one.",
    applies=_changes,
    needs=("writes",),
    scenarios=("conditions",),
    silent=NO_TAG,
)
def present_match(record: Record, service: Service) -> Iterator[Observation]:
    """A change whose If-Match names the tag of the read before it, alone or in a list, gets no 412 or 428."""
    for resource, trace in runs(record, service, "conditions"):
        for operation in (*resource.updates, resource.delete):
            for name in ("listed", "current"):
                act = trace.step(f"{name} {operation.method}") if operation else None
                before = _last(trace, act) if act else None
                if operation is None or act is None or before is None or is_weak(str(act.facts["tag"])):
                    continue
                if act.status in (FAILED, REQUIRED):
                    yield broken(
                        operation.label,
                        before,
                        act,
                        cause=f"{name}: {act.status}",
                        message="a change under the present tag is refused"
                        + (" where other tags are named beside it" if name == "listed" else ""),
                        expected="2xx",
                        actual=str(act.status),
                    )
                elif act.ok:
                    yield held(operation.label, before, act)


@rule(
    "API037",
    contract="api",
    level="SHOULD",
    title="If-Match compares strongly",
    section=ERRORS,
    mend="Compare If-Match as it is: a tag that begins with W/ never matches.",
    applies=_changes,
    needs=("writes",),
    scenarios=("conditions",),
    silent="no answer had a strong ETag",
)
def strong_comparison(record: Record, service: Service) -> Iterator[Observation]:
    """A change whose If-Match names the present tag as a weak one (`W/"…"`) is refused (RFC 9110 §8.8.3.2).

    Two representations with one weak tag may differ in what the change is about.
    """
    yield from refused(record, service, "weak", "a change under a weak tag", FAILED)
