"""Several at once: all or none, or the truth about each."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.bulk import find_bulk, is_stored, told
from conformance.model.paging import is_whole, paging_of, rows
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service

SECTION = "Core Principles 6: Error Handling"
ACCEPTED_FOR_LATER = 202


def _bulks(service: Service) -> list[str]:
    return [b.operation.label for b in find_bulk(service.document, service.resources) if b.resource.list]


@rule(
    "API045",
    contract="api",
    level="MUST",
    title="Bulk is whole or refused, or tells of each",
    section=SECTION,
    mend="Write all in one transaction and answer 4xx where one is refused, or 207 with a result an item.",
    applies=_bulks,
    needs=("writes",),
    scenarios=("bulk",),
    silent="no bulk operation accepted good items that its list shows",
)
def bulk_is_whole(record: Record, service: Service) -> Iterator[Observation]:
    """Of several items sent at once, one of them invalid or taken, none is stored where the answer is a 4xx.

    A 2xx must hold a result for each item, and each must be true: what it calls stored is in the list, and
    what it calls refused is not. An answer of 202 is not judged, nor a list that cannot be read to its end.
    """
    for bulk in find_bulk(service.document, service.resources):
        for trace in record.traces("bulk"):
            listed = _listed(trace, bulk.resource)
            good = trace.step("good")
            if trace.name != f"bulk {bulk.operation.label}" or listed is None or good is None or not good.ok:
                continue
            if good.status == ACCEPTED_FOR_LATER or not any(_stored(good, listed)):
                continue
            for sent in (good, trace.step("mixed"), trace.step("taken")):
                if sent is not None and sent.status != ACCEPTED_FOR_LATER:
                    yield from _judged(bulk.operation.label, sent, trace.steps("list"), listed)


def _listed(trace: Trace, resource: Resource) -> list[Any] | None:
    """All that the list shows; None where it was not read to its end."""
    pages = trace.steps("list")
    paging = paging_of(resource.list) if resource.list else None
    if not pages or paging is None or not all(page.ok for page in pages):
        return None
    found = [rows(page.response.json) if page.response else None for page in pages]
    if any(page is None for page in found) or not (
        found[-1] == [] or is_whole(pages[-1], paging, paging.most if paging.size else None)
    ):
        return None
    return [row for page in found for row in page or ()]


def _stored(exchange: Exchange, listed: list[Any]) -> list[bool]:
    return [any(is_stored(row, [item]) for row in listed) for item in exchange.facts["items"]]


def _judged(label: str, sent: Exchange, pages: list[Exchange], listed: list[Any]) -> Iterator[Observation]:
    stored, bad = _stored(sent, listed), sent.facts["bad"]
    said = told(sent.response, len(stored)) if sent.response else None
    taken = sent.step == "taken"
    # What is taken is in the list already, whatever becomes of it.
    judged = [i for i in range(len(stored)) if not (taken and i == bad)]
    some, every = any(stored[i] for i in judged), all(stored[i] for i in judged)
    lies = [i for i in judged if said and said[i] is not None and said[i] != stored[i]]
    partly = some and (bad is not None or not every)
    silent = said is None or None in [said[i] for i in judged]
    if sent.ok and lies:
        cause, message = "a result is not true", "a result of the answer is not what became of its item"
    elif sent.refused and some and (said is None or lies or not any(v is False for v in said)):
        cause, message = "refused and stored in part", "a bulk request is refused, and stored in part"
    elif sent.status >= 500:
        cause, message = f"{sent.step}: {sent.status}", "a bulk request ends in a server error"
    elif sent.ok and partly and silent and not (bad is not None and not taken and every):
        cause, message = "stored in part", "a bulk request is stored in part, and the answer does not say so"
    elif sent.ok and bad is not None and not taken and stored[bad]:
        cause, message = "an invalid item is stored", "an item that the schema forbids is stored"
    else:
        if sent.ok or sent.refused:
            yield held(label, sent, *pages)
        return
    yield broken(
        label,
        sent,
        pages[-1],
        cause=cause,
        message=message,
        expected="a 4xx and nothing stored, or a result for each item that is true",
        actual=f"{sent.status}, stored: {', '.join('yes' if s else 'no' for s in stored)}",
    )
