"""Values come back as they went in, or are refused: never changed in silence."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.compare import different, moment, same
from conformance.model.record import Exchange, Record
from conformance.model.resources import Resource, representation
from conformance.model.service import Service

SECTION = "Core Principles 4: Pydantic v2 for Validation"
SPACES = "outer spaces"
SIMPLEST = "accents"
BEYOND_ASCII = (SIMPLEST, "combining marks", "other scripts", "emoji")
"""Where the simplest of them is lost, so are the others, and for the same reason."""
BEYOND_DOUBLES = "integers beyond 2^53"
OWN_RULE = (SPACES, BEYOND_DOUBLES)
BAD_INPUT = (400, 413, 422)
NEAR = 1e-6
"""Relative; a number of 32 bits in the database is as near as that."""
ACCEPTED_FOR_LATER = 202
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _creates(service: Service) -> list[str]:
    return [
        r.create.label
        for r in service.resources
        if r.create and r.create.body and r.read and r is not service.account_resource
    ]


def _runs(record: Record, service: Service) -> Iterator[tuple[Resource, Exchange, Exchange | None]]:
    """Each create that was tried, and the read that followed where it was accepted."""
    resources = {r.name: r for r in service.resources}
    for trace in record.traces("roundtrip"):
        for create in trace.exchanges:
            resource = resources.get(str(create.facts.get("resource")))
            if create.step.startswith("create") and create.response is not None and resource is not None:
                yield resource, create, trace.step("read") if create.ok else None


def _judged(record: Record, service: Service, *only: str) -> Iterator[Observation]:
    """What came of these kinds of values; of all that have no rule of their own where none is named."""
    tried = [(r, c, read) for r, c, read in _runs(record, service) if c.status != ACCEPTED_FOR_LATER]
    replaced = {r.name: _replaced(record, r) for r, _, _ in tried}
    plain = {
        r.name
        for r, create, read in tried
        if create.facts["kind"] == SIMPLEST and _changed(r, create, read, replaced[r.name])
    }
    for resource, create, read in tried:
        kind, label = create.facts["kind"], create.operation or ""
        if kind not in only if only else kind in OWN_RULE:
            continue
        changed = _changed(resource, create, read, replaced[resource.name])
        if create.status in BAD_INPUT or changed == {}:
            yield held(label, *(e for e in (create, read) if e))
        elif changed and read is not None:
            yield broken(
                label,
                create,
                read,
                cause="text beyond ASCII" if kind in BEYOND_ASCII and resource.name in plain else kind,
                message=f"{', '.join(changed)} ({kind}) comes back changed",
                expected=", ".join(f"{name} = {_short(sent)}" for name, (sent, _) in changed.items()),
                actual=", ".join(f"{name} = {_short(shown)}" for name, (_, shown) in changed.items()),
            )


def _replaced(record: Record, resource: Resource) -> list[str]:
    """The fields that come back as something else even where a plain value was sent: API004 has those."""
    usual = (e for e in record.answered() if e.scenario == "roundtrip" and e.step == "usual" and e.ok)
    found = next((e for e in usual if e.facts.get("resource") == resource.name), None)
    answer = found.response.json if found and found.response else None
    return different(found.facts.get("sent"), representation(answer, resource.key)) if found else []


def _changed(
    resource: Resource, create: Exchange, read: Exchange | None, replaced: list[str]
) -> dict[str, tuple[Any, Any]] | None:
    """What was sent and what came back, by the name of the field; None where nothing came back."""
    answer = read.response.json if read and read.response and read.ok else None
    shown = representation(answer, resource.key) or {}
    values = create.facts["values"].items()
    sent = {name: value for name, value in values if name in shown and name not in replaced}
    if not sent:
        return None
    return {name: (value, shown[name]) for name, value in sent.items() if not _kept(value, shown[name])}


def _kept(sent: Any, found: Any) -> bool:
    if isinstance(sent, float) and isinstance(found, int | float) and not isinstance(found, bool):
        return abs(sent - found) <= NEAR * abs(sent)
    if not isinstance(sent, str) or not isinstance(found, str) or moment(sent):
        return same(sent, found)
    # A date may be shown as the midnight that begins it.
    return sent == found or (bool(DATE.fullmatch(sent)) and found.startswith(f"{sent}T00:00"))


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:40]}… ({len(str(value))} characters)"


@rule(
    "API029",
    contract="api",
    level="MUST",
    title="What goes in comes back as it was",
    section=SECTION,
    mend="Store values as they were validated, and refuse in the schema what you will not keep.",
    applies=_creates,
    needs=("writes",),
    scenarios=("roundtrip",),
    silent="no create takes a free text, a number or a date",
)
def values_come_back(record: Record, service: Service) -> Iterator[Observation]:
    """Values that the schema allows read back as they were sent, or the create refuses them.

    Tried are accents (composed and decomposed), other scripts, emoji, markup, line breaks, the longest
    declared text, an empty one, decimals, the largest integer, the last day of February, and a time with a
    zone. Left alone are accounts, references, enumerations, texts with a format or a telling name (`slug`,
    `url`, `color`), and fields that do not even keep a plain value; a pattern is obeyed. The notation of a
    time or a number may differ.
    """
    yield from _judged(record, service)


@rule(
    "API032",
    contract="api",
    level="SHOULD",
    title="Spaces around a text are kept or refused",
    section=SECTION,
    mend="Say in the document that the field is stripped, or refuse such a text.",
    applies=_creates,
    needs=("writes",),
    scenarios=("roundtrip",),
    silent="no create takes a free text",
)
def spaces_are_kept(record: Record, service: Service) -> Iterator[Observation]:
    """A text that begins and ends with spaces reads back as it was sent, or the create refuses it."""
    yield from _judged(record, service, SPACES)


@rule(
    "API049",
    contract="api",
    level="SHOULD",
    title="Integers beyond 2^53 are exact or refused",
    section=SECTION,
    mend="Keep them as integers on every layer, never as doubles, or declare a `maximum` and refuse them.",
    applies=_creates,
    needs=("writes",),
    scenarios=("roundtrip",),
    silent="no create takes an integer of that size",
)
def large_integers_are_exact(record: Record, service: Service) -> Iterator[Observation]:
    """2^53 + 1, where the schema allows it, reads back exactly, or the create refuses it.

    A layer that reads numbers as doubles changes it in silence (RFC 8259 §6).
    """
    yield from _judged(record, service, BEYOND_DOUBLES)
