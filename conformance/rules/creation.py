"""Laws over creating: what a create answers, what must not be there twice, what only the service decides."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import same
from conformance.model.operation import Operation
from conformance.model.paging import rows
from conformance.model.record import Exchange, Record
from conformance.model.resources import Resource, representation
from conformance.model.service import Service
from conformance.model.versions import lock_of, takes
from conformance.rules.lifecycle import GONE, LAYERS, shown, values
from conformance.rules.runs import runs
from conformance.rules.updates import taken

ERRORS = "Core Principles 6: Error Handling"
REFUSED = (400, 409, 422)
CONFLICT = 409


def _creates(service: Service) -> list[str]:
    return [r.create.label for r in service.resources if r.create]


@rule(
    "API017",
    contract="api",
    level="MUST",
    title="What was deleted cannot be deleted again",
    section=ERRORS,
    mend="Raise the domain's NotFoundError where the DELETE finds no row.",
    applies=lambda service: [r.delete.label for r in service.resources if r.create and r.delete],
    needs=("writes",),
    scenarios=("lifecycle",),
    silent="no DELETE declares a 404",
)
def delete_once(record: Record, service: Service) -> Iterator[Observation]:
    """The second DELETE of one object answers 404 or 410 where the document declares the 404.

    Without that a DELETE may be content that there is nothing left (RFC 9110 §9.3.5).
    """
    for trace in record.traces("lifecycle"):
        first, second = trace.step("delete"), trace.step("delete again")
        operation = service.operation(second.operation) if second else None
        if first is None or second is None or operation is None or not first.ok:
            continue
        if not {"404", "410"} & operation.responses.keys():
            continue
        if second.status in GONE:
            yield held(operation.label, first, second)
        elif second.ok:
            yield broken(
                operation.label,
                first,
                second,
                cause=f"answers {second.status}",
                message="a second DELETE of the same object is accepted",
                expected="404, as declared",
                actual=str(second.status),
            )


@rule(
    "API018",
    contract="api",
    level="MUST",
    title="Location leads to what was created",
    section="Creating a New API Endpoint: response models and status codes",
    mend="Build the field with `request.url_for(...)` from the route that reads the object.",
    applies=_creates,
    needs=("writes",),
    scenarios=("creation",),
    silent="no create answers or declares Location",
)
def location_leads(record: Record, service: Service) -> Iterator[Observation]:
    """A GET of a 201's `Location` shows the created object (RFC 9110 §10.2.2); a declared one is sent."""
    for resource, trace in runs(record, service, "creation"):
        create = trace.step("create")
        if create is None or create.response is None or not create.ok or resource.create is None:
            continue
        declared = resource.create.declared(create.status)
        promised = declared is not None and "location" in declared.headers and create.status == 201
        if create.response.header("location") is None:
            if promised:
                yield broken(
                    resource.create.label,
                    create,
                    cause="absent",
                    message="a 201 lacks the declared Location",
                    expected="a Location field",
                    actual="none",
                )
            continue
        pairs = (("create", "follow Location"), ("create last", "follow Location of last"))
        for made, follow in ((trace.step(a), trace.step(b)) for a, b in pairs):
            if made is not None and follow is not None and follow.status not in (401, 403):
                yield _followed(resource.create, resource.key, made, follow)


def _followed(operation: Operation, key: str, create: Exchange, follow: Exchange) -> Observation:
    made, found = (representation(e.response.json, key) if e.response else None for e in (create, follow))
    if follow.ok and (found is None or made is None or found[key] == made[key]):
        return held(operation.label, create, follow)
    return broken(
        operation.label,
        create,
        follow,
        cause="another object" if follow.ok else f"answers {follow.status}",
        message="Location does not lead to the created object",
        expected="200 with the created object",
        actual="another object" if follow.ok else str(follow.status),
    )


