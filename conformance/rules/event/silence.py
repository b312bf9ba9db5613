"""Requests that are to publish nothing: the refused ones, and the safe ones."""

from collections.abc import Callable, Iterator

from conformance.events.envelope import Event
from conformance.events.match import Extra
from conformance.events.writes import Act
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, publishing, seen, where


def _safe(service: Service) -> list[str]:
    """The safe operations of a service that publishes."""
    return [op.label for op in service.operations if op.safe] if publishing(service) else []


@rule(
    "EVT006",
    contract="event",
    level="MUST",
    title="A refused request publishes nothing",
    section=SECTION,
    mend="Publish only what was committed: from an outbox, after the transaction, never before it.",
    applies=publishing,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def refused_silent(record: Record, service: Service) -> Iterator[Observation]:
    """A request that is refused with a 4xx publishes no event: of what did not happen nobody may hear.

    Refused are invalid bodies, requests without credentials and of strangers, duplicates (one after the
    other and at once) and what names a deleted object. An event is of a refused request if it is about the
    object that the request named and came before the event of a later write, or if it repeats its body.
    """
    found = seen(record, service)
    if found is None:
        return
    matched = found[1]
    for act, event in _blamed(matched.extras, lambda act: act.exchange.refused):
        yield broken(
            act.label,
            act.exchange,
            cause=f"{event.name} after {act.exchange.status}",
            message=f"a refused request published {event.name}",
            expected="no event",
            actual=f"{where(event)}, though the answer was {act.exchange.status}",
        )
    yield from _silent(matched.acts, matched.extras, record, lambda act: act.exchange.refused)


@rule(
    "EVT007",
    contract="event",
    level="MUST",
    title="A safe request publishes nothing",
    section=SECTION,
    mend="Publish nothing in a handler of GET or HEAD: who reads has changed nothing.",
    applies=_safe,
    needs=NEEDS,
    scenarios=SCENARIOS,
)
def safe_silent(record: Record, service: Service) -> Iterator[Observation]:
    """GET and HEAD publish no event that tells of a change (RFC 9110 §9.2.1).

    Known by the event of a later write on the same object, which is behind all that came before it.
    """
    found = seen(record, service)
    if found is None:
        return
    matched = found[1]
    for act, event in _blamed(matched.extras, lambda act: act.operation.safe):
        yield broken(
            act.label,
            act.exchange,
            cause=f"{event.name} published",
            message=f"a {act.operation.method} published {event.name}",
            expected="no event",
            actual=where(event),
        )
    yield from _silent(matched.acts, matched.extras, record, lambda act: act.operation.safe and act.accepted)


def _blamed(extras: list[Extra], chosen: Callable[[Act], bool]) -> Iterator[tuple[Act, Event]]:
    """The events too many that are laid to a chosen request, but those that came twice."""
    for extra in extras:
        if extra.suspect is not None and chosen(extra.suspect) and extra.twin is None:
            yield extra.suspect, extra.event


def _silent(
    acts: list[Act], extras: list[Extra], record: Record, chosen: Callable[[Act], bool]
) -> Iterator[Observation]:
    """The chosen requests of the scenario of events that published nothing, where that is known."""
    if not any(wait != "none" for wait in record.waits.values()):
        return
    blamed = {id(x.suspect) for x in extras}
    for act in acts:
        if act.exchange.scenario in SCENARIOS and chosen(act) and id(act) not in blamed:
            yield held(act.label, act.exchange)
