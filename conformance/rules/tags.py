"""Tags of representations follow what they name, and a read looks at them (RFC 9110 §8.8.3, §13.1.2)."""

from collections.abc import Iterator

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.record import Exchange, Record
from conformance.model.service import Service
from conformance.model.versions import etag, is_weak
from conformance.rules.conditions import NO_TAG
from conformance.rules.runs import runs

SECTION = "Creating a New API Endpoint: response models and status codes"
NOT_MODIFIED = 304


def _reads(service: Service) -> list[str]:
    return [r.read.label for r in service.resources if r.read and r is not service.account_resource]


@rule(
    "API033",
    contract="api",
    level="MUST",
    title="An ETag follows its representation",
    section=SECTION,
    mend="Derive the tag from what is sent (a hash, a version that every change moves) alone.",
    applies=_reads,
    needs=("writes",),
    scenarios=("conditions",),
    silent=NO_TAG,
)
def tag_follows(record: Record, service: Service) -> Iterator[Observation]:
    """After a change that a read shows the tag is another, and between two reads of the same it stays.

    RFC 9110 §8.8.3: with a tag that stands still a client keeps what is out of date, and overwrites what
    others wrote; with one that moves by itself nothing is ever cached, and no If-Match ever true.
    """
    for resource, trace in runs(record, service, "conditions"):
        before, again = trace.step("read"), trace.step("read again")
        for name in ("read again", *(f"read changed {u.method}" for u in resource.updates)):
            after = trace.step(name)
            if before is None or after is None or not before.ok or not after.ok or after is before:
                continue
            change = trace.step(name.replace("read changed", "change"))
            if after is not again and not (change and change.ok):
                continue
            moved = etag(before.response) != etag(after.response)
            differs = _body(before) != _body(after)
            if after is again and not differs and moved:
                yield _tag(before, after, "moves by itself", "two reads of the same have different tags")
            elif after is not again and differs and not moved and not is_weak(etag(after.response) or ""):
                yield _tag(before, after, "stands still", "the representation has changed, its tag has not")
            elif differs == moved:
                yield held(before.operation or "", before, after)
            if after is not again:
                before = after


def _tag(before: Exchange, after: Exchange, cause: str, message: str) -> Observation:
    other = f"another tag than {etag(before.response)}"
    return broken(
        after.operation or "",
        before,
        after,
        cause=cause,
        message=message,
        expected=other if cause == "stands still" else f"ETag: {etag(before.response)}",
        actual=f"ETag: {etag(after.response)}",
    )


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


@rule(
    "API034",
    contract="api",
    level="MUST",
    title="If-None-Match is looked at",
    section=SECTION,
    mend="Compare each tag of If-None-Match with the present one; answer 304 with the tag and no body.",
    applies=_reads,
    needs=("writes",),
    scenarios=("conditions",),
    silent=NO_TAG,
)
def none_match(record: Record, service: Service) -> Iterator[Observation]:
    """A read whose If-None-Match names the present tag, alone or in a list, is answered with 304 and the tag.

    RFC 9110 §13.1.2, §15.4.5. One that names an old tag is answered with what is there now. Not judged where
    two reads in a row have different tags.
    """
    for resource, trace in runs(record, service, "conditions"):
        first, again = trace.step("read"), trace.step("read again")
        if first is None or again is None or etag(first.response) != etag(again.response):
            continue
        for name in ("none match", "none match list"):
            asked = trace.step(name)
            if asked is None:
                continue
            if asked.status == NOT_MODIFIED and etag(asked.response) is not None:
                yield held(asked.operation or "", first, asked)
            elif asked.status == NOT_MODIFIED:
                yield _answer(
                    first, asked, "304 without a tag", "a 304 does not name its tag", "an ETag", "none"
                )
            elif asked.ok:
                yield _answer(
                    first,
                    asked,
                    f"{name}: {asked.status}",
                    "a read is answered in full though the client has what is there",
                    "304",
                    str(asked.status),
                )
        for update in resource.updates:
            changed = trace.step(f"read changed {update.method}")
            old = trace.step(f"none match old {update.method}")
            if changed is None or old is None or etag(changed.response) in (None, etag(first.response)):
                continue
            if old.status == NOT_MODIFIED:
                yield _answer(
                    changed,
                    old,
                    "304 for an old tag",
                    "a read with an old tag is told that nothing has changed",
                    "200",
                    "304",
                )
            elif old.ok:
                yield held(old.operation or "", changed, old)


def _answer(
    first: Exchange, asked: Exchange, cause: str, message: str, expected: str, actual: str
) -> Observation:
    return broken(
        asked.operation or "", first, asked, cause=cause, message=message, expected=expected, actual=actual
    )
