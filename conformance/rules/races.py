"""What is refused one after the other must be refused at once as well."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service

SECTION = "Core Principles 6: Error Handling"
BUSY = 503


def _creates(service: Service) -> list[str]:
    found = [r.create.label for r in service.resources if r.create and r.create.body]
    return [*found, *([service.accounts.label] if service.accounts else [])]


@rule(
    "API030",
    contract="api",
    level="MUST",
    title="Of racing creates one wins",
    section=SECTION,
    mend="Back the check with a unique constraint, and map its violation to 409.",
    applies=_creates,
    needs=("writes",),
    scenarios=("races",),
    silent="no create refused a second object like the first",
)
def one_create_wins(record: Record, service: Service) -> Iterator[Observation]:
    """Of identical creates that are sent at once one is accepted and the others are refused with a 4xx.

    Judged are creates, the sign-up among them, whose second identical request is refused where they come
    one after the other. None may end in a 5xx, but for a 503 that says when to come again.
    """
    for trace in record.traces("races"):
        race = trace.steps("together")
        if len(race) < 2:
            continue
        label = race[0].operation or ""
        won = [e for e in race if e.ok]
        crashed = [e for e in race if e.status >= 500 and not is_busy(e)]
        if len(won) > 1 or crashed:
            shown = won[-1] if len(won) > 1 else crashed[0]
            yield broken(
                label,
                *(e for e in race if e is not shown),
                shown,
                cause="several accepted" if len(won) > 1 else "crashes",
                message="of identical creates sent at once more than one is accepted"
                if len(won) > 1
                else "identical creates sent at once end in a server error",
                expected=f"one 2xx, and {len(race) - 1} times 409",
                actual=", ".join(str(status) for status in sorted(e.status for e in race)),
            )
        elif len(won) == 1 and all(e.refused for e in race if e is not won[0]):
            yield held(label, *race)


def is_busy(exchange: Exchange) -> bool:
    """Whether an answer says that the service is busy, and when to come again."""
    after = exchange.response.header("retry-after") if exchange.response else None
    return exchange.status == BUSY and after is not None
