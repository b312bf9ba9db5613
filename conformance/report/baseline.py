"""What is new since an earlier result, what is gone, and what is still there."""

from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from conformance.errors import UsageProblem
from conformance.report.result import Baseline, Earlier, Finding, Result


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

    A cause that fewer operations show than then is still there; one that others show is new on those.
    `left_out` are the operations that were not judged this time, though the document has them.
    """
    then = _causes(earlier)
    marks = {(rule.id, finding.fingerprint) for rule in earlier.rules for finding in rule.findings}
    rules = [
        rule.model_copy(update={"findings": [_marked(rule.id, f, then, marks) for f in rule.findings]})
        for rule in result.rules
    ]
    now = _causes(result)
    found = {(rule.id, finding.fingerprint) for rule in rules for finding in rule.findings}
    judged = {rule.id for rule in rules if result.complete and rule.outcome not in _UNJUDGED}
    gone: list[Earlier] = []
    unjudged: list[Earlier] = []
    for rule in earlier.rules:
        for finding in rule.findings:
            if (rule.id, finding.fingerprint) in found or (rule.id, finding.cause) in now:
                continue
            sure = rule.id in judged and not set(finding.operations) & set(left_out)
            (gone if sure else unjudged).append(_earlier(rule.id, finding))
    new = sum(bool(finding.new) for rule in rules for finding in rule.findings)
    baseline = Baseline(
        started_at=earlier.started_at,
        new=new,
        still=sum(len(rule.findings) for rule in rules) - new,
        gone=gone,
        unjudged=unjudged,
    )
    return result.model_copy(update={"rules": rules, "baseline": baseline})


_UNJUDGED = frozenset({"not_run", "vacuous", "error"})
Causes = dict[tuple[str, str], set[str]]


def _causes(result: Result) -> Causes:
    """The operations on which each cause was seen, by rule and cause."""
    causes: Causes = {}
    for rule in result.rules:
        for finding in rule.findings:
            if finding.cause:
                causes.setdefault((rule.id, finding.cause), set()).update(finding.operations)
    return causes


def _marked(rule: str, finding: Finding, then: Causes, marks: Collection[tuple[str, str]]) -> Finding:
    known = then.get((rule, finding.cause))
    others = [operation for operation in finding.operations if operation not in (known or ())]
    new = (rule, finding.fingerprint) not in marks and bool(others)
    shown = others if new and known else []
    return finding.model_copy(update={"new": new, "new_operations": shown})


def _earlier(rule: str, finding: Finding) -> Earlier:
    return Earlier(
        rule=rule,
        fingerprint=finding.fingerprint,
        operations=finding.operations,
        message=finding.message,
    )
