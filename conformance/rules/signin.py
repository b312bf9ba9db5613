"""What a refusal gives away: at sign-in, and of what belongs to somebody else."""

from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Operation
from conformance.model.paging import is_whole, listed, paging_of
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import Resource
from conformance.model.service import Service
from conformance.rules.likeness import told_apart
from conformance.target.principals import sign_in_operation

SECTION = "Creating a New API Endpoint: authentication and authorization"
TOO_MANY = 429
HIDING = (401, 403, 404, 410)
TRIES = {
    "wrong": "a wrong password",
    "prefix": "the first characters of the password",
    "other case": "the password with capitals for small letters",
    "longer": "the password and one more character",
}


def _sign_in(service: Service) -> list[str]:
    operation = sign_in_operation(service.document) if service.accounts else None
    return [operation.label] if operation else []


def _tries(record: Record) -> Trace | None:
    """The sign-ins with one account; None where its right password was not accepted either."""
    trace = next((t for t in record.traces("signin") if t.name == "signin"), None)
    return trace if trace and any(e.ok for e in (*trace.steps("sign-in"), *trace.steps("right"))) else None


@rule(
    "SEC008",
    contract="api",
    level="MUST",
    title="A wrong password is refused",
    section=SECTION,
    mend="Verify the whole password against its hash, with a function that does not cut it.",
    applies=_sign_in,
    needs=("writes",),
    scenarios=("signin",),
    silent="no account of the audit's own could sign in",
)
def wrong_password_refused(record: Record, service: Service) -> Iterator[Observation]:
    """Sign-in is refused with another password, with the first eight characters of the right one, with
    one more at its end, and with small letters for capitals and the other way round.

    The account is one that the audit signed up itself. A 200 counts as accepted where it has what the
    answer to the right password has.
    """
    trace = _tries(record)
    right = (
        next((e for e in reversed(trace.exchanges) if e.step in ("sign-in", "right") and e.ok), None)
        if trace
        else None
    )
    wrong = trace.step("wrong") if trace else None
    anything = wrong is not None and wrong.ok
    for step, words in TRIES.items():
        exchange = trace.step(step) if trace else None
        if exchange is None or right is None:
            continue
        label = exchange.operation or ""
        if exchange.ok and _lets_in(exchange) >= _lets_in(right):
            yield broken(
                label,
                exchange,
                cause="any password" if anything else "part of the password",
                message=f"{words} is accepted at sign-in",
                expected="401, or another 4xx",
                actual=str(exchange.status),
            )
        elif exchange.refused and exchange.status != TOO_MANY:
            yield held(label, exchange)


def _lets_in(exchange: Exchange) -> frozenset[str]:
    """The names of what an answer gives: fields of its body, and of its header the cookies."""
    response = exchange.response
    body: Any = response.json if response else None
    cookies = (
        [value.partition("=")[0] for k, value in response.headers if k.lower() == "set-cookie"]
        if response
        else []
    )
    return frozenset([*(body if isinstance(body, dict) else ()), *cookies])


@rule(
    "SEC009",
    contract="api",
    level="SHOULD",
    title="Sign-in does not tell who has an account",
    section=SECTION,
    mend="Answer an unknown name and a wrong password with one and the same error.",
    applies=_sign_in,
    needs=("writes",),
    scenarios=("signin",),
    silent="no account of the audit's own could sign in",
)
def sign_in_tells_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """A wrong password for a known account, and any for an unknown one, get the same status and words.

    Identifiers, times, numbers and what is repeated of the request may differ.
    """
    trace = _tries(record)
    known, unknown = (trace.step("wrong"), trace.step("unknown")) if trace else (None, None)
    if (
        known
        and unknown
        and known.refused
        and unknown.refused
        and TOO_MANY not in (known.status, unknown.status)
    ):
        yield _compared(known.operation or "", known, unknown, "an account exists", "sign-in")


def _compared(label: str, real: Exchange, missing: Exchange, what: str, cause: str) -> Observation:
    by = told_apart(real, missing)
    if by is None:
        return held(label, real, missing)
    return broken(
        label,
        missing,
        real,
        cause=f"{cause}: {by}",
        message=f"the {by} of a refusal tells whether {what}",
        expected=f"the same as for one that does not: {_brief(missing)}",
        actual=_brief(real),
    )


def _brief(exchange: Exchange) -> str:
    text = exchange.response.body.decode(errors="replace") if exchange.response else ""
    return f"{exchange.status} {text[:200]}".rstrip()


def _hidden(record: Record, resource: Resource, operation: Operation) -> Iterator[Exchange]:
    """What a stranger was answered for an object that their list hides and its owner's shows."""
    for trace in record.traces("access"):
        if trace.name != f"access {resource.name}":
            continue
        shown, own, read = (trace.step(s) for s in ("stranger list", "owner list", "stranger read"))
        theirs = listed(shown, resource.key) if shown else None
        owned = listed(own, resource.key) if own else None
        if shown is None or theirs is None or owned is None or resource.list is None:
            continue
        name = shown.facts["id"]
        private = name in owned and name not in theirs
        if (
            private
            and is_whole(shown, paging_of(resource.list), shown.facts.get("asked"))
            and read
            and read.refused
        ):
            yield from (
                e
                for e in trace.exchanges
                if e.operation == operation.label and e.step.startswith("stranger ")
            )


@rule(
    "SEC013",
    contract="api",
    level="SHOULD",
    title="A refusal does not tell what exists",
    section=SECTION,
    mend="Answer 404 for what the user may not see, in the words that are used for what is not there.",
    applies=lambda service: [
        op.label
        for r in service.resources
        if r.create and r.read and r.list and any(op.protected for op in r.operations)
        for op in (r.read, *r.updates, r.delete)
        if op
    ],
    needs=("writes", "second principal"),
    scenarios=("access", "signin"),
    silent="no object is hidden from another user's list",
)
def existence_is_hidden(record: Record, service: Service) -> Iterator[Observation]:
    """A stranger is answered for another user's private object as for one that does not exist.

    Private is what their list hides, the owner's shows, and they may not read. The status and the words
    must be the same; identifiers, times, numbers and what is repeated of the request may differ.
    """
    for resource in service.resources:
        absent = [
            e for t in record.traces("signin") if t.name == f"signin {resource.name}" for e in t.exchanges
        ]
        for missing in absent:
            operation = service.operation(missing.operation)
            if operation is None or missing.status not in HIDING:
                continue
            for real in _hidden(record, resource, operation):
                if real.refused and real.status in HIDING:
                    what = "somebody else's object exists"
                    yield _compared(operation.label, real, missing, what, resource.name)
