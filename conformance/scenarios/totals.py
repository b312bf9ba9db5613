"""Counts a list as somebody who sees nothing of it, while what is hidden from them grows."""

from typing import Any

from conformance.model.paging import paging_of
from conformance.model.resources import Resource
from conformance.model.service import Principal
from conformance.scenarios.access import HIDING, TURNS, open_to_all
from conformance.scenarios.session import Made, Session

NAME = "totals"
ROUNDS = ("before", "after one", "after two")
WHOLE, SMALL = "whole", "small"


def run(session: Session) -> None:
    """Each list, as a new account, or the second of the principals where none can be made."""
    service = session.service
    if service.stranger is None:
        return
    account = session.accounts.make("frank", scenario=NAME, trace=NAME) if session.accounts.made else None
    stranger = account.principal if account else service.stranger
    for resource in service.resources:
        ours = resource.list is not None and resource.list.label in service.selected
        if ours and resource.create and resource.read and resource is not service.account_resource:
            _counted(session, resource, stranger)


def _counted(session: Session, resource: Resource, stranger: Principal) -> None:
    """The list before and after each of two creates by the owner, while the stranger sees none of them."""
    parents = session.parents(resource, session.service.owner)
    if parents is None or open_to_all(session, resource):
        return
    said: dict[str, Any] = {"scenario": NAME, "trace": f"{NAME} {resource.name}"}
    for styles in TURNS:
        _listed(session, resource, parents, stranger, ROUNDS[0], said)
        for step in ROUNDS[1:]:
            made = session.create(resource, session.service.owner, styles=styles, step="create", **said)
            if made is None or not _hidden(session, made, stranger, said):
                break
            _listed(session, resource, made.chain[:-1], stranger, step, said)
        else:
            return
        if made is None:
            return


def _hidden(session: Session, made: Made, stranger: Principal, said: dict[str, Any]) -> bool:
    read = made.resource.read
    if read is None:
        return False
    answer = session.ask(read, stranger, path=read.fill(made.chain), step="stranger read", **said)
    return answer is not None and answer.status in HIDING


def _listed(
    session: Session,
    resource: Resource,
    parents: tuple[str, ...],
    stranger: Principal,
    step: str,
    said: dict[str, Any],
) -> None:
    """As much as a usual page holds, and a page of one."""
    if resource.list is None:
        return
    paging = paging_of(resource.list)
    queries = {WHOLE: paging.whole, **({SMALL: {paging.size: 1}} if paging.size else {})}
    for name, query in queries.items():
        session.ask(
            resource.list,
            stranger,
            path=resource.list.fill(parents),
            query=query,
            facts={"key": resource.key, "asked": paging.most if paging.size else None},
            step=f"{name} {step}",
            **said,
        )
