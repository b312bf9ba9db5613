"""Asks collections for their pages: a whole, and the same in parts."""

from typing import Any

from conformance.model.operation import Operation
from conformance.model.paging import Paging, listed, next_cursor, paging_of
from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.scenarios.session import Session

NAME = "pages"
SIZE = 2
OBJECTS = 5
MOST_PAGES = 4


def run(session: Session) -> None:
    """Five objects in each collection that can be paged, then pages of two, then the whole again."""
    for resource in session.service.resources:
        operation = resource.list
        if operation is None or operation.label not in session.service.selected:
            continue
        paging = paging_of(operation)
        if paging.size is None:
            continue
        _pages(session, resource, operation, paging)


def _pages(session: Session, resource: Resource, operation: Operation, paging: Paging) -> None:
    owner, trace = session.service.owner, f"{NAME} {resource.name}"
    # The accounts of the scenarios before make a list that is long enough.
    count = 0 if resource is session.service.account_resource else OBJECTS
    made = [session.create(resource, owner, scenario=NAME, trace=trace, step="create") for _ in range(count)]
    chain = next((m.chain[:-1] for m in made if m), () if not operation.path_names else None)
    if chain is None:
        return

    def page(step: str, size: int, **where: Any) -> Exchange | None:
        return session.ask(
            operation,
            owner,
            path=operation.fill(chain),
            query={str(paging.size): size, **where},
            facts={"key": resource.key, "asked": size},
            scenario=NAME,
            trace=trace,
            step=step,
        )

    size = min(OBJECTS, paging.most)
    page("whole", size)
    if not count:
        # Two accounts there are in any case.
        page("one", 1)
    if paging.offset:
        for offset in range(0, size, SIZE):
            page("offset", SIZE, **({paging.offset: offset} if offset else {}))
    elif paging.page:
        for number in range(-(-size // SIZE)):
            page("page", SIZE, **{paging.page: paging.first + number})
    elif paging.cursor:
        answer = page("cursor", SIZE)
        for _ in range(MOST_PAGES):
            cursor = next_cursor(answer.response, paging) if answer and answer.response else None
            if cursor is None or answer is None or not listed(answer, resource.key):
                break
            answer = page("cursor", SIZE, **{paging.cursor: cursor})
    page("whole again", size)
    if isinstance(_declared_most(operation, paging), int):
        page("too much", paging.most + 1)
    if paging.cursor and not (paging.offset or paging.page) and made:
        answer = page("steady", SIZE)
        session.create(resource, owner, scenario=NAME, trace=trace, step="create between")
        for _ in range(MOST_PAGES):
            cursor = next_cursor(answer.response, paging) if answer and answer.response else None
            if cursor is None:
                break
            answer = page("steady", SIZE, **{paging.cursor: cursor})


def _declared_most(operation: Operation, paging: Paging) -> Any:
    most = operation.questions.get(str(paging.size), {}).get("maximum")
    return most if most == paging.most else None
