"""What a list says of how much there is, it says of what may be seen."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.paging import counted, listed
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.rules.access import SECTION
from conformance.rules.runs import runs
from conformance.scenarios.access import HIDING
from conformance.scenarios.totals import NAME, ROUNDS, SMALL, WHOLE


@rule(
    "SEC022",
    contract="api",
    level="MUST",
    title="A list does not count what it hides",
    section=SECTION,
    mend="Count with the condition on who asks that selects the items, for totals, pages and cursors alike.",
    applies=lambda service: [
        r.list.label
        for r in service.resources
        if r.create and r.read and r.list and r is not service.account_resource
    ],
    needs=("writes", "second principal"),
    scenarios=(NAME,),
    silent="no list says how much there is of what it hides from another user",
)
def counts_what_is_shown(record: Record, service: Service) -> Iterator[Observation]:
    """Totals, numbers of pages and cursors do not move for a user when another adds what they may not see.

    Asked by a new account, before and after each of two creates by another user which it may not read (403,
    404): the items stay the same, and so must be what the page says beside them and what fields like
    `X-Total-Count` and `Content-Range` (RFC 9110 §14.4) say. A number is at fault where it grows, a
    sign that more follows where it appears.
    """
    for resource, trace in runs(record, service, NAME):
        reads = [e for e in trace.exchanges if e.step == "stranger read"]
        lists = {name: [trace.step(f"{name} {step}") for step in ROUNDS] for name in (WHOLE, SMALL)}
        whole = [e for e in lists[WHOLE] if e is not None]
        if resource.list is None or len(whole) < len(ROUNDS) or len(reads) < len(ROUNDS) - 1:
            continue
        items = [listed(e, resource.key) for e in whole]
        asked = whole[0].facts["asked"]
        if items[0] is None or items.count(items[0]) < len(items) or (asked and len(items[0]) >= asked):
            continue
        if any(e.status not in HIDING for e in reads[-2:]):
            continue
        answers = [[e for e in found if e is not None] for found in lists.values()]
        grown = next(((es, told) for es in answers if (told := _grown(es))), None)
        if grown:
            exchanges, (name, first, last) = grown
            yield broken(
                resource.list.label,
                reads[-1],
                *exchanges,
                cause=f"{name} counts what is hidden",
                message=f"`{name}` of a list tells how much there is that is hidden from who asks",
                expected=f"{name} = {first}, as before another user added two",
                actual=f"{name} = {last}",
            )
        elif any(counted(e.response) for es in answers for e in es if e.response):
            yield held(resource.list.label, reads[-1], *whole)


def _grown(exchanges: list[Exchange]) -> tuple[str, Any, Any] | None:
    """What grew with each create, from what to what."""
    if len(exchanges) < len(ROUNDS):
        return None
    said = [counted(e.response) if e.response else {} for e in exchanges]
    for name in said[0].keys() & said[1].keys() & said[2].keys():
        first, second, third = (one[name] for one in said)
        if isinstance(first, bool):
            if not first and second and third:
                return name, first, third
        elif first < second < third:
            return name, first, third
    return None
