"""Sends what schemathesis makes of the schemas: data that they allow, and data that they forbid.

Only its generation is used. The requests leave by the kit's own door, so that what may not be sent
is not sent, and are judged by the kit's own rules.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.errors import SchemathesisError

from conformance.model.bodies import NOWHERE, REFERENCE
from conformance.model.operation import Operation
from conformance.model.record import Exchange
from conformance.scenarios import errors, fuzzing
from conformance.scenarios.lenient import surely_invalid
from conformance.scenarios.session import Session
from conformance.scenarios.state import present
from conformance.target import schemas

NAME = fuzzing.NAME
EXAMPLES = 3
ALWAYS = 0
"""The seed of these cases, whatever the audit's: what a gate holds against a service must not be luck."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ODD = {
    # Well beyond 2**63: a valid number of 64 bits may have 19 digits as well.
    "huge number": re.compile(r"\d{20}|9[3-9]\d{17}|92[3-9]\d{16}|922[4-9]\d{15}"),
    "null character": re.compile(r"\\u0000|%00"),
    "lone surrogate": re.compile(r"(?<!\\ud[89ab]..)\\ud[c-f]..|\\ud[89ab]..(?!\\ud[c-f])"),
}
LONGEST_QUERY = 2_000
UNUSABLE = (HypothesisException, SchemathesisError, LookupError, ValueError, TypeError)
"""Schemas that cannot be satisfied or compiled are the business of API001."""


def run(session: Session) -> None:
    """A few cases of each mode an operation; an operation that cannot be generated for is left out."""
    schema = schemas.load(session.service.document)
    for operation in session.service.operations:
        path = session.path_of(operation) if operation.method != "DELETE" else session.missing(operation)
        if path is None or not session.transport.allowed(operation, path):
            continue
        try:
            made = strategies(schema, operation)
            for mode in MODES:
                _cases(session, operation, path, made[mode], mode)
        except UNUSABLE:
            continue


def strategies(schema: BaseSchema, operation: Operation) -> dict[GenerationMode, SearchStrategy[Case[Any]]]:
    """What makes cases of an operation, by mode. Raises one of `UNUSABLE`."""
    declared = schema[operation.path][operation.method]
    return {mode: declared.as_strategy(generation_mode=mode) for mode in MODES}


def _cases(
    session: Session,
    operation: Operation,
    path: dict[str, str],
    strategy: Any,
    mode: GenerationMode,
) -> None:
    # Cases are made first and sent after: an exception of the door must not look like a failing example.
    made: list[Case[Any]] = []

    @seeded(ALWAYS)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=strategy)
    def collect(case: Case[Any]) -> None:
        made.append(case)

    collect()
    for case in made:
        send(session, operation, path, case, mode)


def send(
    session: Session,
    operation: Operation,
    path: dict[str, str],
    case: Case[Any],
    mode: GenerationMode,
    *,
    tell_invalid: bool = False,
    trace: str = "",
    renewed: Callable[[Any], Any] = lambda body: body,
) -> Exchange | None:
    """Send a case; None where it may not leave. A change that must name the present state names it.

    What leaves is its body `renewed`.

    With `tell_invalid` a body that is invalid to the most lenient reader is recorded as input with one
    fault, as the scenario of errors sends it, so that whoever accepts it is found out.
    """
    owner = session.service.owner
    given = case.query if isinstance(case.query, dict) else {}
    query = {str(k): v if operation.safe else _own(session, str(k), v) for k, v in given.items()}
    if len(urlencode(query, doseq=True, errors="replace")) > LONGEST_QUERY:
        query = {}
    tag, version = present(session, operation, path)
    media, body = _body(session, case, renewed(case.body), version)
    headers = {**session.required(operation, "header"), **owner.headers, **tag}
    if media:
        headers["content-type"] = media
    fault = _fault(session, operation, body) if tell_invalid and mode is GenerationMode.NEGATIVE else {}
    scenario = errors.NAME if fault else NAME
    return session.transport.call(
        operation,
        path=path,
        query={**session.required(operation, "query"), **query},
        headers=headers,
        body=body,
        facts={"mode": mode.value, **(fault or _oddities(body, query))},
        scenario=scenario,
        trace=trace or f"{scenario} {operation.label}",
        step="invalid" if fault else mode.value,
        principal=owner.name,
    )


def _fault(session: Session, operation: Operation, body: bytes) -> dict[str, str]:
    """Which keyword of which field a JSON body breaks beyond any lenient reading."""
    declared = operation.body
    if declared is None or "json" not in declared.media_type or not body:
        return {}
    try:
        found = surely_invalid(session.service.document, declared.schema, json.loads(body))
    except (ValueError, OverflowError, RecursionError):
        return {}
    return {"fault": found[0], "field": found[1]} if found else {}


def _body(session: Session, case: Case[Any], data: Any, version: dict[str, Any]) -> tuple[str, bytes]:
    data, media = _owned(session, data), case.media_type or "application/json"
    if isinstance(data, dict):
        data = {**data, **version}
    if data is NOT_SET:
        return "", b""
    if isinstance(data, bytes):
        return media, data
    if "json" in media:
        return media, json.dumps(data, default=str).encode()
    if isinstance(data, dict) and "urlencoded" in media:
        return media, urlencode(data, doseq=True, errors="replace").encode()
    return "", b""


def _oddities(body: bytes, query: dict[str, Any]) -> dict[str, str]:
    """What is known to be odd in a random case, so that a failure on it is told from one of its own."""
    text = body.decode("utf-8", "replace") + urlencode(query, doseq=True, errors="replace")
    found = next((kind for kind, pattern in ODD.items() if pattern.search(text)), None)
    return {"fault": found} if found else {}


def _owned(session: Session, data: Any) -> Any:
    """Data with no reference in it, however deep, that might name somebody's object."""
    if isinstance(data, dict):
        return {k: _own(session, k, _owned(session, v)) for k, v in data.items()}
    return [_owned(session, part) for part in data] if isinstance(data, list) else data


def _own(session: Session, name: str, value: Any) -> Any:
    """A generated reference might name somebody's object: one of ours, or of nobody's, is sent instead."""
    if not isinstance(value, int | str) or isinstance(value, bool) or not REFERENCE.search(str(name)):
        return value
    ours = session.reference(str(name))
    return ours if ours is not None else NOWHERE if isinstance(value, int) else session.sampler.word()
