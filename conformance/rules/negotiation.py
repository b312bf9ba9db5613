"""Content negotiation, where several media types are declared (RFC 9110 §12)."""

import json
from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.fields import directives, names
from conformance.model.record import Exchange, Record, Response
from conformance.model.service import Service
from conformance.scenarios.negotiation import media_types

SECTION = "Creating a New API Endpoint: response models and status codes"
NOT_ACCEPTABLE = 406


def _negotiated(service: Service) -> list[str]:
    return [op.label for op in service.operations if len(media_types(service.document, op)) > 1]


@rule(
    "API046",
    contract="api",
    level="MUST",
    title="Accept chooses what comes",
    section=SECTION,
    mend="Choose by Accept and its weights, name the choice in Content-Type, and answer 406 for the rest.",
    applies=_negotiated,
    scenarios=("negotiation",),
    silent="no read with several media types was chosen by Accept",
)
def accept_chooses(record: Record, service: Service) -> Iterator[Observation]:
    """Each declared media type comes where it is asked for alone or before another, and is what it says.

    RFC 9110 §12.5.1. For a type that there is not a 406 comes, or one of the declared; never a 5xx. Something
    else may choose (a parameter of the query): what comes is judged only where a 406 is declared, an answer
    says `Vary: Accept`, or two types have come.
    """
    for trace in record.traces("negotiation"):
        exchanges = [e for e in trace.exchanges if e.response is not None]
        operation = service.operation(exchanges[0].operation) if exchanges else None
        if operation is None:
            continue
        came = {e.response.media_type for e in exchanges if e.response and e.ok}
        varies_by_it = any("ACCEPT" in names(e.response, "vary") for e in exchanges)
        chosen = len(came) > 1 or varies_by_it or str(NOT_ACCEPTABLE) in operation.responses
        declared = media_types(service.document, operation)
        for exchange in exchanges:
            if exchange.response is not None:
                yield from _judged(operation.label, exchange, exchange.response, declared, chosen=chosen)


def _judged(
    label: str, exchange: Exchange, response: Response, declared: list[str], *, chosen: bool
) -> Iterator[Observation]:
    wanted, media, step = exchange.facts["wanted"], response.media_type, exchange.step
    accept = next((value for name, value in exchange.request.headers if name.lower() == "accept"), "")
    if exchange.status >= 500:
        cause, expected, actual = f"{step}: {exchange.status}", "406, or a representation", ""
    elif exchange.ok and not _is(response, media):
        cause, expected, actual = f"{media} is none", f"a body that is {media}", "a body that is not"
    elif chosen and exchange.ok and wanted and media != wanted:
        cause, expected, actual = f"{step}: another", wanted, media
    elif chosen and wanted and exchange.status == NOT_ACCEPTABLE:
        cause, expected, actual = f"{step}: 406", wanted, ""
    elif chosen and exchange.ok and not wanted and media not in declared:
        cause, expected, actual = "undeclared", "406, or a declared representation", media
    else:
        if chosen and (exchange.ok or exchange.status == NOT_ACCEPTABLE):
            yield held(label, exchange)
        return
    yield broken(
        label,
        exchange,
        cause=cause,
        message=f"Accept: {accept} is answered with something else",
        expected=expected,
        actual=actual or str(exchange.status),
    )


def _is(response: Response, media: str) -> bool:
    """Whether a body is of the media type that it says, as far as can be told."""
    if not response.body.strip():
        return True
    if media.endswith(("/json", "+json")):
        return _is_json(response.body)
    if media.endswith(("/xml", "+xml")):
        return response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if media == "text/csv":
        # One line of digits may be either.
        return not (response.body.lstrip()[:1] in (b"{", b"[") and _is_json(response.body))
    return True


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


@rule(
    "API047",
    contract="api",
    level="SHOULD",
    title="What Accept has chosen varies by it",
    section=SECTION,
    mend="Send `Vary: Accept` with every representation that was chosen by Accept.",
    applies=_negotiated,
    scenarios=("negotiation",),
    silent="no read came in two media types, or what came may not be kept",
)
def varies(record: Record, service: Service) -> Iterator[Observation]:
    """An answer that Accept has chosen says `Vary: Accept` (RFC 9110 §12.5.5), unless nobody may store it.

    Without it a cache gives one client what another one asked for.
    """
    for trace in record.traces("negotiation"):
        came = {e.response.media_type for e in trace.exchanges if e.response and e.ok}
        if len(came) < 2:
            continue
        for exchange in trace.exchanges:
            response = exchange.response
            if response is None or not exchange.ok or "no-store" in directives(response):
                continue
            if {"ACCEPT", "*"} & names(response, "vary"):
                yield held(exchange.operation or "", exchange)
            else:
                yield _does_not_vary(exchange, response)


def _does_not_vary(exchange: Exchange, response: Response) -> Observation:
    return broken(
        exchange.operation or "",
        exchange,
        cause="no Vary",
        message="what Accept has chosen does not vary by it",
        expected="Vary: Accept",
        actual=f"Vary: {response.header('vary')}" if response.header("vary") else "no Vary field",
    )
