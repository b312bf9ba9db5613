"""Laws over the pages of a list."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.paging import listed, paging_of
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.rules.runs import runs

SECTION = "Core Principles 2: limit and offset"
ENOUGH = 3
"""So many items in the whole make more than one page of two."""


def _paged(service: Service, *, further: bool) -> list[str]:
    found = []
    for resource in service.resources:
        paging = paging_of(resource.list) if resource.list else None
        if resource.list is None or paging is None or paging.size is None:
            continue
        if resource is not service.account_resource and (
            not further or paging.offset or paging.page or paging.cursor
        ):
            found.append(resource.list.label)
    return found


@rule(
    "API008",
    contract="api",
    level="MUST",
    title="A page holds no more than its limit",
    section=SECTION,
    mend="Apply `.limit(limit)` in the repository's query, and bound it as the document says.",
    applies=lambda service: _paged(service, further=False),
    scenarios=("pages",),
)
def limit_bounds(record: Record, service: Service) -> Iterator[Observation]:
    """A list asked for so many items holds no more than that.

    A limit above the declared maximum is refused, or answered with no more than the maximum.
    """
    for resource, trace in runs(record, service, "pages"):
        for exchange in trace.exchanges:
            asked = exchange.facts.get("asked")
            found = listed(exchange, resource.key)
            label = exchange.operation or ""
            if asked is None or found is None:
                continue
            most = asked - 1 if exchange.step == "too much" else asked
            if len(found) > most:
                yield broken(
                    label,
                    exchange,
                    cause="limit ignored",
                    message="a page holds more items than its limit",
                    expected=f"at most {most} items",
                    actual=f"{len(found)} items",
                )
            elif len(found) == most:
                yield held(label, exchange)


@rule(
    "API009",
    contract="api",
    level="MUST",
    title="Pages put together are the list",
    section=SECTION,
    mend="Apply `.offset(offset)` once, over an ORDER BY that ends with a unique column.",
    applies=lambda service: _paged(service, further=True),
    scenarios=("pages",),
)
def pages_are_the_list(record: Record, service: Service) -> Iterator[Observation]:
    """Pages of two, put together, are the same items in the same order as one page of five.

    Offsets, page numbers and cursors alike. Where the one page of five changed meanwhile, nothing is judged.
    """
    for resource, trace in runs(record, service, "pages"):
        whole, again = _items(trace, "whole", resource), _items(trace, "whole again", resource)
        parts = [e for e in trace.exchanges if e.step in ("offset", "page", "cursor") and e.ok]
        if whole is None or again is None or whole[1] != again[1] or len(whole[1]) < ENOUGH or not parts:
            continue
        expected, label = whole[1], whole[0].operation or ""
        together = [i for part in parts for i in listed(part, resource.key) or ()]
        if together[: len(expected)] == expected:
            yield held(label, whole[0], *parts)
        else:
            twice = len(together) - len(set(together))
            lacking = len(set(expected) - set(together))
            yield broken(
                label,
                whole[0],
                *parts,
                cause=f"{parts[0].step}: pages differ from the whole",
                message="pages put together are not the list",
                expected=f"{len(expected)} items, each once, in the list's order",
                actual=f"{twice} items twice, {lacking} missing"
                if twice or lacking
                else "the same items in another order",
            )


def _items(trace: Trace, step: str, resource: Resource) -> tuple[Exchange, list[str]] | None:
    exchange = trace.step(step)
    found = listed(exchange, resource.key) if exchange else None
    return (exchange, found) if exchange and found is not None else None


@rule(
    "API048",
    contract="api",
    level="MUST",
    title="A cursor is stable under inserts",
    section=SECTION,
    mend="Let the cursor hold the last item's sort key (WHERE (created_at, id) < …), not a count of items.",
    applies=lambda service: [
        r.list.label
        for r in service.resources
        if r.list and r is not service.account_resource and _by_cursor(r)
    ],
    needs=("writes",),
    scenarios=("pages",),
    silent="nothing could be added between two pages",
)
def cursor_is_stable(record: Record, service: Service) -> Iterator[Observation]:
    """Pages that follow a cursor hold each item once, though another was added after the first page.

    Offsets and page numbers cannot promise that, and are not judged.
    """
    for resource, trace in runs(record, service, "pages"):
        pages, between = trace.steps("steady"), trace.step("create between")
        whole = _items(trace, "whole again", resource)
        if not _by_cursor(resource) or between is None or not between.ok or whole is None or len(pages) < 2:
            continue
        found = [listed(page, resource.key) for page in pages]
        if any(items is None for items in found):
            continue
        together = [name for items in found for name in items or ()]
        twice = len(together) - len(set(together))
        # The new one may stand among them, so that the last of the whole are on a page not asked for.
        lacking = [name for name in whole[1] if name not in together] if len(together) > len(whole[1]) else []
        label = pages[0].operation or ""
        if twice or lacking:
            yield broken(
                label,
                pages[0],
                between,
                *pages[1:],
                cause="items twice" if twice else "items missing",
                message="an item that was added between two pages moves the others",
                expected="each item once",
                actual=f"{twice} items twice, {len(lacking)} missing",
            )
        else:
            yield held(label, pages[0], between, *pages[1:])


def _by_cursor(resource: Resource) -> bool:
    paging = paging_of(resource.list) if resource.list else None
    return bool(paging and paging.size and paging.cursor and not (paging.offset or paging.page))