@rule(
    "API019",
    contract="api",
    level="MUST",
    title="What is unique is refused with 409",
    section=ERRORS,
    mend="Back the check by a unique constraint and map its violation to a 409.",
    applies=lambda service: [
        op.label
        for r in service.resources
        for op in (r.create, *r.updates)
        if op and r.create and ("409" in op.responses or (r.unique and op is r.create))
    ],
    needs=("writes",),
    scenarios=("creation",),
    silent="no such request could be made",
)
def unique_is_409(record: Record, service: Service) -> Iterator[Observation]:
    """Where an operation declares a 409, the same body again, or another object's values, gets one.

    A 409 may stand for something else: two requests with one Idempotency-Key, or a change from an old
    version. Such a create is not judged where it accepts the same again, and such an update only where the
    create shows that something is unique. So does a second create of a resource whose `unique` fields the
    configuration names.
    """
    named = {f"creation {r.name}": set(r.unique) for r in service.resources}
    for trace in record.traces("creation"):
        create, again = trace.step("create"), trace.step("create again")
        unique = again is not None and again.status == CONFLICT
        for exchange in trace.exchanges:
            operation = service.operation(exchange.operation)
            doubled = exchange.step == "create again" or exchange.step.startswith("rename ")
            if not doubled or operation is None or create is None:
                continue
            sent = exchange.facts.get("sent") if exchange.step == "create again" else None
            told = isinstance(sent, dict) and bool(named.get(trace.name, set()) & sent.keys())
            if "409" not in operation.responses and not told:
                continue
            if exchange.ok and not told and not unique and _other_conflicts(service, operation):
                continue
            if exchange.status == 409:
                yield held(operation.label, create, exchange)
            elif exchange.ok or exchange.status in REFUSED:
                yield broken(
                    operation.label,
                    create,
                    exchange,
                    cause=f"{exchange.step} {exchange.status}",
                    message="what another object has already is accepted"
                    if exchange.ok
                    else f"what another object has already is refused with {exchange.status}",
                    expected="409, as declared",
                    actual=str(exchange.status),
                )


def _other_conflicts(service: Service, operation: Operation) -> bool:
    """Whether the 409 of an operation may stand for something else than what is taken."""
    versioned = lock_of(service.document, service.resources, operation) is not None
    return versioned or takes(operation, "If-Match") or takes(operation, "Idempotency-Key")


@rule(
    "API020",
    contract="api",
    level="SHOULD",
    title="Identifiers are not used again",
    section="Creating a Database Model",
    mend="Use a sequence that never goes back (on SQLite `sqlite_autoincrement=True`) or UUIDs.",
    applies=lambda service: [r.create.label for r in service.resources if r.create and r.delete],
    needs=("writes",),
    scenarios=("creation",),
    silent="nothing could be created after a delete, or the client names what it creates",
)
def identifiers_stay_used(record: Record, service: Service) -> Iterator[Observation]:
    """An object created right after a delete does not get the identifier of what was deleted.

    Who kept the old identifier would act on another's object.
    """
    for resource, trace in runs(record, service, "creation"):
        last, delete, after = (trace.step(s) for s in ("create last", "delete last", "create next"))
        if not (last and delete and after and resource.create and last.ok and delete.ok and after.ok):
            continue
        gone, new = shown(last), shown(after)
        if gone is None or new is None or resource.key in (after.facts.get("sent") or {}):
            continue
        if gone[resource.key] == new[resource.key]:
            yield broken(
                resource.create.label,
                last,
                delete,
                after,
                cause="used again",
                message="a new object gets the identifier of one that was deleted",
                expected="an identifier that was never used",
                actual=f"{resource.key} = {new[resource.key]!r} again",
            )
        else:
            yield held(resource.create.label, last, delete, after)


