"""What the deep lane fuzzes: an operation in one mode, or the life of one object of a resource."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from schemathesis import Case, GenerationMode

from conformance.model.bodies import kind_of
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.model.resources import Resource, identifier, representation
from conformance.scenarios import fuzz
from conformance.scenarios.session import Made, Session
from conformance.target import schemas

LONGEST_TEXT = 3_000
"""Characters; no generator makes texts of that length by chance."""
LONGEST_STORY = 5
BINDING = ("enum", "const", "pattern", "format", "contentEncoding")
"""Keywords with which a text cannot simply be longer."""
Key = tuple[str, str, str]
"""A rule, what it names as the cause, an operation."""
Cases = SearchStrategy[Case[Any]]
Step = tuple[Operation, Case[Any]]


@dataclass
class Quarry:
    """What is fuzzed in rounds: `examples` are drawn, `play` sends one.

    `dry` counts the examples since it last showed something new, which `found` says of the last round;
    `once` holds what it showed once and not again.
    """

    name: str
    examples: SearchStrategy[Any]
    play: Callable[[Any], None]
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
    cases: dict[str, dict[GenerationMode, Cases]] = {}
    for operation in session.service.operations:
        with suppress(*fuzz.UNUSABLE):
            made = fuzz.strategies(schema, operation)
            positive = _stretched(session, operation, made[GenerationMode.POSITIVE])
            cases[operation.label] = {**made, GenerationMode.POSITIVE: positive}
    lived: set[str] = set()
    for resource in session.service.resources:
        steps = _steps(session, resource, cases)
        if steps:
            lived |= {operation.label for operation in steps}
            yield Quarry(f"a life of {resource.name}", _story(steps, cases), _life(session, resource))
    for operation in session.service.operations:
        if operation.label not in cases or operation.method == "DELETE":
            continue
        path = session.path_of(operation) if operation.body or operation.query_parameters else None
        if path is None or not session.transport.allowed(operation, path):
            continue
        for mode, examples in cases[operation.label].items():
            if mode is GenerationMode.NEGATIVE or operation.label not in lived:
                play = _single(session, operation, path, mode)
                yield Quarry(f"{operation.label} {mode.value}", examples, play)


def _single(
    session: Session, operation: Operation, path: dict[str, str], mode: GenerationMode
) -> Callable[[Case[Any]], None]:
    def play(case: Case[Any]) -> None:
        exchange = fuzz.send(session, operation, path, case, mode, tell_invalid=True)
        _adopt(session, operation, exchange)

    return play


def _adopt(session: Session, operation: Operation, exchange: Exchange | None) -> None:
    """What a create has made is this audit's own, and is removed at its end."""
    resource = next((r for r in session.service.resources if r.create is operation), None)
    if resource is None or exchange is None or exchange.response is None or not exchange.ok:
        return
    named_by = identifier(exchange.response, resource.key)
    if named_by is None or resource.parents:
        return
    session.transport.objects.own(resource.name, named_by)
    shown = representation(exchange.response.json, resource.key) or {resource.key: named_by}
    session.made.append((Made(resource, (named_by,), shown, None), session.service.owner))


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


def _story(
    steps: list[Operation], cases: Mapping[str, Mapping[GenerationMode, Cases]]
) -> SearchStrategy[list[Step]]:
    """Some changes, one after the other."""
    one = [st.tuples(st.just(step), cases[step.label][GenerationMode.POSITIVE]) for step in steps]
    return st.lists(st.one_of(one), min_size=1, max_size=LONGEST_STORY)


def _life(session: Session, resource: Resource) -> Callable[[list[Step]], None]:
    def play(story: list[Step]) -> None:
        trace = f"{fuzz.NAME} {resource.name}"
        owner = session.service.owner
        made = session.create(resource, owner, scenario=fuzz.NAME, trace=trace, step="create")
        if made is None:
            return
        for operation, case in story:
            fuzz.send(session, operation, operation.fill(made.chain), case, GenerationMode.POSITIVE)
        for read in (resource.read, resource.list):
            if read is not None:
                path = read.fill(made.chain[: len(read.path_names)])
                session.ask(read, owner, path=path, scenario=fuzz.NAME, trace=trace, step="read")

    return play


def _stretched(session: Session, operation: Operation, cases: Cases) -> Cases:
    """The same cases, now and then with one text of the body as long as its schema lets it be."""
    document, declared = session.service.document, operation.body
    limits: dict[str, tuple[int, int]] = {}
    for name, schema in document.properties(declared.schema).items() if declared else ():
        shape = document.shape(schema)
        if kind_of(shape) == "string" and not any(keyword in shape for keyword in BINDING):
            low, high = shape.get("minLength", 0), shape.get("maxLength", LONGEST_TEXT)
            if isinstance(low, int) and isinstance(high, int) and low <= min(high, LONGEST_TEXT):
                limits[name] = low, min(high, LONGEST_TEXT)
    return _with_long_text(cases, limits) if limits else cases


@st.composite
def _with_long_text(draw: DrawFn, cases: Cases, limits: dict[str, tuple[int, int]]) -> Case[Any]:
    case = draw(cases)
    name = draw(st.sampled_from([None, None, *limits]))
    if name is not None and isinstance(case.body, dict) and isinstance(case.body.get(name), str):
        case.body = {**case.body, name: "a" * draw(st.integers(*limits[name]))}
    return case
