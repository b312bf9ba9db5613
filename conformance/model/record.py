"""The record: every request that left and what came back, in order. Rules judge nothing else."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from conformance.model.message import Message

Headers = tuple[tuple[str, str], ...]
ANONYMOUS = "anonymous"
STORY = "deep/"
"""Begins the name of a trace that is repeated whole by what it sent, one request after the other."""
BREAKING = frozenset({"consuming", "outage", "relays"})
"""The scenarios that break things, which come last: what they leave is for their own rules alone."""

Interruption = Literal["died", "budget", "user"]
"""The target stopped answering, the time was up, or the user said so."""

Wait = Literal["marker", "time", "end", "none"]
"""By the event of a later write, by the time that an event may take, by the end of a topic that no operation
publishes on, or not at all: the broker was away."""


def header(headers: Headers, name: str) -> str | None:
    """The values of `name`, joined as RFC 9110 §5.3 allows; None where it is absent."""
    values = [value for key, value in headers if key.lower() == name.lower()]
    return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Request:
    """What left: `url` is absolute."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """What came back; `elapsed` in seconds."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    elapsed: float = 0.0

    def header(self, name: str) -> str | None:
        """The field `name`, whatever its case; None where it is absent."""
        return header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The type without parameters, in lower case; empty where none is named."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @property
    def ok(self) -> bool:
        """Whether the request was accepted (2xx)."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the request was refused (4xx)."""
        return 400 <= self.status < 500

    @cached_property
    def json(self) -> Any:
        """The body read as JSON; None where it is not JSON (or is `null`)."""
        try:
            return json.loads(self.body)
        except (ValueError, UnicodeDecodeError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, its answer, and what the scenario knew when it asked.

    `trace` names the run of a scenario that the exchange belongs to and `step` its place in it;
    `facts` holds JSON values. Exactly one of `response` and `failure` is set. `started` counts
    seconds from the start of the audit.
    """

    number: int
    scenario: str
    trace: str
    step: str
    operation: str | None
    principal: str
    request: Request
    response: Response | None
    failure: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0

    @property
    def status(self) -> int:
        """The status of the answer; 0 where none came."""
        return self.response.status if self.response else 0

    @property
    def ok(self) -> bool:
        """Whether an answer came and it was 2xx."""
        return self.response is not None and self.response.ok

    @property
    def refused(self) -> bool:
        """Whether an answer came and it was 4xx."""
        return self.response is not None and self.response.refused


@dataclass(frozen=True, slots=True)
class Trace:
    """The exchanges of one run of a scenario, by step."""

    name: str
    exchanges: tuple[Exchange, ...]

    def step(self, name: str) -> Exchange | None:
        """The last exchange of that step that got an answer, or None."""
        found = [e for e in self.exchanges if e.step == name and e.response is not None]
        return found[-1] if found else None

    def steps(self, name: str) -> list[Exchange]:
        """All exchanges of that step that got an answer, in order."""
        return [e for e in self.exchanges if e.step == name and e.response is not None]


@dataclass
class Record:
    """All exchanges of an audit, and the messages seen meanwhile; `interrupted` says what cut it short.

    `waits` says of each topic how it is known that no more was to come. `calm_until` counts the exchanges
    and messages from before anything was broken.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    interrupted: Interruption | None = None
    messages: list[Message] = field(default_factory=list)
    waits: dict[str, Wait] = field(default_factory=dict)
    calm_until: tuple[int, int] | None = None

    @property
    def calm(self) -> "Record":
        """What was recorded before anything was broken; this record itself where nothing was."""
        if self.calm_until is None or self.calm_until == (len(self), len(self.messages)):
            return self
        exchanges, messages = self.calm_until
        return Record(self.exchanges[:exchanges], None, self.messages[:messages], self.waits)

    @property
    def complete(self) -> bool:
        """Whether every scenario came to its end."""
        return self.interrupted is None

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __len__(self) -> int:
        return len(self.exchanges)

    def answered(self) -> Iterator[Exchange]:
        """The exchanges that got an answer."""
        return (e for e in self.exchanges if e.response is not None)

    def traces(self, scenario: str) -> list[Trace]:
        """The runs of a scenario, in the order in which they began."""
        grouped: dict[str, list[Exchange]] = {}
        for exchange in self.exchanges:
            if exchange.scenario == scenario:
                grouped.setdefault(exchange.trace, []).append(exchange)
        return [Trace(name, tuple(exchanges)) for name, exchanges in grouped.items()]

    def accepted(self) -> set[str]:
        """The labels of operations that accepted a request of their own method (2xx or 3xx)."""
        return {
            e.operation
            for e in self.answered()
            if e.operation and 200 <= e.status < 400 and e.operation.startswith(f"{e.request.method} ")
        }


def labels(exchanges: Iterable[Exchange]) -> list[str]:
    """The operations of some exchanges, each once, in order."""
    return list(dict.fromkeys(e.operation for e in exchanges if e.operation))
