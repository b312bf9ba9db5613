"""Idempotency-Key, where it is declared (draft-ietf-httpapi-idempotency-key-header)."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.bulk import is_stored
from conformance.model.paging import rows
from conformance.model.record import Exchange, Record, Trace
from conformance.model.resources import identifier
from conformance.model.service import Service
from conformance.rules.races import is_busy
from conformance.scenarios.idempotency import key_of

SECTION = "Core Principles 6: Error Handling"
SILENT = "no create with a key was accepted"


def _creates(service: Service) -> list[str]:
    return [
        r.create.label
        for r in service.resources
        if r.create and key_of(r.create) and r is not service.account_resource
    ]


def _traces(record: Record) -> Iterator[tuple[Trace, Exchange]]:
    """Each with the first request of its key, which was accepted."""
    for trace in record.traces("idempotency"):
        first = trace.step("first")
        if first is not None and first.ok and _made(first) is not None:
            yield trace, first


def _made(exchange: Exchange) -> str | None:
    return identifier(exchange.response, exchange.facts["key"]) if exchange.ok and exchange.response else None


def _stored(trace: Trace, exchange: Exchange) -> int:
    """How many objects with what was sent the list shows."""
    pages = [rows(e.response.json) for e in trace.steps("list") if e.response and e.ok]
    return sum(is_stored(row, [exchange.facts["sent"]]) for page in pages for row in page or ())


@rule(
    "API041",
    contract="api",
    level="MUST",
    title="A request sent again makes nothing new",
    section=SECTION,
    mend="Keep the answer under the key in the transaction that creates, and give it again.",
    applies=_creates,
    needs=("writes",),
    scenarios=("idempotency",),
    silent=SILENT,
)
def replay_makes_nothing(record: Record, service: Service) -> Iterator[Observation]:
    """A create that is sent twice with one Idempotency-Key has one answer, and the list shows one object."""
    for trace, first in _traces(record):
        replay, count = trace.step("replay"), _stored(trace, first)
        if replay is None:
            continue
        label = first.operation or ""
        if not replay.ok or _made(replay) != _made(first) or count > 1:
            yield broken(
                label,
                first,
                replay,
                cause="refused" if not replay.ok else "made twice" if count > 1 else "another answer",
                message="a create that is sent again with its key is refused"
                if not replay.ok
                else "a create that is sent again with its key is done again",
                expected=f"{first.status} with {_made(first)}, and one object",
                actual=f"{replay.status} with {_made(replay)}, and {max(count, 1)} listed"
                if replay.ok
                else str(replay.status),
            )
        else:
            yield held(label, first, replay)


@rule(
    "API042",
    contract="api",
    level="MUST",
    title="A key with another body is refused",
    section=SECTION,
    mend="Keep a digest of the body under the key, and answer 422 where it is another.",
    applies=_creates,
    needs=("writes",),
    scenarios=("idempotency",),
    silent=SILENT,
)
def other_body_is_refused(record: Record, service: Service) -> Iterator[Observation]:
    """The key of an earlier create with another body gets a 4xx, and nothing is made of that body.

    Who gets the old answer for a new request believes that it was done.
    """
    for trace, first in _traces(record):
        other = trace.step("other body")
        if other is None:
            continue
        count = _stored(trace, other)
        if other.ok or count:
            yield broken(
                first.operation or "",
                first,
                other,
                cause="accepted" if other.ok else "refused and made all the same",
                message="a key that was used is accepted with another body"
                if other.ok
                else "a key that was used is refused with another body, and that is stored all the same",
                expected="422 or 409, and nothing made",
                actual=f"{other.status}, and {count} made of it",
            )
        elif other.refused:
            yield held(first.operation or "", first, other)


@rule(
    "API043",
    contract="api",
    level="MUST",
    title="A key is its user's own",
    section=SECTION,
    mend="Keep keys by the user and the operation, not alone.",
    applies=_creates,
    needs=("writes", "second principal"),
    scenarios=("idempotency",),
    silent=SILENT,
)
def key_is_own(record: Record, service: Service) -> Iterator[Observation]:
    """Another user who sends the same key and body is not given the first one's answer."""
    for trace, first in _traces(record):
        stranger = trace.step("stranger")
        if stranger is None or stranger.principal == first.principal:
            continue
        if stranger.ok and _made(stranger) == _made(first):
            yield broken(
                first.operation or "",
                first,
                stranger,
                cause="another user's answer",
                message="another user with the same key is given the first one's answer",
                expected="an object of its own, or a refusal",
                actual=f"{stranger.status} with {_made(stranger)}, which is the first user's",
            )
        else:
            yield held(first.operation or "", first, stranger)


@rule(
    "API044",
    contract="api",
    level="MUST",
    title="Of racing requests with one key one object comes",
    section=SECTION,
    mend="Put the key under a unique constraint before the work is done; let the others wait or get 409.",
    applies=_creates,
    needs=("writes",),
    scenarios=("idempotency",),
    silent=SILENT,
)
def one_object_a_key(record: Record, service: Service) -> Iterator[Observation]:
    """Creates with one key and body that are sent at once make one object; a 4xx for the rest will do."""
    for trace, first in _traces(record):
        race = trace.steps("together")
        made = {m for e in race if (m := _made(e)) is not None}
        crashed = [e for e in race if e.status >= 500 and not is_busy(e)]
        if len(race) < 2:
            continue
        count = max(len(made), _stored(trace, race[0]))
        if count > 1 or crashed:
            shown = crashed[0] if crashed else race[-1]
            yield broken(
                first.operation or "",
                *(e for e in race if e is not shown),
                shown,
                cause="several made" if count > 1 else "crashes",
                message=f"{len(race)} requests with one key at once make {count} objects"
                if count > 1
                else "requests with one key at once end in a server error",
                expected="one object",
                actual=", ".join(f"{e.status} {_made(e) or ''}".strip() for e in race),
            )
        elif made:
            yield held(first.operation or "", *race)
