"""The one result of an audit, as scripts read it. Every report is made from this and nothing else."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from conformance.model.record import Interruption

Outcome = Literal["passed", "failed", "waived", "not_applicable", "not_run", "vacuous", "error"]


class Part(BaseModel):
    """The base of all parts: exact fields, no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(Part):
    """One cause: the operations it shows on, what was expected, what came, how to see and mend it.

    `fingerprint` is made of the rule, the operations and the cause. `source` is `path:line` of the
    handler where the source is at hand. `count` is how many exchanges showed it.
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


class RuleResult(Part):
    """What became of one rule: `applicable` and `exercised` count operations, `requests` exchanges."""

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


class Tool(Part):
    """Who judged."""

    name: str
    version: str


class Target(Part):
    """Whom: `url` is the base of all operations, without credentials; `document` its OpenAPI's source."""

    url: str
    document: str
    title: str = ""
    version: str = ""
    read_only: bool
    started: bool


class Unreached(Part):
    """An operation without an accepted request, and why."""

    operation: str
    reason: str


class Summary(Part):
    """The counts: `outcomes` of rules; operations with an accepted request over all; all requests.

    `interrupted` says what cut the audit short, if anything did; `verdict` is the headline.
    """

    outcomes: dict[Outcome, int]
    operations: int
    operations_accepted: int
    unreached: list[Unreached]
    requests: int
    findings: int
    interrupted: Interruption | None = None
    verdict: str


class Result(Part):
    """An audit, whole. `duration` in seconds; `complete` is False where it was cut short."""

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
