"""Laws over the pages of a list."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import rows
from conformance.model.service import Service

SECTION = "Core Principles 2: limit and offset"


def _paged(service: Service, *names: str) -> list[str]:
    return [
        r.list.label
        for r in service.own_resources
        if r.list and set(names) <= {p.name for p in r.list.query_parameters}
    ]


def _ids(exchange: Exchange) -> list[str]:
    found = rows(exchange.response.json) if exchange.response else None
    key = exchange.facts["key"]
    return [str(row.get(key)) for row in found or [] if isinstance(row, dict)]


def _answered(trace: Trace) -> list[Exchange]:
    return [e for e in trace.exchanges if e.ok and "limit" in e.facts and e.operation]


@rule(
    "API008",
    contract="api",
    level="MUST",
    title="limit bounds the page",
    section=SECTION,
    mend="Apply `.limit(limit)` in the repository's query.",
    applies=lambda service: _paged(service, "limit"),
)
def limit_bounds(record: Record, service: Service) -> Iterator[Observation]:
    """A list asked with `limit` holds no more items than that, and at least one where five exist."""
    for trace in record.traces("pages"):
        made = sum(e.ok for e in trace.steps("create"))
        for exchange in _answered(trace):
            label, limit = exchange.operation or "", exchange.facts["limit"]
            count = len(_ids(exchange))
            if count > limit:
                yield broken(
                    label,
                    exchange,
                    cause="limit ignored",
                    message="a page holds more items than its limit",
                    expected=f"at most {limit} items",
                    actual=f"{count} items",
                )
            elif made >= limit:
                yield held(label, exchange)


@rule(
    "API009",
    contract="api",
    level="MUST",
    title="offset skips exactly",
    section=SECTION,
    mend="Apply `.offset(offset)` once, over an ORDER BY that ends with a unique column.",
    applies=lambda service: _paged(service, "limit", "offset"),
)
def offset_skips(record: Record, service: Service) -> Iterator[Observation]:
    """Pages of two, put together, are the same items in the same order as one page of five."""
    for trace in record.traces("pages"):
        answers = {e.step: e for e in _answered(trace)}
        whole = answers.pop("whole", None)
        parts = [e for e in answers.values() if e.step.startswith("page")]
        if whole is None or len(parts) < 2 or len(_ids(whole)) < 3:
            continue
        expected = _ids(whole)
        together = [i for part in parts for i in _ids(part)][: len(expected)]
        if together == expected:
            yield held(whole.operation or "", whole, *parts)
        else:
            yield broken(
                whole.operation or "",
                whole,
                *parts,
                cause="pages differ from the whole",
                message="pages put together are not the list",
                expected=f"{len(expected)} items, each once, in the list's order",
                actual=f"{len(set(together))} different items in another order or twice",
            )
