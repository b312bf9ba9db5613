"""The one result of an audit, as scripts read it. Every report is made from this and nothing else."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from conformance.model.record import Interruption, Wait

Outcome = Literal["passed", "failed", "waived", "not_applicable", "not_run", "vacuous", "error"]


class Part(BaseModel):
    """The base of all parts: exact fields, no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Waiver(Part):
    """Why a finding is borne with for a while: `expires` is the last day on which it is (ISO 8601)."""

    reason: str
    owner: str
    expires: str


class Finding(Part):
    """One cause: the operations it shows on, what was expected, what came, how to see and mend it.

    `fingerprint` is made of the rule, the operations and the cause. `source` is `path:line` of the
    handler where the source is at hand. `count` is how many exchanges showed it. `cause` is as
    `fingerprint`, without the operations. `waivers` are those that cover it, together on all of its
    operations; none: it counts. `new` tells whether the result that this one was compared with lacks it
    on some operation; None where there was none to compare with. `new_operations` are those, where the
    cause was known.
    """

    fingerprint: str
    operations: list[str]
    count: int
    message: str
    expected: str
    actual: str
    mend: str
    curl: str
    source: str | None = None
    cause: str = ""
    waivers: list[Waiver] = []
    new: bool | None = None
    new_operations: list[str] = []


class RuleResult(Part):
    """What became of one rule: `applicable` and `exercised` count operations, `requests` exchanges.

    `section` is the guideline's, `help` says what the rule looks at and why.
    """

    id: str
    contract: Literal["api", "error", "event", "structure"]
    level: Literal["MUST", "SHOULD"]
    title: str
    outcome: Outcome
    reason: str = ""
    requirement: str | None = None
    applicable: int = 0
    exercised: int = 0
    requests: int = 0
    findings: list[Finding] = []
    section: str = ""
    help: str = ""


class Tool(Part):
    """Who judged."""

    name: str
    version: str


class Target(Part):
    """Whom: `url` is the base of all operations, without credentials; `document` its OpenAPI's source.

    `source_root` is the folder that findings' `source` starts from, seen from the working directory.
    """

    url: str
    document: str
    title: str = ""
    version: str = ""
    read_only: bool
    started: bool
    source_root: str | None = None


class Operation(Part):
    """An operation of the document: how many requests were sent to it, how many of them accepted."""

    operation: str
    requests: int
    accepted: int


class Unreached(Part):
    """An operation without an accepted request, and why."""

    operation: str
    reason: str


class Summary(Part):
    """The counts: `outcomes` of rules; operations with an accepted request over all; all requests.

    `findings` are all of them, `waived` those among them that waivers cover. `interrupted` says what
    cut the audit short, if anything did; `verdict` is the headline.
    """

    outcomes: dict[Outcome, int]
    operations: int
    operations_accepted: int
    unreached: list[Unreached]
    requests: int
    findings: int
    waived: int = 0
    interrupted: Interruption | None = None
    verdict: str


class SeenEvent(Part):
    """A message as it was read: `data` is its payload as JSON text, shortened where it is long.

    `problem` is empty where its request was to publish it.
    """

    name: str
    topic: str
    partition: int
    offset: int
    key: str | None = None
    id: str | None = None
    time: str | None = None
    data: str = ""
    problem: Literal["", "unexpected", "twice"] = ""


class SeenRequest(Part):
    """A request and what was published for it; `missing` names declared events that did not come."""

    request: str
    status: int
    step: str
    events: list[SeenEvent] = []
    missing: list[str] = []


class OperationEvents(Part):
    """An operation: what it declares to publish, how many requests it had, and some of them."""

    operation: str
    publishes: list[str]
    total: int
    requests: list[SeenRequest]


class TopicRead(Part):
    """A topic: how many messages were read, and how it is known that no more was to come.

    `known` is `marker` (the event of a later write came), `time` (the time that an event may take passed),
    `end` (no operation publishes there; it was read to its end) or `none` (it was not read to its end).
    """

    topic: str
    messages: int
    known: Wait


class EventsSeen(Part):
    """Requests and events side by side.

    `source` is where the events are declared, `said_by` where it is told which operation publishes what.
    `unmatched` are messages that belong to no request; `unsupported` counts payloads that cannot be read.
    """

    source: str
    said_by: Literal["x-publishes", "configuration", "convention"]
    topics: list[TopicRead]
    operations: list[OperationEvents]
    unmatched: list[SeenEvent] = []
    unsupported: int = 0


class StaleWaiver(Part):
    """A waiver of the configuration that has expired or matches nothing, which `problem` says."""

    rule: str | None
    operation: str | None
    fingerprint: str | None
    reason: str
    owner: str
    expires: str
    problem: str


class Earlier(Part):
    """A finding of an earlier result that this one has not."""

    rule: str
    fingerprint: str
    operations: list[str]
    message: str


class Baseline(Part):
    """How this result differs from an earlier one, by fingerprint, else by cause and operation.

    `new` and `still` count findings of this one; `gone` were found then, and their cause was looked for
    in vain now; `unjudged` were found then, and their rule was not judged to its end now.
    """

    started_at: str
    new: int
    still: int
    gone: list[Earlier]
    unjudged: list[Earlier]


class Result(Part):
    """An audit, whole. `duration` in seconds; `complete` is False where it was cut short.

    `waivers` are those that hold no longer; `notes` tell what was seen and is no finding, as it could not be
    confirmed; `baseline` is None where there was no earlier result.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    target: Target
    lane: Literal["gate", "deep"]
    seed: int
    started_at: str
    duration: float
    complete: bool
    rules: list[RuleResult]
    summary: Summary
    operations: list[Operation] = []
    waivers: list[StaleWaiver] = []
    notes: list[str] = []
    baseline: Baseline | None = None
    events: EventsSeen | None = None
