"""Asks a list for what is hidden, as somebody else and as nobody, in all the ways that it declares."""

from collections.abc import Iterator
from typing import Any

from conformance.model.paging import paging_of
from conformance.model.queries import filters_of, sorts_of
from conformance.model.service import NOBODY, Principal
from conformance.scenarios.session import Made, Session

PRIED = "pried"
"""The step of each such request."""
MOST_SORTS = 4


def pry(session: Session, made: Made, stranger: Principal, **said: Any) -> None:
    """Each filter by the hidden object's own value, and each way to sort."""
    operation = made.resource.list
    if operation is None:
        return
    whole, path = paging_of(operation).whole, operation.fill(made.chain[:-1])
    for who in (stranger,) if operation.protected else (stranger, NOBODY):
        for query in _queries(session, made):
            session.ask(operation, who, path=path, query={**whole, **query}, step=PRIED, **said)


def _queries(session: Session, made: Made) -> Iterator[dict[str, Any]]:
    operation = made.resource.list
    if operation is None:
        return
    document = session.service.document
    for chosen in filters_of(document, operation):
        value = made.shown.get(chosen.field)
        if isinstance(value, str | int | float):
            yield {chosen.parameter: value}
    for sort in sorts_of(document, operation)[:MOST_SORTS]:
        yield dict(sort.query)
