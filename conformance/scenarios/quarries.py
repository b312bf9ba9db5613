"""What the deep lane fuzzes: an operation in one mode, or the life of one object of a resource."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import BaseSchema, Case, GenerationMode

from conformance.model.operation import Operation
from conformance.model.paging import rows
from conformance.model.record import Exchange
from conformance.model.resources import Resource, holder, identifier, representation
from conformance.scenarios import fuzz
from conformance.scenarios.fresh import Known
from conformance.scenarios.session import Session
from conformance.scenarios.variations import broken, varied
from conformance.target import schemas

LONGEST_STORY = 5
Key = tuple[str, str, str]
"""A rule, what it names as the cause, an operation."""
Cases = SearchStrategy[Case[Any]]
Step = tuple[Operation, Case[Any]]
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


class Play(Protocol):
    """Sends an example under a trace; `alone` with objects made for it and nothing else."""

    def __call__(self, example: Any, /, trace: str, *, alone: bool = False) -> None: ...


@dataclass
class Quarry:
    """What is fuzzed in rounds: `examples` are drawn, `play` sends one.

    `dry` counts the examples since it last showed something new, which `found` says of the last round;
    `once` holds what it showed once and not again. The more `hopeful` comes first.
    """

    name: str
    examples: SearchStrategy[Any]
    play: Play
    hopeful: int = 1
    rounds: int = 0
    dry: int = 0
    found: bool = False
    once: set[Key] = field(default_factory=set)


def quarries(session: Session) -> Iterator[Quarry]:
    """All of a service; what has nothing to vary is none, nor what no case can be made for.

    What changes an object is tried on a fresh one, in a life of it: else a failure might be owed to the
    example before.
    """
    schema = schemas.load(session.service.document)
    cases: dict[str, dict[str, Cases]] = {}
    known = {operation.label: Known(session, operation) for operation in session.service.operations}
    for operation in session.service.operations:
        with suppress(*fuzz.UNUSABLE):
            cases[operation.label] = _cases(session, schema, operation, known[operation.label])
    lived: set[str] = set()
    for resource in session.service.resources:
        steps = _steps(session, resource, cases)
        if steps:
            lived |= {operation.label for operation in steps}
            yield Quarry(
                f"a life of {resource.name}", _story(steps, cases), _life(session, resource, known), 3
            )
    for operation in session.service.operations:
        if operation.label not in cases or operation.method == "DELETE":
            continue
        if not operation.body and not operation.query_parameters:
            continue
        path = session.path_of(operation)
        if path is None or not session.transport.allowed(operation, path):
            continue
        for kind, examples in cases[operation.label].items():
            if kind != "valid" or operation.label not in lived:
                mode = POSITIVE if kind == "valid" else NEGATIVE
                # What breaks the whole schema at once is mostly refused for the first reason at hand.
                hopeful = 1 if kind == "invalid" else 2
                yield Quarry(
                    f"{operation.label} {kind}",
                    examples,
                    _single(session, operation, mode, known[operation.label]),
                    hopeful,
                )


def _cases(session: Session, schema: BaseSchema, operation: Operation, known: Known) -> dict[str, Cases]:
    """Cases of an operation: valid, with one fault in the body, and as invalid as they come.

    Raises one of `fuzz.UNUSABLE`.
    """
    made = fuzz.strategies(schema, operation)
    document, declared = session.service.document, operation.body
    if declared is None or "json" not in declared.media_type:
        return {"valid": made[POSITIVE], "invalid": made[NEGATIVE]}
    # What the service has taken from the gate is a better start than what chance makes of the schema.
    base = made[POSITIVE]
    if known.bodies:
        new = schema[operation.path][operation.method].Case
        base = st.one_of(_like(new, known.bodies, declared.media_type), base)
    valid = varied(base, document, declared.schema)
    return {
        "valid": valid,
        "faulty": broken(valid, document, declared.schema),
        "invalid": made[NEGATIVE],
    }


def _like(new: Callable[..., Case[Any]], bodies: Sequence[Any], media: str) -> Cases:
    return st.sampled_from(bodies).map(lambda body: new(body=deepcopy(body), media_type=media))


def _single(session: Session, operation: Operation, mode: GenerationMode, known: Known) -> Play:
    """One request; where it changes an object, one made for it, which serves until it was changed."""
    accounts = session.service.account_resource
    theirs = accounts is not None and operation.path.startswith(f"{accounts.name}/")
    fresh = bool(operation.path_names) and not operation.safe and not theirs
    resources = session.service.resources
    resource = next((r for r in resources if r.create is operation or operation in r.bulk), None)
    above = holder(operation.path[: operation.path.rindex("{")], resources) if operation.path_names else None
    kept: list[dict[str, str]] = []

    def play(case: Case[Any], /, trace: str, *, alone: bool = False) -> None:
        if not kept or alone:
            path = session.path_of(operation, fresh=fresh, trace=trace)
            if path is None:
                raise LookupError(f"{operation.label} has no object to work on")
            kept[:] = [path]
        exchange = fuzz.send(
            session, operation, kept[0], known.again(case), mode, tell_invalid=True, trace=trace
        )
        if exchange is not None and resource is not None and exchange.ok:
            for chain in _made(session, resource, exchange, kept[0]):
                _look(session, resource, chain, trace)
        if fresh and above is not None and not (exchange is not None and exchange.refused):
            _look(session, above, tuple(kept[0].values()), trace)
            kept.clear()

    return play


def _made(
    session: Session, resource: Resource, exchange: Exchange, path: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    """The identifiers of what a create, or a bulk create, has just made."""
    if exchange.response is None or resource.named_by_client or len(path) != len(resource.parents):
        return
    several = rows(exchange.response.json) if exchange.operation in {o.label for o in resource.bulk} else None
    shown = [representation(row, resource.key) for row in several or ()]
    names = [str(item[resource.key]) for item in shown if item]
    if several is None and (named_by := identifier(exchange.response, resource.key)):
        names = [named_by]
    for name in names:
        session.own(resource, name)
        yield (*path.values(), name)


def _look(session: Session, resource: Resource, chain: tuple[str, ...], trace: str) -> None:
    """Read an object by itself and in its list, and remove it: thousands would be in everybody's way."""
    owner = session.service.owner
    said: dict[str, Any] = {"scenario": fuzz.NAME, "trace": trace}
    for step, operation in (("read", resource.read), ("list", resource.list), ("delete", resource.delete)):
        if operation is None or len(operation.path_names) > len(chain):
            continue
        path = operation.fill(chain[: len(operation.path_names)])
        exchange = session.ask(operation, owner, path=path, step=step, **said)
        if step == "delete" and exchange is not None and exchange.ok:
            session.made = [made for made in session.made if made[0].chain != chain]


