"""Methods mean what RFC 9110 says: HEAD is GET without a body, Allow names what is allowed."""

from collections import defaultdict
from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.fields import SAME_IN_HEAD, names
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Creating a New API Endpoint: route handler with proper decorators"
NOT_ALLOWED = (405, 501)
NOT_NOW = (429, 503)


def _reads(service: Service) -> list[str]:
    return [op.label for op in service.operations if op.method == "GET"]


@rule(
    "API022",
    contract="api",
    level="MUST",
    title="HEAD is GET without a body",
    section=SECTION,
    mend="Let the framework derive HEAD from GET, with the same status and header fields.",
    applies=_reads,
    scenarios=("semantics",),
    silent="HEAD is answered nowhere, and nothing promises that it is",
)
def head_is_get(record: Record, service: Service) -> Iterator[Observation]:
    """HEAD answers with the status of GET, and what header fields it has are those of GET.

    RFC 9110 §9.3.2; §8.6 for Content-Length. Compared are the fields that two GETs, one before and one
    after, agree on. A 405 or 501 is judged only where the document declares HEAD, or OPTIONS lists it.
    """
    promised = {op.path for op in service.document.operations if op.method == "HEAD"} | _listing_head(record)
    for trace in record.traces("semantics"):
        get, head = trace.step("get"), trace.step("head")
        if get is None or head is None or not get.operation or head.status in NOT_NOW:
            continue
        path = get.operation.partition(" ")[2]
        if head.status in NOT_ALLOWED and path not in promised:
            continue
        again = trace.step("get again")
        difference = _difference(get, head, again or get)
        if difference is None:
            yield held(get.operation, get, head)
        elif again is not None and again.status == get.status:
            what, expected, actual = difference
            yield broken(
                get.operation,
                get,
                head,
                cause=f"{what} {actual}" if what == "status" else what,
                message=f"HEAD and GET of the same differ in the {what}",
                expected=expected,
                actual=actual,
            )


def _listing_head(record: Record) -> set[str]:
    return {
        e.facts["path"]
        for e in record.answered()
        if e.scenario == "semantics" and e.step == "options" and e.ok and "HEAD" in names(e.response, "allow")
    }


def _difference(get: Exchange, head: Exchange, again: Exchange) -> tuple[str, str, str] | None:
    """What differs, what GET says and what HEAD says; None where nothing surely does."""
    if get.status != head.status:
        return "status", str(get.status), str(head.status)
    if get.response is None or head.response is None or again.response is None:
        return None
    for name in SAME_IN_HEAD:
        there, here = get.response.header(name), head.response.header(name)
        if here is not None and there is not None and here != there == again.response.header(name):
            return name, there, here
    return None


@rule(
    "API023",
    contract="api",
    level="MUST",
    title="Allow names what is allowed",
    section=SECTION,
    mend="Let the framework's router answer OPTIONS and 405, or derive Allow from the routes.",
    applies=lambda service: [op.label for op in service.operations],
    scenarios=("semantics", "errors"),
    silent="no answer had an Allow field",
)
def allow_is_true(record: Record, service: Service) -> Iterator[Observation]:
    """No method that Allow names is answered with 405, and OPTIONS leaves out none that works.

    RFC 9110 §10.2.1, §15.5.6. The Allow of a 405 may be partial: Starlette names the methods of one
    route. HEAD is the business of API022; an OPTIONS without Allow, or one that is refused, says nothing.
    """
    answered = _by_path_and_method(record)
    for exchange in record.answered():
        path = _path(exchange)
        options = exchange.request.method == "OPTIONS" and exchange.ok and exchange.step == "options"
        if path is None or exchange.operation is None or not (options or exchange.status == 405):
            continue
        listed = names(exchange.response, "allow") - {"HEAD", "OPTIONS", "TRACE", "CONNECT"}
        if not listed:
            continue
        refused = [e for m in sorted(listed) for e in answered[path, m] if e.status == 405]
        working = {
            op.method
            for op in service.document.operations
            if op.path == path and any(e.ok for e in answered[path, op.method])
        }
        lacking = sorted(working - listed - {"HEAD", "OPTIONS"}) if options else []
        if refused:
            yield broken(
                exchange.operation,
                exchange,
                refused[0],
                cause="lists what is not allowed" if options else "405 lists what is not allowed",
                message=f"Allow names {refused[0].request.method}, which is answered with 405",
                expected="the methods of the path",
                actual=", ".join(sorted(listed)),
            )
        elif lacking:
            works = next(e for e in answered[path, lacking[0]] if e.ok)
            yield broken(
                exchange.operation,
                works,
                exchange,
                cause="leaves out what is allowed",
                message=f"the Allow of OPTIONS leaves out {', '.join(lacking)}",
                expected=", ".join(sorted(working)),
                actual=", ".join(sorted(listed)),
            )
        else:
            yield held(exchange.operation, exchange)


@rule(
    "API039",
    contract="api",
    level="SHOULD",
    title="A successful OPTIONS says what is allowed",
    section=SECTION,
    mend="Let the framework's router answer OPTIONS, and keep the Allow field that it sets.",
    applies=lambda service: [op.label for op in service.operations],
    scenarios=("semantics",),
    silent="OPTIONS is answered nowhere",
)
def options_says(record: Record, service: Service) -> Iterator[Observation]:
    """A 2xx for OPTIONS has an Allow field (RFC 9110 §9.3.7), or at least the one that CORS reads."""
    for exchange in record.answered():
        if exchange.scenario != "semantics" or exchange.step != "options" or not exchange.ok:
            continue
        if any(names(exchange.response, field) for field in ("allow", "access-control-allow-methods")):
            yield held(exchange.operation or "", exchange)
        else:
            yield broken(
                exchange.operation or "",
                exchange,
                cause="no Allow",
                message="OPTIONS is answered without saying what is allowed",
                expected=f"Allow: {', '.join(exchange.facts['declared'])}",
                actual="no Allow field",
            )


def _path(exchange: Exchange) -> str | None:
    return exchange.operation.partition(" ")[2] if exchange.operation else None


def _by_path_and_method(record: Record) -> dict[tuple[str, str], list[Exchange]]:
    found: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for exchange in record.answered():
        path = _path(exchange)
        if path is not None:
            found[path, exchange.request.method].append(exchange)
    return found
