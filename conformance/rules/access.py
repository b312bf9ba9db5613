"""Who may do what: nobody, a spoiled token, another user."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.paging import is_whole, listed, paging_of
from conformance.model.record import Exchange, Record, Trace, header
from conformance.model.resources import Resource, representation
from conformance.model.service import Service
from conformance.rules.runs import runs
from conformance.rules.updates import taken
from conformance.scenarios.access import TURNED

SECTION = "Creating a New API Endpoint: authentication and authorization"
REFUSED = (401, 403)
HIDDEN = (404, 410)
BASIC = {
    "scheme alone": "a scheme, and no name and password",
    "forged": "a name and password of which one character was changed",
    "truncated": "a name and password whose end was cut off",
}
ANYHOW = ("anonymous", "forged", "truncated", "unsealed", "unsigned", "foreign")
"""Once one of them is let in, that a token is verified badly is no news."""
SELF_VERIFIED = {
    "confused": "a token signed with the public key as the secret of HS256",
    "embedded key": "a token with its own key in its header (jwk)",
    "key by path": "a token whose kid leads to an empty key",
    "unsigned otherwise": "an unsigned token (alg is nearly none)",
}
OWNERS = ("owner", "author", "creator", "created_by", "user_id", "account_id", "customer_id")


def _protected(service: Service) -> list[str]:
    return [op.label for op in service.operations if op.protected]


def _spoiled(record: Record, steps: tuple[str, ...], who: str) -> Iterator[Observation]:
    """Judge requests that are right but for their credentials.

    A real object that answers 404 is hidden, which is a refusal. A 4xx for the body or for a made-up
    object says nothing about credentials, so it is not judged.
    """
    for exchange in record.answered():
        if exchange.scenario != "access" or exchange.step not in steps or not exchange.operation:
            continue
        if exchange.status in REFUSED or (exchange.facts.get("real") and exchange.status in HIDDEN):
            yield held(exchange.operation, exchange)
        elif exchange.status < 300:
            yield broken(
                exchange.operation,
                exchange,
                cause=f"{exchange.step} accepted",
                message=f"a request with {_called(exchange, who)} is accepted",
                expected="401",
                actual=str(exchange.status),
            )
        elif exchange.status == 409:
            yield broken(
                exchange.operation,
                exchange,
                cause=f"{exchange.step} asked too late",
                message=f"a request with {_called(exchange, who)} reaches the data before it is refused",
                expected="401 before anything else is looked at",
                actual=str(exchange.status),
            )


def _called(exchange: Exchange, who: str) -> str:
    """What was sent, in words for credentials that are a name and a password (RFC 7617) and no token."""
    sent = header(exchange.request.headers, "authorization") or ""
    if not sent.lower().startswith("basic"):
        return who
    return BASIC.get(exchange.step, who)


@rule(
    "SEC001",
    contract="api",
    level="MUST",
    title="Without a token a protected operation is refused",
    section=SECTION,
    mend="Depend on the current user in the route (or its router).",
    applies=_protected,
    needs=("principals",),
    scenarios=("access",),
)
def no_token(record: Record, service: Service) -> Iterator[Observation]:
    """Each operation that the document protects refuses a request without credentials with 401 or 403."""
    yield from _spoiled(record, ("anonymous",), "no token")
    yield from _spoiled(record, ("scheme alone",), "a scheme and no token")


@rule(
    "SEC002",
    contract="api",
    level="MUST",
    title="Forged credentials are refused",
    section=SECTION,
    mend="Verify the signature by the expected algorithm (`jwt.decode(token, key, algorithms=[…])`), or the "
    "password against its hash.",
    applies=_protected,
    needs=("principals",),
    scenarios=("access",),
)
def forged_token(record: Record, service: Service) -> Iterator[Observation]:
    """Credentials that the service did not issue are refused with 401 or 403.

    Tried are the genuine ones with one character near their end changed, and cut short; where it is
    a JWT, also the same claims without their signature, unsigned (`alg: none`) and signed with another
    key (RFC 8725 §2.1, §3.1).

    Where all these are refused, one read is asked with a JWT that says itself how to verify it: signed by
    HS256 with the text of the service's public key, which is configured or shown at
    `/.well-known/jwks.json`; with a key that its own header holds (`jwk`); with an empty key, by a `kid` that
    is empty or leads to `/dev/null`; and not at all, by an `alg` like `nOnE`.
    """
    yield from _spoiled(record, ("forged",), "a token whose signature was changed")
    yield from _spoiled(record, ("truncated", "unsealed"), "a token whose end was cut off")
    yield from _spoiled(record, ("unsigned",), "an unsigned token (alg: none)")
    yield from _spoiled(record, ("foreign",), "a token signed with another key")
    if not any(e.ok and e.step in ANYHOW and e.scenario == "access" for e in record.answered()):
        for step, who in SELF_VERIFIED.items():
            yield from _spoiled(record, (step,), who)


@rule(
    "SEC003",
    contract="api",
    level="MUST",
    title="An expired token is refused",
    section=SECTION,
    mend="Give tokens `exp` and require it when they are decoded.",
    applies=_protected,
    needs=("principals", "expired token"),
    scenarios=("access",),
)
def expired_token(record: Record, service: Service) -> Iterator[Observation]:
    """A token that has run out is refused with 401 or 403.

    It is the configured `expired_headers`, or made by the kit where `[tokens]` names the signing key.
    """
    yield from _spoiled(record, ("expired",), "an expired token")


@rule(
    "SEC004",
    contract="api",
    level="MUST",
    title="A list and its items show a user the same",
    section=SECTION,
    mend="Filter by owner where a single object is read exactly as the list does.",
    applies=lambda service: [
        r.read.label
        for r in service.resources
        if r.create and r.read and r.list and (r.read.protected or r.list.protected)
    ],
    needs=("writes", "second principal"),
    scenarios=("access",),
)
def hidden_is_unreadable(record: Record, service: Service) -> Iterator[Observation]:
    """What another user's list hides they cannot read, and what they cannot read is not in their list.

    Whether an object is private no document says; a service that hides it in one place has said so.
    """
    for resource, trace in runs(record, service, "access", TURNED):
        read, shown, own = (
            trace.step("stranger read"),
            trace.step("stranger list"),
            trace.step("owner before"),
        )
        if resource.read is None or resource.list is None or not (read and shown and own and own.ok):
            continue
        found = listed(shown, resource.key)
        if found is None:
            continue
        visible = read.facts["id"] in found
        whole = is_whole(shown, paging_of(resource.list), shown.facts.get("asked"))
        if visible and read.status in (*REFUSED, *HIDDEN):
            yield broken(
                resource.read.label,
                read,
                shown,
                cause="listed",
                message="another user's list shows an object that they may not read",
                expected="a list without it",
                actual="the object is among the items",
            )
        elif not visible and whole and read.ok and _shown_to_owner(resource, trace):
            yield broken(
                resource.read.label,
                shown,
                read,
                cause="readable",
                message="another user reads an object that their list hides",
                expected="404 or 403",
                actual=str(read.status),
            )
        elif visible == read.ok:
            yield held(resource.read.label, shown, read)


def _shown_to_owner(resource: Resource, trace: Trace) -> bool:
    """Whether the owner's list has the object: then it is hidden from the other by who they are."""
    mine = trace.step("owner list")
    return mine is not None and mine.facts["id"] in (listed(mine, resource.key) or ())