def _steps(session: Session, resource: Resource, cases: Mapping[str, object]) -> list[Operation]:
    """What can change one object made for it; nothing where none can be made."""
    if resource.create is None or resource is session.service.account_resource:
        return []
    if not session.transport.allowed(resource.create, {}):
        return []
    item = f"{resource.name}/{{{resource.parameter}}}"
    return [
        operation
        for operation in session.service.operations
        if operation.label in cases
        and operation.path.startswith(item)
        and not operation.safe
        and len(operation.path_names) == len(resource.parents) + 1
    ]


def _story(steps: list[Operation], cases: Mapping[str, Mapping[str, Cases]]) -> SearchStrategy[list[Step]]:
    """Some changes, one after the other."""
    one = [st.tuples(st.just(step), cases[step.label]["valid"]) for step in steps]
    return st.lists(st.one_of(one), min_size=1, max_size=LONGEST_STORY)


def _life(session: Session, resource: Resource, known: Mapping[str, Known]) -> Play:
    def play(story: list[Step], /, trace: str, *, alone: bool = False) -> None:  # noqa: ARG001 - it always is
        owner = session.service.owner
        made = session.create(resource, owner, scenario=fuzz.NAME, trace=trace, step="create")
        if made is None:
            raise LookupError(f"no object of {resource.name} could be made")
        for operation, case in story:
            said: dict[str, Any] = {"trace": trace, "renewed": known[operation.label].again}
            fuzz.send(session, operation, operation.fill(made.chain), case, POSITIVE, **said)
        _look(session, resource, made.chain, trace)

    return play
