"""What is new since an earlier result, what is gone, and what is still there."""

from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import UsageProblem
from conformance.report.result import Baseline, Earlier, Finding, Result, RuleResult


def read(path: Path) -> Result:
    """The result that `--json` wrote earlier. Raises `UsageProblem` where it is none."""
    try:
        # A later version of the kit may know more of a finding.
        return Result.model_validate_json(path.read_bytes(), extra="ignore")
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise UsageProblem(f"{path} is no result of --json, which --baseline compares with.") from error


def compare(result: Result, earlier: Result, left_out: Collection[str] = ()) -> Result:
    """`result` with its findings marked as new or not, and what is gone since `earlier`.

    `left_out` are the operations that were not judged this time, though the document has them.
    """
    then = {(rule.id, finding.fingerprint): finding for rule in earlier.rules for finding in rule.findings}
    rules = [_marked(rule, then.keys()) for rule in result.rules]
    now = {(rule.id, finding.fingerprint) for rule in rules for finding in rule.findings}
    judged = {rule.id for rule in rules if result.complete and rule.outcome not in _UNJUDGED}
    gone: list[Earlier] = []
    unjudged: list[Earlier] = []
    for (rule_id, _), finding in then.items():
        if (rule_id, finding.fingerprint) not in now:
            sure = rule_id in judged and not set(finding.operations) & set(left_out)
            (gone if sure else unjudged).append(_earlier(rule_id, finding))
    baseline = Baseline(
        started_at=earlier.started_at,
        new=len(now - then.keys()),
        still=len(now & then.keys()),
        gone=gone,
        unjudged=unjudged,
    )
    return result.model_copy(update={"rules": rules, "baseline": baseline})


_UNJUDGED = frozenset({"not_run", "vacuous", "error"})


def _marked(rule: RuleResult, then: Collection[tuple[str, str]]) -> RuleResult:
    findings = [
        finding.model_copy(update={"new": (rule.id, finding.fingerprint) not in then})
        for finding in rule.findings
    ]
    return rule.model_copy(update={"findings": findings})


def _earlier(rule: str, finding: Finding) -> Earlier:
    return Earlier(
        rule=rule,
        fingerprint=finding.fingerprint,
        operations=finding.operations,
        message=finding.message,
    )
