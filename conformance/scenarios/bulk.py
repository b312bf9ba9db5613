"""Adds several objects at once: all good, one bad among them, one that is there already."""

from typing import Any

from conformance.model.bodies import FULL, REQUIRED, Style
from conformance.model.bulk import Bulk, find_bulk, is_stored
from conformance.model.paging import rows
from conformance.model.record import Exchange
from conformance.scenarios import faulty, listing
from conformance.scenarios.session import Made, Session

NAME = "bulk"
CLEAR = ("required", "type", "maxLength", "minimum", "maximum", "enum")
"""Keywords that no service reads leniently, the plainest first."""


def run(session: Session) -> None:
    """Each bulk create of a collection that can be listed, which shows what was stored."""
    for bulk in find_bulk(session.service.document, session.service.resources):
        if bulk.operation.label in session.service.selected and bulk.resource.list:
            _bulk(session, bulk)


def _bulk(session: Session, bulk: Bulk) -> None:
    owner, resource = session.service.owner, bulk.resource
    parents = session.parents(resource, owner)
    trace = f"{NAME} {bulk.operation.label}"
    if parents is None or resource.list is None:
        return

    def send(step: str, sent: list[Any], bad: int | None) -> Exchange | None:
        facts = {"items": sent, "bad": bad, "key": resource.key, "resource": resource.name}
        return session.ask(
            bulk.operation,
            owner,
            path=bulk.operation.fill(parents),
            send=bulk.body(sent, session.body(bulk.operation, REQUIRED)),
            facts=facts,
            scenario=NAME,
            trace=trace,
            step=step,
        )

    style = FULL
    for style in (FULL, REQUIRED):
        good = items(session, bulk, 2, style)
        answer = send("good", good, None)
        if answer is None or answer.ok:
            break
    else:
        return
    if answer is None:
        return
    bad = spoiled(session, bulk, style)
    if bad is not None:
        one, two = items(session, bulk, 2, style)
        send("mixed", [one, bad, two], 1)
    if "409" in bulk.operation.responses:
        send("taken", [*items(session, bulk, 1, style), good[0]], 1)
    said: dict[str, Any] = {"scenario": NAME, "trace": trace}
    listing.walk(session, resource, resource.list, owner, parents, step="list", **said)
    _keep(session, bulk, parents)


def items(session: Session, bulk: Bulk, count: int, style: Style) -> list[Any]:
    return [session.sampler.value(bulk.item, style=style) for _ in range(count)]


def spoiled(session: Session, bulk: Bulk, style: Style) -> Any:
    """An item that the schema forbids, in one plain way; None where it forbids nothing so."""
    valid = session.sampler.value(bulk.item, style=style)
    found = {
        fault: broken
        for fault, _, broken in faulty.bodies(
            session.service.document, bulk.item, valid, session.sampler.word()
        )
    }
    return next((found[fault] for fault in CLEAR if fault in found), None)


def _keep(session: Session, bulk: Bulk, parents: tuple[str, ...]) -> None:
    """Remember what was made, so that it is removed in the end."""
    resource, trace = bulk.resource, f"{NAME} {bulk.operation.label}"
    told = [e for e in session.transport.record.answered() if e.trace == trace]
    sent = [item for exchange in told for item in exchange.facts.get("items", ())]
    for exchange in told:
        found = rows(exchange.response.json) if exchange.step == "list" and exchange.response else None
        for row in found or ():
            if is_stored(row, sent) and row.get(resource.key) is not None:
                named_by = str(row[resource.key])
                session.transport.objects.own(resource.name, named_by)
                session.made.append((Made(resource, (*parents, named_by), row, None), session.service.owner))
