"""The one result of an audit, as scripts read it. Every report is made from this and nothing else."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from conformance.model.record import Interruption

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

    `waivers` are those that hold no longer; `baseline` is None where there was no earlier result.
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
    baseline: Baseline | None = None