def _strangers(method: tuple[str, ...], service: Service) -> list[str]:
    return [
        op.label
        for r in service.resources
        if r.read and r.create
        for op in (*r.updates, r.delete)
        if op and op.protected and op.method in method
    ]


def _owned(resource: Resource, trace: Trace, service: Service) -> bool:
    """Whether something says that these objects belong to somebody: else all users may share them.

    The document declares a 403 on the resource, the object names its owner, or another user is
    refused somewhere.
    """
    if resource is service.account_resource or any("403" in op.responses for op in resource.operations):
        return True
    before = trace.step("owner before")
    if before is not None and _names_owner(before, resource, service):
        return True
    strange = [e for e in trace.exchanges if e.step.startswith("stranger")]
    return any(e.status in (*REFUSED, *HIDDEN) for e in strange)


def _names_owner(before: Exchange, resource: Resource, service: Service) -> bool:
    """Whether a field is called like an owner, or holds a text by which the owner is known.

    The author of a book may be anybody: where clients fill such a field it has to hold the owner.
    """
    identity = set(before.facts.get("owner", ()))
    body = resource.create.body if resource.create else None
    writable = service.document.properties(body.schema) if body else {}
    for name, value in (_object(before, resource) or {}).items():
        known = str(value) in identity
        if isinstance(value, str) and value and known:
            return True
        called = any(word in name.lower() for word in OWNERS) and not _leads_elsewhere(name, service)
        if called and (known or name not in writable):
            return True
    return False


