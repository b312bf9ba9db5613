"""What others may have: pages of other origins, and the users of one cache."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.fields import directives, names, seconds
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Creating a New API Endpoint: authentication and authorization"
FOREIGN = "https://evil.example"
ORIGIN, CREDENTIALS = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
SENT_ALWAYS = frozenset({"accept", "content-type", "origin", "user-agent"})


@rule(
    "SEC010",
    contract="api",
    level="MUST",
    title="Not every origin is let in with credentials",
    section=SECTION,
    mend="Name the origins in `allow_origins`, each whole; `*` and a pattern that anybody can meet are none.",
    applies=lambda service: [op.label for op in service.operations],
    scenarios=("origins",),
    silent="no request of another origin was answered",
)
def origins_are_closed(record: Record, service: Service) -> Iterator[Observation]:
    """An origin that nobody knows is not let in together with credentials (Fetch §3.3.3).

    Tried are https://evil.example on a GET and a preflight of each path, and once a service `null` and
    origins that begin or end like one that it may know. `*` with credentials counts: browsers refuse the
    pair, and frameworks that are configured so name the origin as soon as a cookie comes.
    """
    asked = [e for e in record.answered() if e.scenario == "origins" and "origin" in e.facts]
    wide_open = any(e.facts["origin"] == FOREIGN and _lets_in(e) for e in asked)
    for exchange in asked:
        origin = exchange.facts["origin"]
        if not _lets_in(exchange):
            yield held(exchange.operation or "", exchange)
        elif origin == FOREIGN or not wide_open:
            yield broken(
                exchange.operation or "",
                exchange,
                cause="any origin" if origin == FOREIGN else "look-alikes of an origin",
                message=f"a page of {origin} may use the service with its visitor's credentials",
                expected="no Access-Control-Allow-Origin for an unknown origin, or none with credentials",
                actual=f"{ORIGIN}: {_field(exchange, ORIGIN)}, {CREDENTIALS}: true",
            )


def _lets_in(exchange: Exchange) -> bool:
    allowed = _field(exchange, ORIGIN) in (exchange.facts["origin"], "*")
    return allowed and _field(exchange, CREDENTIALS) == "true"


def _field(exchange: Exchange, name: str) -> str:
    return ((exchange.response.header(name) if exchange.response else None) or "").strip()


@rule(
    "SEC011",
    contract="api",
    level="MUST",
    title="Private data is not for shared caches",
    section=SECTION,
    mend="Answer what needs credentials with `Cache-Control: private` or `no-store`.",
    applies=lambda service: [op.label for op in service.operations if op.protected and op.method == "GET"],
    needs=("principals",),
    scenarios=("semantics", "lifecycle", "operations"),
    silent="no protected GET was accepted",
)
def private_is_not_shared(record: Record, service: Service) -> Iterator[Observation]:
    """What an authorised GET of a protected operation shows, no shared cache may show to others.

    RFC 9111 §3.5: the answer to a request with Authorization is stored where `public`, `s-maxage` or
    `must-revalidate` says so; with other credentials `max-age` is enough. An answer without Cache-Control
    is not judged, nor is one that varies by the credentials or is to be validated each time.
    """
    credentials = {p.name: {name.lower() for name in p.headers} - SENT_ALWAYS for p in service.principals}
    for exchange in record.answered():
        operation, sent = service.operation(exchange.operation), credentials.get(exchange.principal)
        if operation is None or not operation.protected or not sent or not exchange.ok:
            continue
        if exchange.request.method != "GET" or operation.method != "GET":
            continue
        why = _shared(exchange, sent)
        if why is None:
            yield held(operation.label, exchange)
        else:
            yield broken(
                operation.label,
                exchange,
                cause=why,
                message=f"a shared cache may give the answer to anybody: {why}",
                expected="Cache-Control: private or no-store",
                actual=f"Cache-Control: {_field(exchange, 'cache-control')}",
            )


def _shared(exchange: Exchange, credentials: set[str]) -> str | None:
    """The directive that lets a shared cache store the answer and show it unasked; None where none does."""
    said = directives(exchange.response)
    varies = names(exchange.response, "vary")
    if said.keys() & {"private", "no-store", "no-cache"} or "*" in varies:
        return None
    if credentials & {name.lower() for name in varies}:
        return None
    lasts = seconds(said.get("s-maxage", said.get("max-age")))
    if "s-maxage" in said:
        return "s-maxage" if lasts else None
    if "public" in said:
        return "public" if lasts or "max-age" not in said else None
    opens = "must-revalidate" if "authorization" in credentials else "max-age"
    return opens if lasts and opens in said else None