@rule(
    "SEC007",
    contract="api",
    level="MUST",
    title="The service's own fields are not the client's to set",
    section="Core Principles 4: Pydantic v2 for Validation",
    mend='Take request bodies by a model of their own with `extra="forbid"`, never by the table\'s model.',
    applies=lambda service: [
        op.label for r in service.resources if r.create for op in (r.create, *r.updates) if op and op.body
    ],
    needs=("writes",),
    scenarios=("creation",),
    silent="no object shows a field that its body does not declare",
)
def no_mass_assignment(record: Record, service: Service) -> Iterator[Observation]:
    """A field that the object shows and the body does not declare keeps the service's own value.

    Times, flags, counters and the owner are tried. A body with such fields may be refused.
    """
    for resource, trace in runs(record, service, "creation"):
        for exchange in trace.exchanges:
            if not exchange.step.startswith("forge ") or exchange.operation is None:
                continue
            forged: dict[str, Any] = exchange.facts.get("forged", {})
            if _next_number(resource, exchange, forged):
                continue
            after = trace.step(f"read after {exchange.step}")
            # An object that was given away may be hidden from who gave it: then the answer shows it last.
            after = after if after is not None and after.ok else exchange
            now = shown(after) or {}
            adopted = [k for k, v in forged.items() if k in now and same(v, now[k])]
            if exchange.refused or (exchange.ok and not adopted):
                yield held(exchange.operation, exchange, after)
            elif exchange.ok:
                yield broken(
                    exchange.operation,
                    exchange,
                    after,
                    cause=f"takes {sorted(adopted)}",
                    message=f"the body may set {', '.join(adopted)}, which it does not declare",
                    expected="the service's own value, or a 4xx",
                    actual=values(forged, adopted),
                )


def _next_number(resource: Resource, exchange: Exchange, forged: dict[str, Any]) -> bool:
    """Whether the number of a new object was forged: the service may have come to the same one itself."""
    created = resource.create is not None and exchange.operation == resource.create.label
    return created and isinstance(forged.get(resource.key), int)


@rule(
    "API021",
    contract="api",
    level="MUST",
    title="What is refused is not stored",
    section=LAYERS,
    mend="Validate before the first write, in one transaction that is rolled back on an error.",
    applies=lambda service: [
        op.label
        for r in service.resources
        if r.create and r is not service.account_resource
        for op in (r.create if r.list else None, *(r.updates if r.read else ()))
        if op and op.body
    ],
    needs=("writes",),
    scenarios=("creation",),
    silent="no invalid body was refused",
)
def refused_is_not_stored(record: Record, service: Service) -> Iterator[Observation]:
    """After a refused create the list has no such object; after a refused update the object is as before."""
    for resource, trace in runs(record, service, "creation"):
        for exchange in trace.exchanges:
            operation = service.operation(exchange.operation)
            if not exchange.step.startswith("refused ") or operation is None or not exchange.refused:
                continue
            before, after = (
                trace.step(f"read before {exchange.step}"),
                trace.step(f"read after {exchange.step}"),
            )
            listed = trace.step(f"list after {exchange.step}")
            if before and after and before.ok and after.ok:
                changed = taken(exchange.facts.get("sent"), shown(before), shown(after))
                yield _left(operation, exchange, after, values(shown(after), changed) if changed else "")
            elif listed is not None and listed.ok and operation is resource.create:
                yield _left(operation, exchange, listed, "the object in the list" if _there(listed) else "")


def _left(operation: Operation, refused: Exchange, after: Exchange, what: str) -> Observation:
    if not what:
        return held(operation.label, refused, after)
    return broken(
        operation.label,
        refused,
        after,
        cause="stored",
        message=f"a {refused.request.method} that was refused with {refused.status} is stored all the same",
        expected="nothing changed",
        actual=what,
    )


def _there(listed: Exchange) -> bool:
    """Whether the list has an object with the texts of the refused body, which were made for it alone."""
    sent = listed.facts.get("sent")
    mine = {k: v for k, v in sent.items() if _is_word(v)} if isinstance(sent, dict) else {}
    found = rows(listed.response.json) if listed.response else None
    return bool(mine) and any(
        isinstance(row, dict) and all(k in row and row[k] == v for k, v in mine.items())
        for row in found or ()
    )


def _is_word(value: object) -> bool:
    """Whether a value is one of the sampler's own words: fresh, unlike a date or an enumeration."""
    return isinstance(value, str) and len(value) == 10 and value.isalnum() and value.startswith("c")
