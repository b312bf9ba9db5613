"""Who is turned away for a while is told for how long."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Core Principles 6: Error Handling"
TOO_MANY, UNAVAILABLE = 429, 503


def _all(service: Service) -> list[str]:
    return [op.label for op in service.operations]


@rule(
    "ERR015",
    contract="error",
    level="SHOULD",
    title="A 429 says when to come again",
    section=SECTION,
    mend="Set Retry-After to the whole seconds until the window ends, in the handler of the 429.",
    applies=_all,
    scenarios=("limits",),
    silent="no request was answered with 429",
)
def limit_says_when(record: Record, service: Service) -> Iterator[Observation]:
    """Each 429 has a Retry-After (RFC 6585 §4) of whole seconds or a date (RFC 9110 §10.2.3).

    One is provoked where the sign-in, or a read, declares it: with wrong passwords for an account of the
    audit's own, or by asking again and again.
    """
    yield from _judged(record, TOO_MANY)


@rule(
    "ERR016",
    contract="error",
    level="SHOULD",
    title="A 503 says when to come again",
    section=SECTION,
    mend="Set Retry-After to the seconds that the thing waited for is likely to take.",
    applies=_all,
    scenarios=("operations",),
    silent="no request was answered with 503",
)
def unavailable_says_when(record: Record, service: Service) -> Iterator[Observation]:
    """Each 503 that was seen has a Retry-After of whole seconds or a date (RFC 9110 §15.6.4, §10.2.3)."""
    yield from _judged(record, UNAVAILABLE)


def _judged(record: Record, status: int) -> Iterator[Observation]:
    for exchange in record.answered():
        if exchange.status != status or exchange.operation is None:
            continue
        value = _retry_after(exchange)
        if value is not None and _is_time(value):
            yield held(exchange.operation, exchange)
        else:
            yield broken(
                exchange.operation,
                exchange,
                cause="no Retry-After" if value is None else "a Retry-After that is no time",
                message=f"a {status} does not say when to come again",
                expected="Retry-After in whole seconds, or an HTTP date",
                actual="no Retry-After" if value is None else f"Retry-After: {value}",
            )


def _retry_after(exchange: Exchange) -> str | None:
    return exchange.response.header("retry-after") if exchange.response else None


def _is_time(value: str) -> bool:
    if value.isascii() and value.isdigit():
        return True
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return "," in value or value.count(":") == 2
