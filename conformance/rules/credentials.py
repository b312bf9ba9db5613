"""Credentials that were good once, or are good elsewhere; and what a refusal of any leaves behind."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource, representation
from conformance.model.service import Service
from conformance.rules.access import HIDDEN, REFUSED, SECTION
from conformance.rules.updates import taken
from conformance.scenarios.access import DISABLED

MISDIRECTED = {
    "other audience": "a token for another audience",
    "not yet valid": "a token that is not valid yet",
    "other kind": "a token of another kind",
}
READS = ("owner before", "owner after")


def _traces(record: Record, service: Service) -> Iterator[tuple[str, Trace]]:
    """What was asked of each protected operation, by the operation's label."""
    labels = {f"access {op.label}": op.label for op in service.operations if op.protected}
    for trace in record.traces("access"):
        if trace.name in labels:
            yield labels[trace.name], trace


@rule(
    "SEC015",
    contract="api",
    level="MUST",
    title="A disabled user is refused",
    section=SECTION,
    mend="Look the user up for each token and refuse one who is disabled, in the dependency of all routes.",
    applies=lambda service: [op.label for op in service.operations if op.protected and service.disabled],
    needs=("principals",),
    scenarios=("access",),
    silent="the disabled user was refused for another reason",
)
def disabled_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """Whoever is configured with `state = "disabled"` gets 401 or 403 from each protected operation.

    A token outlives the account that it was issued to: reads are refused as well as changes. An object that
    is hidden (404) may be hidden from every other user, which tells nothing.
    """
    for label, trace in _traces(record, service):
        for exchange in trace.steps(DISABLED):
            if exchange.status in REFUSED:
                yield held(label, exchange)
            elif exchange.ok:
                yield broken(
                    label,
                    exchange,
                    cause="accepted",
                    message="a disabled user's request is accepted",
                    expected="401 or 403",
                    actual=str(exchange.status),
                )


@rule(
    "SEC016",
    contract="api",
    level="MUST",
    title="A request with bad credentials changes nothing",
    section=SECTION,
    mend="Verify the credentials in a dependency, before the route's own code runs.",
    applies=lambda service: [
        op.label for r in service.resources if r.read for op in (*r.updates, r.delete) if op and op.protected
    ],
    needs=("writes", "principals"),
    scenarios=("access",),
    silent="no such request was refused",
)
def refused_changes_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """When a change or delete has been refused for its credentials, its owner reads the object as it was.

    Only the fields that were sent are compared: a read may move a time or a counter.
    """
    by_operation = {op.label: r for r in service.resources for op in (*r.updates, r.delete) if op}
    for label, trace in _traces(record, service):
        before, after = (trace.step(step) for step in READS)
        acts = [e for e in trace.exchanges if e.step not in READS and e.response is not None]
        resource = by_operation.get(label)
        if resource is None or before is None or after is None or not before.ok or not acts:
            continue
        if not all(e.status in (*REFUSED, *HIDDEN) for e in acts):
            continue
        moved = taken(acts[-1].facts.get("sent"), _object(before, resource), _object(after, resource))
        if after.status in HIDDEN or (after.ok and moved):
            yield broken(
                label,
                acts[-1],
                after,
                cause="gone" if after.status in HIDDEN else "changed",
                message="requests that were refused for their credentials were carried out all the same",
                expected="the object as it was",
                actual=f"the owner then reads {after.status}",
            )
        elif after.ok:
            yield held(label, acts[-1], after)


def _object(exchange: Exchange, resource: Resource) -> dict[str, Any] | None:
    return representation(exchange.response.json, resource.key) if exchange.response else None


def _misdirected(record: Record, service: Service, steps: dict[str, str]) -> Iterator[Observation]:
    """Judge tokens of the kit's own, where one that says what the good one says is accepted."""
    for label, trace in _traces(record, service):
        control = trace.step("resigned")
        if control is None or not control.ok:
            continue
        for step, who in steps.items():
            for exchange in trace.steps(step):
                if exchange.status in REFUSED:
                    yield held(label, control, exchange)
                elif exchange.ok:
                    yield broken(
                        label,
                        control,
                        exchange,
                        cause=step,
                        message=f"{who} is accepted",
                        expected="401",
                        actual=str(exchange.status),
                    )


def _reads(service: Service) -> list[str]:
    return [op.label for op in service.operations if op.protected and op.safe]


@rule(
    "SEC017",
    contract="api",
    level="MUST",
    title="A token made for something else is refused",
    section=SECTION,
    mend="Verify what a token is for as well: `jwt.decode(token, key, algorithms=[…], audience=…)`.",
    applies=_reads,
    needs=("principals", "expired token"),
    scenarios=("access",),
    silent="the tokens name neither audience nor kind, or the kit cannot sign them ([tokens])",
)
def token_for_another(record: Record, service: Service) -> Iterator[Observation]:
    """A well-signed token with another audience or of another kind, or not valid yet, is refused.

    The kit signs it with the key of `[tokens]`, from the claims of a good one, and changes only a claim that
    the good one carries: `aud` (RFC 7519 §4.1.3), `nbf` (§4.1.5), or what tells a token to ask with from one
    that renews a session or confirms an address (`token_type`, `purpose`; RFC 8725 §3.11).
    """
    yield from _misdirected(record, service, MISDIRECTED)


@rule(
    "SEC018",
    contract="api",
    level="SHOULD",
    title="A token of another issuer is refused",
    section=SECTION,
    mend="Verify who issued a token: `jwt.decode(token, key, algorithms=[…], issuer=…)`.",
    applies=_reads,
    needs=("principals", "expired token"),
    scenarios=("access",),
    silent="the tokens name no issuer, or the kit cannot sign them ([tokens])",
)
def token_of_another(record: Record, service: Service) -> Iterator[Observation]:
    """A token that names another issuer is refused, though its signature is right (RFC 8725 §3.8).

    Services that share a key tell their tokens apart by that alone.
    """
    yield from _misdirected(record, service, {"other issuer": "a token of another issuer"})
