"""What is another's cannot be referred to, and nothing of it comes back."""

import json
from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record, Trace
from conformance.model.references import references
from conformance.model.service import Service
from conformance.rules.access import HIDDEN, REFUSED, SECTION
from conformance.rules.lifecycle import shown
from conformance.scenarios.references import AFTER, MISSING, NAME, OTHERS, OWN, READ, referring

TOO_MANY = 429


@rule(
    "SEC021",
    contract="api",
    level="MUST",
    title="Another's private object cannot be referred to",
    section=SECTION,
    mend="Look the object of each reference in a body up as its reader would: WHERE id = … AND owner_id = ….",
    applies=lambda service: [
        operation.label
        for resource, operation in referring(service.resources)
        if resource is not service.account_resource
        and any(r.target.read and r.target.create for r in references(service, resource, operation))
    ],
    needs=("writes", "second principal"),
    scenarios=(NAME,),
    silent="no body can refer to an object that is hidden from another user",
)
def only_own_references(record: Record, service: Service) -> Iterator[Observation]:
    """A body that names another's private object (`{"notebook_id": …}`) is refused, and shows nothing of it.

    Private is what its owner reads and the second user, who may have such objects, is refused (403, 404).
    Asked by that user, of an object of their own: with one of their own in the field, which must be accepted;
    with one that is not there; and with the private one. It is a fault where an answer to it, or the object
    read afterwards, has a text of the private one; where the owner then finds in theirs what the other wrote;
    and where it is taken although one that is not there is refused: then it was looked for, and not whose it
    is. A reference that nobody looks up, and that shows nothing, is not judged.
    """
    for trace in record.traces(NAME):
        control, act = trace.step(OWN), trace.step(OTHERS)
        if control is None or act is None or not control.ok or act.operation is None or not _private(trace):
            continue
        found = _told(trace, control, act)
        name = act.facts["field"]
        if found is not None:
            cause, message, exchange = found
            yield broken(
                act.operation,
                *((control, act) if exchange is act else (control, act, exchange)),
                cause=f"{name}: {cause}",
                message=message,
                expected=f"404, 422 or 403 for another's `{name}`, and nothing of what it names",
                actual=f"{act.status}" if exchange is act else f"{act.status}; then {exchange.status}",
            )
        elif (act.refused and act.status != TOO_MANY) or _left_out(trace, act):
            yield held(act.operation, control, act)


def _private(trace: Trace) -> bool:
    """Whether the owner reads it and the other does not, who reads an own one."""
    mine, theirs, own = (trace.step(step) for step in ("owner read", "stranger read", "own read"))
    if mine is None or theirs is None or own is None:
        return False
    return mine.ok and own.ok and theirs.status in (*REFUSED, *HIDDEN)


def _told(trace: Trace, control: Exchange, act: Exchange) -> tuple[str, str, Exchange] | None:
    """What is wrong, in a word and in a sentence, and the exchange that shows it; None where nothing is."""
    missing, after = trace.step(MISSING), trace.step(AFTER)
    for exchange in (act, trace.step(READ)):
        if exchange is not None and _has(exchange, act.facts["marks"], but=control):
            return "shown", "an answer has texts of another user's private object", exchange
    if after is not None and act.ok and _has(after, after.facts["written"], but=None):
        return "attached", "what one user writes appears in another's private object", after
    looked_up = missing is not None and missing.refused and missing.status not in (*REFUSED, TOO_MANY)
    if act.ok and looked_up and _named(trace, act):
        return "accepted", "a body may refer to another user's private object", act
    return None


def _has(exchange: Exchange, marks: list[str], *, but: Exchange | None) -> bool:
    """Whether an answer has one of the texts, which the request did not have, nor the answer `but`."""
    answer = _text(exchange)
    known = exchange.request.body.decode(errors="replace") + (_text(but) if but else "")
    return any(_quoted(mark) in answer and _quoted(mark) not in known for mark in marks)


def _text(exchange: Exchange) -> str:
    """The body of an answer, JSON without escapes."""
    if exchange.response is None:
        return ""
    data = exchange.response.json
    plain = exchange.response.body.decode(errors="replace") if data is None else ""
    return plain or json.dumps(data, ensure_ascii=False)


def _quoted(mark: str) -> str:
    return json.dumps(mark, ensure_ascii=False)[1:-1]


def _named(trace: Trace, act: Exchange) -> bool:
    """Whether the object then says that it refers to what is another's."""
    return act.facts["named"][OTHERS] in _values(trace, act)


def _left_out(trace: Trace, act: Exchange) -> bool:
    """Whether the request was taken, and the object says that it refers to nothing of another's."""
    return act.ok and bool(_values(trace, act)) and not _named(trace, act)


def _values(trace: Trace, act: Exchange) -> list[Any]:
    for exchange in (trace.step(READ), act):
        said = shown(exchange) if exchange is not None and exchange.ok else None
        if said is not None and act.facts["field"] in said:
            value = said[act.facts["field"]]
            return value if isinstance(value, list) else [value]
    return []