def _leads_elsewhere(name: str, service: Service) -> bool:
    """Whether a field called like an owner is a reference to objects that are no accounts."""
    noun = re.sub(r"_?(id|uuid|name)$", "", name, flags=re.IGNORECASE).lower()
    return any(noun in r.nouns for r in service.resources if r is not service.account_resource)


def _acts(record: Record, service: Service, methods: tuple[str, ...], verb: str) -> Iterator[Observation]:
    for resource, trace in runs(record, service, "access", TURNED):
        if not _owned(resource, trace, service):
            continue
        for operation in (*resource.updates, resource.delete):
            if operation is None or operation.method not in methods:
                continue
            before = trace.step(f"owner before {operation.method}")
            act = trace.step(f"stranger {operation.method}")
            after = trace.step(f"owner after {operation.method}")
            if before is not None and act is not None and after is not None and before.ok:
                yield from _act(resource, operation, before, act, after, verb)


def _act(
    resource: Resource, operation: Operation, before: Exchange, act: Exchange, after: Exchange, verb: str
) -> Iterator[Observation]:
    # Only what the stranger sent: the owner's own reads may move a time or a counter.
    moved = taken(act.facts.get("sent"), _object(before, resource), _object(after, resource))
    changed = after.status in HIDDEN or (after.ok and bool(moved))
    if act.ok or (changed and act.refused):
        yield broken(
            operation.label,
            after,
            act,
            cause="changed" if changed else "accepted",
            message=f"another user can {verb} an object that is not theirs"
            if changed
            else f"another user's {act.request.method} is accepted",
            expected="403 or 404, and the object as it was",
            actual=f"{act.status}; the owner then reads {after.status}",
        )
    elif act.status in (*REFUSED, *HIDDEN):
        yield held(operation.label, act, after)


def _object(exchange: Exchange, resource: Resource) -> dict[str, Any] | None:
    return representation(exchange.response.json, resource.key) if exchange.response else None


@rule(
    "SEC005",
    contract="api",
    level="MUST",
    title="Another user's object cannot be changed",
    section=SECTION,
    mend="Compare the object's owner with the current user in the service, for each method.",
    applies=lambda service: _strangers(("PUT", "PATCH"), service),
    needs=("writes", "second principal"),
    scenarios=("access",),
    silent="nothing says that the objects belong to somebody",
)
def stranger_cannot_change(record: Record, service: Service) -> Iterator[Observation]:
    """A second user's PUT and PATCH are refused, and the owner then reads the object unchanged.

    Objects that all users share are not judged: something must say that they belong to somebody (a
    declared 403, a field that names the owner, a refusal elsewhere).
    """
    yield from _acts(record, service, ("PUT", "PATCH"), "change")


@rule(
    "SEC006",
    contract="api",
    level="MUST",
    title="Another user's object cannot be deleted",
    section=SECTION,
    mend="Compare the object's owner with the current user before the delete.",
    applies=lambda service: _strangers(("DELETE",), service),
    needs=("writes", "second principal"),
    scenarios=("access",),
    silent="nothing says that the objects belong to somebody",
)
def stranger_cannot_delete(record: Record, service: Service) -> Iterator[Observation]:
    """A second user's DELETE is refused, and the owner can still read the object."""
    yield from _acts(record, service, ("DELETE",), "delete")
