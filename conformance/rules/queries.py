"""Laws over what a list declares beside its pages: totals, filters, sorting, and the page past the end."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.paging import Paging, is_whole, listed, paging_of, rows
from conformance.model.queries import declares_total, filters_of, sorts_of, total_of
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.rules.ordering import in_order

PAGES = "Core Principles 2: limit and offset"
QUERIES = "Creating a New API Endpoint: input validation and response models"
OF_THE_PAGE = "count"
"""In some services it counts what is on the page, not what there is."""


def _lists(service: Service) -> Iterator[tuple[Resource, Operation, Paging]]:
    for resource in service.resources:
        if resource.list:
            yield resource, resource.list, paging_of(resource.list)


def _traces(record: Record, service: Service) -> Iterator[tuple[Resource, Operation, Paging, Trace]]:
    known = {f"queries {r.name}": (r, operation, paging) for r, operation, paging in _lists(service)}
    for trace in record.traces("queries"):
        if trace.name in known:
            yield *known[trace.name], trace


def _answer(exchange: Exchange | None) -> Any:
    return exchange.response.json if exchange and exchange.response and exchange.ok else None


def _items(exchange: Exchange) -> list[dict[str, Any]]:
    return [row for row in rows(_answer(exchange)) or () if isinstance(row, dict)]


def _stable(trace: Trace, key: str) -> bool:
    """Whether nobody else changed the list while it was asked."""
    first, last = trace.step("whole"), trace.step("whole again")
    return bool(first and last and listed(first, key) == listed(last, key))


@rule(
    "API024",
    contract="api",
    level="MUST",
    title="A total is right",
    section=PAGES,
    mend="Count with the query that selects the items: the same WHERE, without LIMIT and OFFSET.",
    applies=lambda service: [
        operation.label
        for _, operation, paging in _lists(service)
        if paging.size and declares_total(service.document, operation)
    ],
    scenarios=("queries",),
    silent="no list was short enough to be counted",
)
def total_is_right(record: Record, service: Service) -> Iterator[Observation]:
    """The total in a page object is the number of items in the whole list, on every page.

    Judged where the list is shorter than the page that was asked for, so that it can be counted, and
    nobody changed it meanwhile. A `count` that is always the number of items on the page is not a total.
    """
    for resource, operation, paging, trace in _traces(record, service):
        whole = trace.step("whole")
        found = rows(_answer(whole))
        if whole is None or found is None or not paging.size or not _stable(trace, resource.key):
            continue
        if len(found) >= whole.facts["asked"]:
            continue
        answers = [
            (e, total, e_rows)
            for e in (whole, *trace.steps("small"))
            if (total := total_of(_answer(e))) and (e_rows := rows(_answer(e))) is not None
        ]
        if answers and answers[0][1][0] == OF_THE_PAGE and all(t[1] == len(r) for _, t, r in answers):
            continue
        wrong = next(((e, total) for e, total, _ in answers if total[1] != len(found)), None)
        if wrong:
            exchange, (name, value) = wrong
            yield broken(
                operation.label,
                whole,
                exchange,
                cause="wrong on the whole list" if exchange is whole else "changes with the page",
                message=f"`{name}` is not the number of items in the list",
                expected=f"{name} = {len(found)}",
                actual=f"{name} = {value}",
            )
        elif answers:
            yield held(operation.label, *(e for e, _, _ in answers))


@rule(
    "API025",
    contract="api",
    level="MUST",
    title="The page past the end is empty",
    section=PAGES,
    mend="Answer 200 with no items where the offset is behind the last one; do not fall back to a page.",
    applies=lambda service: [o.label for _, o, paging in _lists(service) if paging.offset or paging.page],
    scenarios=("queries",),
    silent="the document declares a refusal for it, or bounds the offset",
)
def past_the_end_is_empty(record: Record, service: Service) -> Iterator[Observation]:
    """A page far behind the last item is a success with no items.

    A 404 that the document declares for the list is as good; another refusal (an offset may be bounded)
    is not judged, nor a 404 for a number of a page: it says that there is no such page.
    """
    for _, operation, paging, trace in _traces(record, service):
        exchange = trace.step("past the end")
        if exchange is None:
            continue
        found = rows(_answer(exchange))
        promised = paging.offset is not None and "404" not in operation.responses
        if exchange.ok and found == []:
            yield held(operation.label, exchange)
        elif found or (exchange.status == 404 and promised) or exchange.status >= 500:
            yield broken(
                operation.label,
                exchange,
                cause="items past the end" if found else f"answers {exchange.status}",
                message="a page past the end of the list is not empty"
                if found
                else "a page past the end of the list is no success",
                expected="200 with no items",
                actual=f"{len(found)} items" if found else str(exchange.status),
            )


@rule(
    "API026",
    contract="api",
    level="MUST",
    title="A declared filter filters",
    section=QUERIES,
    mend="Put each filter of the route into the WHERE of the repository's query.",
    applies=lambda service: [o.label for _, o, _ in _lists(service) if filters_of(service.document, o)],
    scenarios=("queries",),
    silent="the lists held nothing that a filter could have kept out",
)
def filter_filters(record: Record, service: Service) -> Iterator[Observation]:
    """A list asked for one value of a field holds only items with it, and an own object that has it.

    Filters are query parameters that are called like a plain field of the items (no times, no bounds, no
    search). A text may be found anywhere in the field, in any case. An own object that the list hides
    without the filter may be hidden with it; what somebody else made and the list hides must stay so.
    """
    for resource, operation, paging, trace in _traces(record, service):
        whole = trace.step("whole")
        known = listed(whole, resource.key) if whole else None
        for exchange in trace.steps("filter"):
            if whole is None or known is None or (not exchange.facts["ids"] and not exchange.facts["exact"]):
                continue
            problem = _filtered(exchange, resource, paging, whole, known)
            name, value = exchange.facts["field"], exchange.facts["value"]
            if problem:
                cause, actual = problem
                yield broken(
                    operation.label,
                    whole,
                    exchange,
                    cause=f"{name}: {cause}",
                    message=f"the filter `{name}` does not filter: {cause}",
                    expected=f"all items with {name} = {value!r}, and only these",
                    actual=actual,
                )
            elif any(not _has(row, exchange) for row in _items(whole)) and listed(exchange, resource.key):
                yield held(operation.label, whole, exchange)


def _filtered(
    exchange: Exchange, resource: Resource, paging: Paging, whole: Exchange, known: list[str]
) -> tuple[str, str] | None:
    """What is wrong with a filtered list, and what it held; None where nothing is."""
    found, name = listed(exchange, resource.key), exchange.facts["field"]
    if found is None:
        return None
    others = [row[name] for row in _items(exchange) if not _has(row, exchange)]
    if others:
        return "items with another value", f"{len(others)} of {len(found)} items have another: {others[0]!r}"
    strange = whole.facts.get("strange")
    missing = [own for own in exchange.facts["ids"] if own in known and own not in found]
    if missing and is_whole(exchange, paging, exchange.facts.get("asked")):
        return "items with the value are missing", f"{len(found)} items without {missing[0]}"
    everything = is_whole(whole, paging, whole.facts.get("asked"))
    if strange and everything and strange in found and strange not in known:
        return "items that the list hides", f"another user's object {strange} is among the items"
    return None


def _has(row: dict[str, Any], exchange: Exchange) -> bool:
    """Whether an item has the value that was asked for; one that does not show the field may have it."""
    name, value = exchange.facts["field"], exchange.facts["value"]
    shown = row.get(name, value)
    if isinstance(value, str) and isinstance(shown, str):
        return value == shown or (not exchange.facts["exact"] and value.casefold() in shown.casefold())
    if isinstance(value, bool) or isinstance(shown, bool):
        return value is shown
    return bool(value == shown) or str(value) == str(shown)


@rule(
    "API027",
    contract="api",
    level="MUST",
    title="A declared sort sorts",
    section=QUERIES,
    mend="Put the ORDER BY of the declared value before LIMIT and OFFSET, and leave the WHERE as it is.",
    applies=lambda service: [o.label for _, o, _ in _lists(service) if sorts_of(service.document, o)],
    scenarios=("queries",),
    silent="no sorted list held two values that can be compared",
)
def sort_sorts(record: Record, service: Service) -> Iterator[Observation]:
    """A list sorted by a field is in the order of that field, over its pages too, and holds the same items.

    Each value is tried that an enumeration or a pattern names; of a free parameter a few usual ones, which
    are judged only where the service shows that it knows them. Numbers, times and flags are compared, and
    texts of ASCII letters and digits that this audit made, whose order no collation disputes. Empty values
    may come first or last.
    """
    for resource, operation, paging, trace in _traces(record, service):
        whole = trace.step("whole")
        if whole is None:
            continue
        for exchange in trace.steps("sort"):
            problem = _sorted(exchange, trace, whole, resource, paging)
            sort = exchange.facts["sort"]
            if problem and problem[0]:
                cause, shown = problem
                yield broken(
                    operation.label,
                    whole,
                    *shown,
                    cause=f"{operation.path}: {cause}",
                    message=f"the list is not sorted by `{sort['field']}`: {cause}",
                    expected=f"{sort['field']} {_words(sort['direction'])}",
                    actual=_sequence(shown, sort["field"]),
                )
            elif problem:
                yield held(operation.label, whole, *problem[1])


def _sorted(
    exchange: Exchange, trace: Trace, whole: Exchange, resource: Resource, paging: Paging
) -> tuple[str, tuple[Exchange, ...]] | None:
    """What is wrong, if anything, and the exchanges that show it; None where that cannot be said."""
    sort, own = exchange.facts["sort"], frozenset(whole.facts.get("own", ()))

    def order(*exchanges: Exchange) -> bool | None:
        items = [row for e in exchanges for row in _items(e)]
        return in_order(items, sort["field"], sort["direction"], resource.key, own)

    in_whole = order(exchange)
    if not exchange.ok or in_whole is None:
        return None
    if not sort["declared"] and (not in_whole or order(whole)):
        return None
    if not in_whole:
        return "out of order", (exchange,)
    parts = tuple(e for e in trace.steps("sort part") if e.facts["sort"] == sort and e.ok)
    if len(parts) > 1 and order(*parts) is False:
        return "out of order over its pages", parts
    known, found = listed(whole, resource.key), listed(exchange, resource.key)
    everything = all(is_whole(e, paging, e.facts.get("asked")) for e in (whole, exchange))
    if everything and _stable(trace, resource.key) and sorted(known or ()) != sorted(found or ()):
        return "other items than without it", (exchange,)
    return "", (exchange, *parts)


def _words(direction: str) -> str:
    return {"asc": "ascending", "desc": "descending"}.get(direction, "ascending or descending")


def _sequence(exchanges: tuple[Exchange, ...], name: str) -> str:
    values = [row.get(name) for e in exchanges for row in _items(e)]
    return ", ".join(repr(value) for value in values[:6]) + (", …" if len(values) > 6 else "")
