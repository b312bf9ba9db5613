"""What an error must look like, whichever layer made it."""

from collections import Counter
from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Core Principles 6: Error Handling"


def _all(service: Service) -> list[str]:
    return [op.label for op in service.operations]


def _errors(record: Record) -> Iterator[Exchange]:
    for exchange in record.answered():
        if 400 <= exchange.status < 500 and exchange.request.method != "HEAD":
            yield exchange


@rule(
    "ERR001",
    contract="error",
    level="MUST",
    title="Nothing is answered with a 5xx",
    section=SECTION,
    mend="Map the exception to a 4xx problem, or validate the input that provokes it.",
    applies=_all,
)
def no_server_error(record: Record, service: Service) -> Iterator[Observation]:
    """No request of the audit, valid or not, makes the service fail; a 503 is not judged here."""
    for exchange in record.answered():
        if exchange.operation is None:
            continue
        if exchange.status >= 500 and exchange.status != 503:
            yield broken(
                exchange.operation,
                exchange,
                cause=f"{exchange.operation} {exchange.status}",
                message=f"the service fails with {exchange.status}",
                expected="a 2xx, or a 4xx that says what is wrong",
                actual=str(exchange.status),
            )
        else:
            yield held(exchange.operation, exchange)


def _shape(exchange: Exchange) -> str:
    """The form of an error: its media type and the names at its top, one level down for objects."""
    response = exchange.response
    if response is None or not response.body:
        return "empty body"
    body = response.json
    if not isinstance(body, dict):
        return f"{response.media_type or 'no media type'}, not a JSON object"
    names = {
        f"{key}.{inner}" if isinstance(value, dict) else key
        for key, value in body.items()
        for inner in (value if isinstance(value, dict) else [""])
    }
    return f"{response.media_type} {{{', '.join(sorted(names))}}}"


def _profile(errors: list[Exchange]) -> str:
    """Which of the known forms most errors have: rfc9457, detail, or the commonest own shape."""
    answers = [e.response for e in errors if e.response]
    if 2 * sum(r.media_type == "application/problem+json" for r in answers) > len(answers):
        return "rfc9457"
    if 2 * sum(isinstance(r.json, dict) and "detail" in r.json for r in answers) > len(answers):
        return "detail"
    return Counter(_shape(e) for e in errors).most_common(1)[0][0]


def _core(shape: str) -> set[str]:
    return set(shape.partition("{")[2].rstrip("}").split(", "))


def _fits(exchange: Exchange, profile: str) -> bool:
    response = exchange.response
    if response is None or not isinstance(response.json, dict):
        return False
    if profile == "rfc9457":
        stated = response.json.get("status", response.status)
        return response.media_type == "application/problem+json" and stated == response.status
    if profile == "detail":
        return "detail" in response.json
    mine, usual = _core(_shape(exchange)), _core(profile)
    return bool(mine & usual) and {n.split(".")[0] for n in usual} <= {n.split(".")[0] for n in mine}


@rule(
    "ERR005",
    contract="error",
    level="MUST",
    title="One error shape on every layer",
    section=SECTION,
    mend="Register one handler for HTTPException (Starlette's, so that the router's 404 and 405 are"
    " met), RequestValidationError and the service's own exceptions.",
    applies=_all,
)
def one_shape(record: Record, service: Service) -> Iterator[Observation]:
    """Router, parser, validation, authentication and domain errors have one form.

    RFC 9457 §3, the guideline's `{"detail": …}` (a string or a list, as stock FastAPI has it), or
    the form that most of the service's errors have.
    """
    errors = list(_errors(record))
    if not errors:
        return
    profile = _profile(errors)
    for exchange in errors:
        label = exchange.operation or f"{exchange.request.method} (no such path)"
        if _fits(exchange, profile):
            yield held(label, exchange)
        else:
            shape = _shape(exchange)
            yield broken(
                label,
                exchange,
                cause=f"{exchange.status}: {shape}",
                message=f"a {exchange.status} has another form than the service's other errors",
                expected=f"the form of most errors: {profile}",
                actual=shape,
            )


@rule(
    "ERR006",
    contract="error",
    level="MUST",
    title="A 401 names its scheme",
    section=SECTION,
    mend='Raise the 401 with `headers={"WWW-Authenticate": "Bearer"}` and keep it in the handler.',
    applies=lambda service: [op.label for op in service.operations if op.protected],
)
def challenge(record: Record, service: Service) -> Iterator[Observation]:
    """Each 401 carries a WWW-Authenticate field (RFC 9110 §11.6.1)."""
    for exchange in _errors(record):
        if exchange.status != 401 or exchange.response is None:
            continue
        label = exchange.operation or ""
        if exchange.response.header("www-authenticate"):
            yield held(label, exchange)
        else:
            yield broken(
                label,
                exchange,
                cause="no challenge",
                message="a 401 does not say how to authenticate",
                expected="a WWW-Authenticate field",
                actual="none",
            )


@rule(
    "ERR007",
    contract="error",
    level="MUST",
    title="A 405 lists Allow",
    section=SECTION,
    mend="Keep the exception's headers in the error handler, and name every method of the path.",
    applies=_all,
)
def allow(record: Record, service: Service) -> Iterator[Observation]:
    """Each 405 carries an Allow field (RFC 9110 §15.5.6) with at least one method of the path.

    Starlette names the methods of the first route that matches; a partial list is not judged here.
    """
    for exchange in _errors(record):
        if exchange.status != 405 or exchange.response is None:
            continue
        allowed = {m.strip() for m in (exchange.response.header("allow") or "").split(",")}
        declared = set(exchange.facts.get("declared", ()))
        label = exchange.operation or ""
        if allowed & declared:
            yield held(label, exchange)
        else:
            yield broken(
                label,
                exchange,
                cause="no Allow",
                message="a 405 does not list what is allowed",
                expected=f"Allow: {', '.join(sorted(declared))}",
                actual=exchange.response.header("allow") or "no Allow field",
            )
