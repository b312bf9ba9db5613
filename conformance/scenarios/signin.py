"""Tries passwords that are not right, and asks as a stranger for what does not exist."""

from conformance.model.record import Exchange
from conformance.model.resources import Resource
from conformance.model.service import NOBODY
from conformance.scenarios.session import Session

NAME = "signin"
PREFIX = 8
"""So many characters of a password are all that the oldest hash functions read."""


def run(session: Session) -> None:
    """Sign-in with an account of this audit's own making, then each item operation of a stranger's."""
    _passwords(session)
    for resource in session.service.resources:
        if resource.create and resource.read and resource.list:
            _absent(session, resource)


def _passwords(session: Session) -> None:
    operation = session.accounts.sign_in
    if operation is None or session.accounts.missing or operation.label not in session.service.selected:
        return
    account = session.accounts.make("grace", scenario=NAME, trace=NAME)
    right = _accepted(session.transport.record.exchanges, operation.label) if account else None
    if right is None or not isinstance(right.get("password"), str):
        return
    password, word = str(right["password"]), session.sampler.word()
    unknown = {
        name: f"{word}@example.com" if "@" in str(value) else word
        for name, value in right.items()
        if name != "password"
    }
    wrong = f"{session.sampler.word()}-{session.sampler.word()}-9Zq"
    tries = {
        "wrong": {**right, "password": wrong},
        "unknown": {**unknown, "password": wrong},
        "prefix": {**right, "password": password[:PREFIX]},
        "other case": {**right, "password": password.swapcase()},
        "longer": {**right, "password": f"{password}x"},
        "right": right,
    }
    for step, sent in tries.items():
        facts = {"sent": sent}
        session.ask(operation, NOBODY, send=sent, facts=facts, scenario=NAME, trace=NAME, step=step)


def _accepted(exchanges: list[Exchange], label: str) -> dict[str, object] | None:
    """What the last sign-in that was accepted sent."""
    signed_in = [e for e in exchanges if e.trace == NAME and e.operation == label and e.ok]
    sent = signed_in[-1].facts.get("sent") if signed_in else None
    return dict(sent) if isinstance(sent, dict) else None


def _absent(session: Session, resource: Resource) -> None:
    """What the access scenario asked of another user's object, of one that does not exist."""
    stranger, record = session.service.stranger, session.transport.record
    trace = f"access {resource.name}"
    asked = [e for e in record if e.trace == trace and e.step.startswith("stranger ") and e.refused]
    if stranger is None:
        return
    for operation in (resource.read, *resource.updates, resource.delete):
        real = next((e for e in asked if operation and e.operation == operation.label), None)
        if operation is None or real is None or operation.label not in session.service.selected:
            continue
        parents = session.parents(resource, session.service.owner)
        if parents is None:
            continue
        missing = session.missing(operation)
        names = dict(zip(operation.path_names, (*parents, missing[operation.path_names[-1]]), strict=True))
        session.ask(
            operation,
            stranger,
            path=names,
            send=None if operation.method == "DELETE" else session.body(operation),
            facts={"real": real.number},
            scenario=NAME,
            trace=f"{NAME} {resource.name}",
            step=f"missing {operation.method}",
        )
