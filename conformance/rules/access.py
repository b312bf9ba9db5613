"""Who may do what: nobody, a forged or expired token, another user."""

from collections.abc import Callable, Iterator

from conformance.judge.rule import Check, Observation, broken, held, rule
from conformance.model.record import Record
from conformance.model.resources import rows
from conformance.model.service import Service

SECTION = "Creating a New API Endpoint: authentication and authorization"


def _protected(service: Service) -> list[str]:
    return [op.label for op in service.operations if op.protected]


def _token_check(step: str, who: str) -> Callable[[Check], Check]:
    """Give a documented, empty check the body that all three token rules share."""

    def fill(documented: Check) -> Check:
        def check(record: Record, service: Service) -> Iterator[Observation]:
            for exchange in record.answered():
                if exchange.scenario != "access" or exchange.step != step or not exchange.operation:
                    continue
                if exchange.status in (401, 403):
                    yield held(exchange.operation, exchange)
                elif exchange.status < 300:
                    yield broken(
                        exchange.operation,
                        exchange,
                        cause="accepted",
                        message=f"a request with {who} is accepted",
                        expected="401 (or 403)",
                        actual=str(exchange.status),
                    )
                elif exchange.status in (400, 404, 405, 409, 415, 422):
                    yield broken(
                        exchange.operation,
                        exchange,
                        cause="asked too late",
                        message=f"a request with {who} passes authentication",
                        expected="401 (or 403) before anything else is looked at",
                        actual=str(exchange.status),
                    )

        check.__doc__ = documented.__doc__
        return check

    return fill


@rule(
    "SEC001",
    contract="api",
    level="MUST",
    title="Without a token a protected operation is refused",
    section=SECTION,
    mend="Depend on the current user in the route (or its router).",
    applies=_protected,
    needs=("principals",),
)
@_token_check("anonymous", "no token")
def no_token(record: Record, service: Service) -> Iterator[Observation]:
    """Each operation that the document protects answers 401 or 403 to a request without credentials."""
    yield from ()


@rule(
    "SEC002",
    contract="api",
    level="MUST",
    title="A forged token is refused",
    section=SECTION,
    mend="Verify the signature with the expected algorithm: `jwt.decode(token, key, algorithms=[…])`.",
    applies=_protected,
    needs=("principals",),
)
@_token_check("forged", "a token whose signature was changed")
def forged_token(record: Record, service: Service) -> Iterator[Observation]:
    """A genuine token with one character of its end changed is refused with 401 or 403."""
    yield from ()


@rule(
    "SEC003",
    contract="api",
    level="MUST",
    title="An expired token is refused",
    section=SECTION,
    mend="Give tokens `exp` and require it when they are decoded.",
    applies=_protected,
    needs=("principals", "expired_headers"),
)
@_token_check("expired", "an expired token")
def expired_token(record: Record, service: Service) -> Iterator[Observation]:
    """The configured `expired_headers` of a principal are refused with 401 or 403."""
    yield from ()


@rule(
    "SEC004",
    contract="api",
    level="MUST",
    title="What a list hides from a user, its items do not show",
    section=SECTION,
    mend="Filter by owner where a single object is read, as the list does.",
    applies=lambda service: [
        r.read.label for r in service.own_resources if r.read and r.list and r.read.protected
    ],
    needs=("second principal",),
)
def hidden_is_unreadable(record: Record, service: Service) -> Iterator[Observation]:
    """An object that its owner sees in the list and another user does not, is not readable by that other.

    Whether an object is private no document says; a service that hides it from the list has said so.
    """
    by_name = {f"access{r.name}": r for r in service.own_resources}
    for trace in record.traces("access"):
        resource = by_name.get(trace.name)
        read, listed = trace.step("stranger read"), trace.step("stranger list")
        if resource is None or resource.read is None or read is None or listed is None:
            continue
        shown = rows(listed.response.json) if listed.response and listed.ok else None
        if shown is None or len(shown) >= 10:
            continue
        key, identifier = read.facts["key"], read.facts["id"]
        visible = any(isinstance(r, dict) and str(r.get(key)) == identifier for r in shown)
        if not visible and read.ok:
            yield broken(
                resource.read.label,
                listed,
                read,
                cause="readable",
                message="another user reads an object that the list hides from them",
                expected="404 or 403",
                actual=str(read.status),
            )
        else:
            yield held(resource.read.label, listed, read)


def _strangers(method: tuple[str, ...], service: Service) -> list[str]:
    return [
        op.label
        for r in service.own_resources
        if r.read
        for op in (*r.updates, r.delete)
        if op and op.protected and op.method in method
    ]


def _stranger_acts(
    record: Record, service: Service, methods: tuple[str, ...], verb: str
) -> Iterator[Observation]:
    for trace in record.traces("access"):
        before = trace.step("owner before")
        for method in methods:
            act, after = trace.step(f"stranger {method}"), trace.step(f"owner after {method}")
            if before is None or act is None or after is None or not before.ok:
                continue
            changed = after.status != before.status or (
                before.response is not None
                and after.response is not None
                and before.response.json != after.response.json
            )
            if act.ok or (changed and act.refused):
                yield broken(
                    act.operation or "",
                    act,
                    after,
                    cause="changed",
                    message=f"another user can {verb} an object that is not theirs",
                    expected="403 or 404, and the object as it was",
                    actual=f"{act.status}; the owner then reads {after.status}",
                )
            elif act.refused:
                yield held(act.operation or "", act, after)
            if changed:
                break


@rule(
    "SEC005",
    contract="api",
    level="MUST",
    title="Another user's object cannot be changed",
    section=SECTION,
    mend="Compare the object's owner with the current user in the service, for each method.",
    applies=lambda service: _strangers(("PUT", "PATCH"), service),
    needs=("second principal",),
)
def stranger_cannot_change(record: Record, service: Service) -> Iterator[Observation]:
    """A second user's PUT and PATCH are refused, and the owner then reads the object unchanged."""
    yield from _stranger_acts(record, service, ("PUT", "PATCH"), "change")


@rule(
    "SEC006",
    contract="api",
    level="MUST",
    title="Another user's object cannot be deleted",
    section=SECTION,
    mend="Compare the object's owner with the current user before the delete.",
    applies=lambda service: _strangers(("DELETE",), service),
    needs=("second principal",),
)
def stranger_cannot_delete(record: Record, service: Service) -> Iterator[Observation]:
    """A second user's DELETE is refused, and the owner can still read the object."""
    yield from _stranger_acts(record, service, ("DELETE",), "delete")
