"""What an audit would do, before it does it: the service as understood, the operations, how long."""

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Literal

from conformance import __version__
from conformance.model.actions import by_one, shown
from conformance.model.operation import Operation
from conformance.model.paging import paging_of, rows_schema
from conformance.model.queries import filters_of, sorts_of
from conformance.model.resources import Resource, holder, named, parent_of
from conformance.model.service import Principal, Service
from conformance.report.reach import never
from conformance.report.result import Part, Target, Tool
from conformance.target.openapi import Document
from conformance.target.ownership import parameters
from conformance.target.principals import NAMES, Accounts

SCHEMA = files("conformance.report") / "plan.schema.json"
"""The JSON Schema of a plan."""
COSTS: Mapping[str, tuple[float, float]] = {
    "lifecycle": (0, 22),
    "creation": (0, 16),
    "pages": (0, 8),
    "access": (4, 15),
    "references": (0, 1),
    "totals": (0, 6),
    "families": (0, 5),
    "queries": (0, 9),
    "roundtrip": (0, 11),
    "races": (0, 4),
    "signin": (0, 5),
    "errors": (11, 0),
    "operations": (0.5, 0),
    "semantics": (1.5, 0),
    "origins": (1, 0),
    "media types": (0.5, 0),
    "fuzz": (5, 0),
}
"""Requests of each scenario, an operation and a resource that can be made; averages over four services."""
UNKNOWN_COST = (1.0, 2.0)


class PlannedResource(Part):
    """A resource as it was understood: operations by their labels, None where there is none.

    `paging` names the parameters of its list by their kind (limit, offset, page, cursor); `sorts` read
    `field` and a direction. `server_made` fields come back and cannot be sent, `write_only` the other way.
    """

    collection: str
    item: str
    parent: str | None
    identifier: str
    list: str | None
    create: str | None
    read: str | None
    replace: str | None
    update: str | None
    delete: str | None
    paging: dict[str, str]
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    unique: tuple[str, ...]
    server_made: tuple[str, ...]
    write_only: tuple[str, ...]
    lookups: tuple[str, ...]
    actions: tuple[str, ...]
    bulk: tuple[str, ...]


class PlannedOperation(Part):
    """An operation: `called` with objects of the audit's own, with names that lead `nowhere`, or not."""

    operation: str
    called: Literal["yes", "nowhere", "no"]
    why: str = ""


class SignIn(Part):
    """How those who speak to the service get their credentials; `why_not` where nobody can."""

    principals: list[str]
    disabled: list[str]
    schemes: list[str]
    sign_up: str | None
    sign_in: str | None
    why_not: str


class Plan(Part):
    """An audit that has not begun. `seconds` is an estimate, None where nothing was measured."""

    schema_version: Literal[1] = 1
    tool: Tool = Tool(name="service-conformance", version=__version__)
    target: Target
    rules: int
    resources: list[PlannedResource]
    sign_in: SignIn
    operations: list[PlannedOperation]
    requests: int
    seconds: float | None


def signing_in(service: Service, accounts: Accounts, known: Sequence[Principal]) -> SignIn:
    """How the audit gets its principals: those of the configuration, else two of its own."""
    active = [p.name for p in known if p.state == "active"]
    missing = "" if active else accounts.missing
    return SignIn(
        principals=active or ([] if missing else [f"{name}, signed up for the audit" for name in NAMES]),
        disabled=[p.name for p in known if p.state == "disabled"],
        schemes=[
            f"{name} ({scheme.get('type', 'of no type')})"
            for name, scheme in service.document.security_schemes.items()
        ],
        sign_up=accounts.sign_up.label if accounts.sign_up else None,
        sign_in=accounts.sign_in.label if accounts.sign_in else None,
        why_not=missing,
    )


def lay_out(
    service: Service,
    target: Target,
    sign_in: SignIn,
    scenarios: Iterable[str],
    rules: int,
    pace: float | None,
) -> Plan:
    """The plan of an audit; `pace` is what one request takes, in seconds."""
    who = bool(sign_in.principals)
    operations = [_operation(op, service, target, who=who) for op in service.document.operations]
    requests = _requests(service, operations, scenarios)
    return Plan(
        target=target,
        rules=rules,
        resources=[_resource(r, service) for r in service.resources],
        sign_in=sign_in,
        operations=operations,
        requests=requests,
        seconds=None if pace is None else round(requests * pace, 1),
    )


