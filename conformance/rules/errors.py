"""What an error must look like, whichever layer made it."""

from collections import Counter
from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record, labels
from conformance.model.service import Service
from conformance.rules import shapes
from conformance.scenarios.hostile import SERVER, UNREADABLE

SECTION = "Core Principles 6: Error Handling"
UNAVAILABLE = 503
BEFORE_THE_SERVICE = (*SERVER, "null character in the path", "not Unicode")


def _all(service: Service) -> list[str]:
    return [op.label for op in service.operations]


def _errors(record: Record) -> Iterator[Exchange]:
    for exchange in record.answered():
        # A preflight is answered by the CORS layer, which clients' code never sees, and what the HTTP server
        # cannot take never comes as far as the service.
        elsewhere = "origin" in exchange.facts or exchange.facts.get("fault") in BEFORE_THE_SERVICE
        if exchange.refused and exchange.request.method != "HEAD" and not elsewhere:
            yield exchange


@rule(
    "ERR001",
    contract="error",
    level="MUST",
    title="Nothing is answered with a 5xx",
    section=SECTION,
    mend="Map the exception to a 4xx problem, or validate the input that provokes it.",
    applies=_all,
    yields_to=("API030",),
)
def no_server_error(record: Record, service: Service) -> Iterator[Observation]:
    """No request of the audit, valid or not, makes the service fail; a 503 is not judged here.

    A failure on one kind of input is one finding, however many operations share it. An operation is
    reported for the plainest input that makes it fail, and for the kind that most others share. A random
    case is reported where nothing plainer has made the operation fail and its kind is not reported yet.
    """
    failed = [e for e in record.answered() if _fails(e)]
    plainest = {label: min(_oddity(e) for e in failed if e.operation == label) for label in labels(failed)}
    plain = [e for e in failed if e.operation and _oddity(e) == plainest[e.operation]]
    shared = Counter(what for what, _label in {(_what(e), e.operation) for e in plain})
    told = {
        label: max((_what(e) for e in plain if e.operation == label), key=lambda what: (shared[what], what))
        for label in labels(plain)
    }
    kinds = {_what(e) for e in plain if e.scenario != "fuzz"}
    for exchange in record.answered():
        label = exchange.operation
        if label is None or (exchange.scenario == "fuzz" and _what(exchange) in kinds):
            continue
        if not _fails(exchange):
            yield held(label, exchange)
            continue
        what, fault = _what(exchange), exchange.facts.get("fault")
        if exchange not in plain or what != told[label]:
            continue
        yield broken(
            label,
            exchange,
            cause=what,
            message=f"the service fails with {exchange.status}" + (f" on {what}" if fault else ""),
            expected="a 2xx, or a 4xx that says what is wrong",
            actual=str(exchange.status),
        )


def _what(exchange: Exchange) -> str:
    """What made an operation fail: the kind of fault in its input, or the operation itself."""
    fault = exchange.facts.get("fault")
    return f"{fault} {exchange.facts.get('field', '')}".strip() if fault else exchange.operation or ""


def _fails(exchange: Exchange) -> bool:
    unreadable = exchange.facts.get("fault") in UNREADABLE
    return _failed(exchange) and exchange.operation is not None and not unreadable


def _failed(exchange: Exchange) -> bool:
    return exchange.status >= 500 and exchange.status != UNAVAILABLE


def _oddity(exchange: Exchange) -> int:
    """How far a request is from a plain one: valid, with one fault, one of several at once, random."""
    if exchange.scenario == "fuzz":
        return 3
    if exchange.scenario == "races" and exchange.step == "together":
        return 2
    return 1 if "fault" in exchange.facts else 0


@rule(
    "ERR014",
    contract="error",
    level="SHOULD",
    title="JSON that cannot be written back is no failure",
    section=SECTION,
    mend="Write errors with an encoder that replaces lone surrogates and NaN; FastAPI's own 422 repeats the"
    " input, and its JSONResponse fails on both.",
    applies=lambda service: [op.label for op in service.operations if op.body],
    scenarios=("errors",),
    silent="no operation takes text in JSON",
)
def unreadable_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """Half of a surrogate pair (RFC 8259 §8.2) and NaN in a body get a 4xx or are accepted, never a 5xx.

    Common readers let both in and common writers fail on both, so that an error that repeats its
    input becomes a failure.
    """
    for exchange in record.answered():
        fault = exchange.facts.get("fault")
        if fault not in UNREADABLE or exchange.operation is None:
            continue
        if _failed(exchange):
            yield broken(
                exchange.operation,
                exchange,
                cause="cannot be written back",
                message=f"the service fails with {exchange.status} on a {fault} in JSON",
                expected="a 4xx",
                actual=str(exchange.status),
            )
        else:
            yield held(exchange.operation, exchange)


@rule(
    "ERR005",
    contract="error",
    level="MUST",
    title="One error shape on every layer",
    section=SECTION,
    mend="Register one handler for HTTPException (Starlette's, so that the router's 404 and 405 are"
    " met), RequestValidationError and the service's own exceptions.",
    applies=_all,
    scenarios=("errors", "access", "creation", "media types", "operations", "limits"),
    silent="no request was refused",
)
def one_shape(record: Record, service: Service) -> Iterator[Observation]:
    """Router, parser, validation, authentication and domain errors have one form.

    RFC 9457 §3, the guideline's `{"detail": …}` (a string or a list, as stock FastAPI has it), or
    the service's own: the fields that its errors share, found by a vote in which each status has one
    voice, without those that the document lets errors leave out. Errors that deviate in the same way are
    one finding. A 503 is judged where it is JSON: any other may be a gateway's.
    """
    errors = list(_errors(record))
    profile = shapes.profile_of(errors, shapes.optional(service))
    for exchange in (*errors, *_unavailable(record)):
        label = exchange.operation or f"{exchange.request.method} (no such path)"
        deviation = shapes.deviation(exchange, profile)
        if deviation is None:
            yield held(label, exchange)
        else:
            yield broken(
                label,
                exchange,
                cause=deviation,
                message=f"a {exchange.status} has another form than the service's other errors",
                expected=str(profile),
                actual=shapes.described(exchange),
            )


def _unavailable(record: Record) -> Iterator[Exchange]:
    for exchange in record.answered():
        media = exchange.response.media_type if exchange.response else ""
        if exchange.status == UNAVAILABLE and media.endswith("json") and exchange.request.method != "HEAD":
            yield exchange


@rule(
    "ERR006",
    contract="error",
    level="MUST",
    title="A 401 names its scheme",
    section=SECTION,
    mend='Raise the 401 with `headers={"WWW-Authenticate": "Bearer"}` and keep it in the handler.',
    applies=lambda service: [op.label for op in service.operations if op.protected],
    scenarios=("access",),
    silent="no request was answered with 401",
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
    scenarios=("errors",),
    silent="no request was answered with 405",
)
def allow(record: Record, service: Service) -> Iterator[Observation]:
    """Each 405 carries an Allow field (RFC 9110 §15.5.6) that names a method.

    Starlette names the methods of the first route that matches, so that a partial list is not judged;
    whether what it names is true is the business of API023.
    """
    for exchange in _errors(record):
        if exchange.status != 405 or exchange.response is None:
            continue
        label = exchange.operation or ""
        path = label.partition(" ")[2]
        declared = {op.method for op in service.document.operations if op.path == path}
        if (exchange.response.header("allow") or "").strip(" ,"):
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
