"""The form of a service's errors: found by itself, then demanded everywhere."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.model.record import Exchange
from conformance.model.service import Service

PROBLEM = "application/problem+json"
DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Profile:
    """What every error must have: a media type, fields at the top (`code`) or one below (`error.code`)."""

    media_type: str
    fields: frozenset[str]

    def __str__(self) -> str:
        names = ", ".join(sorted(self.fields))
        return f"{self.media_type} with {names}" if names else self.media_type


def profile_of(errors: Iterable[Exchange], optional: frozenset[str] = frozenset()) -> Profile:
    """The form of most errors, each status with one voice, so that many 422s do not outvote the rest.

    Of members that are `optional` none is demanded, unless there are no others.
    """
    by_status: dict[int, list[Exchange]] = defaultdict(list)
    for exchange in errors:
        by_status[exchange.status].append(exchange)
    media = _elected([[_media(e)] for e in group] for group in by_status.values())
    # Where the service itself speaks JSON, a page in HTML is its framework's.
    spoken = [name for name in sorted(media) if "json" in name] or sorted(media)
    media_type = max(spoken, key=lambda name: media[name], default="application/json")
    if media_type == PROBLEM:
        # RFC 9457 §3: all members are optional, and their absence is not another form.
        return Profile(PROBLEM, frozenset())
    own = [found for group in by_status.values() if (found := [e for e in group if _media(e) == media_type])]
    votes = _elected([sorted(fields(e)) for e in group] for group in own)
    if votes.get(DETAIL, 0) * 2 > len(own):
        return Profile(media_type, frozenset({DETAIL}))
    shared = {name for name, count in votes.items() if count * 2 > len(own)}
    if not shared and votes:
        shared = {max(sorted(votes), key=lambda name: votes[name])}
    return Profile(media_type, frozenset(shared - optional or shared))


def optional(service: Service) -> frozenset[str]:
    """The members of errors that the document says may be left out; it says so by requiring others."""
    found: set[str] = set()
    for operation in service.document.operations:
        for status, response in operation.responses.items():
            for schema in response.content.values() if status[:1] in ("4", "5", "d") else ():
                required = service.document.shape(schema).get("required")
                found |= service.document.properties(schema).keys() - required if required else set()
    return frozenset(found)


def _elected(groups: Iterable[Iterable[Iterable[str]]]) -> Counter[str]:
    """For each name the number of groups of which most members have it."""
    votes: Counter[str] = Counter()
    for group in groups:
        members = list(group)
        seen = Counter(name for names in members for name in set(names))
        votes.update(name for name, count in seen.items() if count * 2 > len(members))
    return votes


def fields(exchange: Exchange) -> frozenset[str]:
    """The names in a JSON error: those at the top, and those of an object right below (`error.code`).

    What a service echoes of the request lies deeper than its own names, and is not looked at.
    """
    body = exchange.response.json if exchange.response else None
    if not isinstance(body, dict):
        return frozenset()
    names: set[str] = set(map(str, body))
    if len(body) == 1:
        (outer, inner), *_ = body.items()
        if isinstance(inner, dict):
            names = {f"{outer}.{name}" for name in inner}
    return frozenset(names)


def deviation(exchange: Exchange, profile: Profile) -> str | None:
    """How an error deviates from the profile, in words that do not change between runs; None if not."""
    response = exchange.response
    if response is None:
        return None
    body: Any = response.json
    if not isinstance(body, dict):
        return "an empty body" if not response.body else f"{_media(exchange)}, no JSON object"
    if _media(exchange) != profile.media_type:
        return f"media type {_media(exchange)}"
    if profile.media_type == PROBLEM:
        stated = body.get("status", response.status)
        return None if stated == response.status else "`status` differs from the status line"
    lacking = profile.fields - fields(exchange)
    return f"no {', '.join(sorted(lacking))}" if lacking else None


def described(exchange: Exchange) -> str:
    """The form of one error, for a reader."""
    response = exchange.response
    if response is None or not response.body:
        return "an empty body"
    names = ", ".join(sorted(fields(exchange)))
    return f"{_media(exchange)} with {names}" if names else _media(exchange)


def _media(exchange: Exchange) -> str:
    return (exchange.response.media_type if exchange.response else "") or "no media type"