def _resource(resource: Resource, service: Service) -> PlannedResource:
    document, listed = service.document, resource.list
    above = parent_of(resource, service.resources)
    paging = paging_of(listed) if listed else None
    kinds = {
        "limit": paging and paging.size,
        "offset": paging and paging.offset,
        "page": paging and paging.page,
        "cursor": paging and paging.cursor,
    }
    sent, back = _fields(document, resource)
    chosen = (resource.key,) if resource.named_by_client else ()
    labels = {
        name: operation.label if operation else None
        for name, operation in (
            ("list", listed),
            ("create", resource.create),
            ("read", resource.read),
            ("replace", resource.replace),
            ("update", resource.patch),
            ("delete", resource.delete),
        )
    }
    return PlannedResource(
        collection=resource.name,
        item=resource.item,
        parent=above.name if above else None,
        identifier=resource.key,
        **labels,
        paging={kind: name for kind, name in kinds.items() if name},
        filters=tuple(f.field for f in filters_of(document, listed)) if listed else (),
        sorts=tuple(f"{s.field} {s.direction}" for s in sorts_of(document, listed)) if listed else (),
        unique=resource.unique or tuple(op.path_names[-1] for op in resource.lookups if by_one(op)),
        server_made=tuple(name for name in back if name not in (*sent, *chosen)),
        write_only=tuple(name for name in sent if name not in back) if back else (),
        lookups=tuple(op.label for op in resource.lookups),
        actions=tuple(op.label for op in resource.actions),
        bulk=tuple(op.label for op in resource.bulk),
    )


def _fields(document: Document, resource: Resource) -> tuple[list[str], list[str]]:
    """The fields that a create takes, and those that come back; none where the document does not tell."""
    if resource.create is None or resource.create.body is None:
        return [], []
    taken = document.properties(resource.create.body.schema)
    answer = shown(document, resource.read or resource.create)
    given = document.properties(rows_schema(document, answer) or answer)
    if resource.key not in given:  # in an envelope: {"data": {…}}
        below = [document.properties(value) for value in given.values()]
        given = next((fields for fields in below if resource.key in fields), {})
    sent = [name for name, schema in taken.items() if not document.shape(schema).get("readOnly")]
    return sent, [name for name, schema in given.items() if not document.shape(schema).get("writeOnly")]


def _operation(operation: Operation, service: Service, target: Target, *, who: bool) -> PlannedOperation:
    why = never(operation, service, read_only=target.read_only, fresh=target.started)
    if why:
        return PlannedOperation(operation=operation.label, called="no", why=why)
    if operation.protected and not who:
        return PlannedOperation(operation=operation.label, called="nowhere", why="needs credentials")
    lacking = _lacking(operation, service, read_only=target.read_only)
    if lacking:
        why = f"nothing of the audit's own to name as {{{lacking}}}"
        return PlannedOperation(operation=operation.label, called="nowhere", why=why)
    return PlannedOperation(operation=operation.label, called="yes")


def _lacking(operation: Operation, service: Service, *, read_only: bool) -> str | None:
    """The first path parameter for which there will be no object: one that is made, or that a list shows."""
    for collection, name in parameters(operation.path):
        said = named(name, service.resources)
        above = [r for r in service.resources if collection.startswith(f"{r.name}/")]
        known = [holder(collection, service.resources), said[0] if said else None, *above]
        if not any(
            r and ((r.create and not read_only) or (r.list and (operation.safe or r.list.safe)))
            for r in known
        ):
            return name
    return None


def _requests(service: Service, operations: list[PlannedOperation], scenarios: Iterable[str]) -> int:
    """About how many requests, to two digits: one more would say more than is known."""
    called = {op.operation for op in operations if op.called != "no"} & service.selected
    made = [r for r in service.resources if r.create and r.create.label in called]
    costs = [COSTS.get(name, UNKNOWN_COST) for name in scenarios]
    count = sum(a for a, _ in costs) * len(called) + sum(b for _, b in costs) * len(made)
    digits = max(0, len(str(math.ceil(count))) - 2)
    return round(math.ceil(count), -digits)
