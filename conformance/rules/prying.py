"""What is hidden from somebody is hidden from them in whatever way they ask."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.paging import listed
from conformance.model.queries import filters_of, sorts_of
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.access import HIDDEN, REFUSED, SECTION
from conformance.rules.runs import runs
from conformance.scenarios.access import TURNED
from conformance.scenarios.prying import PRIED


def _asked(service: Service) -> list[str]:
    document = service.document
    return [
        r.list.label
        for r in service.resources
        if r.create and r.read and r.list and (filters_of(document, r.list) or sorts_of(document, r.list))
    ]


@rule(
    "SEC019",
    contract="api",
    level="MUST",
    title="A filter or a sort shows nothing that is hidden",
    section=SECTION,
    mend="Add the filter to the condition on who asks (AND); never build a query for it without that.",
    applies=_asked,
    needs=("writes", "second principal"),
    scenarios=("access",),
    silent="no object is hidden from another user",
)
def prying_shows_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """A list that is filtered or sorted does not show an object that the same user may not read.

    Asked by a second user and, where the list needs no token, by nobody: with each filter by the hidden
    object's own value, and in each declared order.
    """
    for resource, trace in runs(record, service, "access", TURNED):
        read, own = trace.step("stranger read"), trace.step("owner before")
        if read is None or own is None or not own.ok or not read.refused:
            continue
        if read.status not in (*REFUSED, *HIDDEN):
            continue
        for exchange in trace.steps(PRIED):
            found = listed(exchange, resource.key)
            if found is None or exchange.operation is None:
                continue
            if str(exchange.facts["id"]) in found:
                yield broken(
                    exchange.operation,
                    read,
                    exchange,
                    cause="shown",
                    message="a list that is filtered or sorted shows an object that is hidden from who asks",
                    expected="a list without it",
                    actual=f"the object is among the items for {exchange.principal}",
                )
            else:
                yield held(exchange.operation, read, exchange)
