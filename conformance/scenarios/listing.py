"""Reads a whole list, page by page."""

from typing import Any

from conformance.model.operation import Operation
from conformance.model.paging import is_whole, next_cursor, paging_of, rows
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios.session import Session

MOST_PAGES = 10


def walk(
    session: Session,
    resource: Resource,
    operation: Operation,
    who: Principal,
    parents: tuple[str, ...],
    *,
    step: str,
    **said: Any,
) -> None:
    """Record the pages of a list as `step`, each with the fact `whole`: whether nothing follows it.

    A list of more than ten usual pages is not read to its end.
    """
    paging = paging_of(operation)
    query = paging.whole
    for number in range(MOST_PAGES):
        answer = session.ask(
            operation,
            who,
            path=operation.fill(parents),
            query=query,
            facts={"key": resource.key, "resource": resource.name, "asked": paging.most},
            step=step,
            **said,
        )
        shown = answer.response if answer and answer.ok else None
        found = rows(shown.json) if shown else None
        if answer is None or shown is None or not found or is_whole(answer, paging, paging.most):
            return
        cursor = next_cursor(shown, paging)
        if paging.cursor and cursor:
            query = {**paging.whole, paging.cursor: cursor}
        elif paging.offset:
            query = {**paging.whole, paging.offset: (number + 1) * len(found)}
        elif paging.page:
            query = {**paging.whole, paging.page: paging.first + number + 1}
        else:
            return
