"""The result as SARIF 2.1.0 (OASIS), in the part that GitHub's code scanning reads.

A finding stands at its operation's handler where the source is at hand, else in the OpenAPI document.
"""

import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from conformance.report.result import Finding, Result, RuleResult
from conformance.report.text import plain

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
"""The base of addresses: the root of the repository, as readers of SARIF agreed to call it."""
FINGERPRINTS = ("conformanceFinding/v1", "primaryLocationLineHash")
"""Names of a finding's fingerprint. GitHub knows the second one alone; left to compute it from the line of
a handler, it would take two findings of one rule on that handler for one."""
Object = dict[str, Any]


def render(result: Result) -> bytes:
    """The document, in UTF-8."""
    rules = [rule for rule in result.rules if rule.outcome != "not_applicable"]
    run: Object = {
        "tool": {
            "driver": {
                "name": result.tool.name,
                "version": result.tool.version,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        # Results of one category replace each other: two services of a repository have two.
        "automationDetails": {"id": f"{result.tool.name}/{_slug(result.target.title)}/{result.lane}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(result)],
        "results": [
            _result(index, rule, finding, result)
            for index, rule in enumerate(rules)
            for finding in rule.findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(log, indent=2, ensure_ascii=False) + "\n").encode()


def _slug(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").lower() or "service"


def _rule(rule: RuleResult) -> Object:
    mend = next((finding.mend for finding in rule.findings), "")
    parts = [rule.help, f"Mend: {mend}" if mend else "", f"Guideline: {rule.section}"]
    return {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.help or rule.title},
        "help": {"text": "\n\n".join(part for part in parts if part)},
        "defaultConfiguration": {"level": _level(rule)},
        "properties": {
            "tags": [f"{rule.contract} contract", rule.level],
            "problem.severity": _level(rule),
        },
    }


def _result(index: int, rule: RuleResult, finding: Finding, result: Result) -> Object:
    told: Object = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "level": _level(rule),
        "message": {"text": _message(finding)},
        "locations": [_location(finding, result)],
        "partialFingerprints": dict.fromkeys(FINGERPRINTS, finding.fingerprint),
        "occurrenceCount": max(finding.count, 1),
        "properties": {"operations": finding.operations, "mend": finding.mend, "curl": finding.curl},
        # Present and empty says: looked for, and there is none (§3.27.23).
        "suppressions": [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"{waiver.reason} ({waiver.owner}, until {waiver.expires})",
            }
            for waiver in finding.waivers
        ],
    }
    if finding.new is not None:
        told["baselineState"] = "new" if finding.new else "unchanged"
    return told


def _message(finding: Finding) -> str:
    """In plain text; what came is quoted, and must not be read as a link (§3.11.6)."""
    lines = [
        f"{finding.message}.",
        f"Operations: {', '.join(finding.operations)}",
        f"Expected: {finding.expected}",
        f"Came: {finding.actual}",
        f"Mend: {finding.mend}",
        finding.curl,
    ]
    return "\n".join(plain(line) for line in lines if line).replace("](", "\\](")


def _location(finding: Finding, result: Result) -> Object:
    path, _, line = (finding.source or "").rpartition(":")
    if path:
        uri = _below(result.target.source_root, path)
        region = {"startLine": int(line)}
    else:
        uri, region = _document(result.target.document), {"startLine": 1}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(uri), "uriBaseId": ROOT},
            "region": region,
        },
        "logicalLocations": [
            {"fullyQualifiedName": operation, "kind": "resource"} for operation in finding.operations
        ],
    }


def _below(root: str | None, path: str) -> str:
    """The path from the working directory, where the source lies in it, as a repository's root is."""
    if root is None or root.startswith(("/", "..")):
        return path
    return str(PurePosixPath(root, path))


def _document(source: str) -> str:
    """The document's own path: one with a host belongs to no repository, and GitHub refuses it."""
    parts = urlsplit(source)
    path = unquote(parts.path) if parts.scheme in ("http", "https") else source
    return path.lstrip("/") or "openapi.json"


def _level(rule: RuleResult) -> str:
    return "error" if rule.level == "MUST" else "warning"


def _invocation(result: Result) -> Object:
    """What was not judged, and waivers that hold no longer: both are news, and no finding."""
    told = [
        (rule.id, "error" if rule.outcome == "error" else "warning", rule.requirement or rule.reason)
        for rule in result.rules
        if rule.outcome in ("not_run", "vacuous", "error")
    ]
    stale = [
        (waiver.rule, "error", f"a waiver {waiver.problem}: {waiver.reason}") for waiver in result.waivers
    ]
    return {
        "executionSuccessful": result.complete and not any(level == "error" for _, level, _ in told),
        "startTimeUtc": result.started_at.replace("+00:00", "Z"),
        "toolExecutionNotifications": [_notification(*entry) for entry in told],
        "toolConfigurationNotifications": [_notification(*entry) for entry in stale],
    }


def _notification(rule: str | None, level: str, text: str) -> Object:
    told: Object = {"level": level, "message": {"text": plain(text) or "no reason is known"}}
    if rule:
        told["associatedRule"] = {"id": rule}
    return told
