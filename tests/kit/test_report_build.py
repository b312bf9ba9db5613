"""From verdicts to the result: the counts, the reasons, the headline, the exit status."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from conformance.errors import Exit
from conformance.model.record import Interruption, Record
from conformance.report.build import build
from conformance.report.reach import unreached
from conformance.report.result import Finding, Outcome, Result, RuleResult
from conformance.report.verdict import FailOn, headline, status
from conformance.target.secrets import Secrets
from tests.kit import report_samples as samples
from tests.kit.report_samples import POST, POSTS, exchange


def finding(result: Result, rule: str) -> Finding:
    (found,) = next(r for r in result.rules if r.id == rule).findings
    return found


def test_a_finding_holds_all_that_a_reader_needs() -> None:
    found = finding(samples.result(source=lambda op: f"app/routes/posts.py:{len(op)}"), "ACC004")
    assert found.operations == [f"DELETE {POST}", f"PUT {POST}"]
    assert found.count == 2
    assert found.message == "a stranger's request is accepted"
    assert found.expected == "403 or 404, and the object as it was"
    assert found.actual == "204 "
    assert found.mend == samples.rules.rules["ACC004"].mend
    assert found.curl == f'curl -i -X DELETE {samples.BASE}{POSTS}/7 -H "authorization: $BOB_AUTHORIZATION"'
    assert found.source == f"app/routes/posts.py:{len(f'DELETE {POST}')}"
    parts = f"ACC004\nDELETE {POST}\nPUT {POST}\naccepted"
    assert found.fingerprint == hashlib.sha256(parts.encode()).hexdigest()[:16]


def test_the_summary_counts() -> None:
    summary = samples.result().summary
    assert summary.outcomes == {"not_run": 1, "failed": 3, "vacuous": 1}
    assert (summary.operations, summary.operations_accepted) == (6, 4)
    assert (summary.requests, summary.findings) == (6, 3)
    assert {u.operation: u.reason for u in summary.unreached} == {
        f"GET {POST}": "answered 404",
        "GET /api/v1/users/me": "not sent: no scenario calls it",
    }


def test_another_method_on_the_path_reaches_nothing() -> None:
    probe = exchange(1, f"PATCH {POSTS}", 200)
    record = Record([replace(probe, operation=f"GET {POSTS}")])
    assert samples.result(record).summary.operations_accepted == 0


@pytest.mark.parametrize(
    ("record", "changes", "operation", "reason"),
    [
        (
            Record([exchange(1, f"PUT {POST}", 422), exchange(2, f"PUT {POST}", 404)]),
            {},
            f"PUT {POST}",
            "answered 404, 422",
        ),
        (
            Record([exchange(1, f"GET {POSTS}", 0, failure="no answer in time")]),
            {},
            f"GET {POSTS}",
            "no answer: no answer in time",
        ),
        (Record(), {"selected": frozenset()}, f"GET {POSTS}", "not sent: left out by --include or --exclude"),
        (Record(interrupted="user"), {}, f"GET {POSTS}", "not sent: the audit ended before"),
        (
            Record(),
            {"principals": [], "why_no_principals": "the document declares no sign-up"},
            "GET /api/v1/users/me",
            "not sent: needs credentials (the document declares no sign-up)",
        ),
        (Record(), {}, f"GET {POST}", "not sent: nothing of this audit to name as {post_id}"),
        (Record(), {}, f"GET {POSTS}", "not sent: no scenario calls it"),
    ],
)
def test_why_an_operation_was_not_reached(
    record: Record, changes: dict[str, Any], operation: str, reason: str
) -> None:
    service = replace(samples.service(), **changes)
    reasons = {u.operation: u.reason for u in unreached(record, service, read_only=False, fresh=True)}
    assert reasons[operation] == reason


def test_a_read_only_audit_says_why_it_did_not_write() -> None:
    reasons = {
        u.operation: u.reason for u in unreached(Record(), samples.service(), read_only=True, fresh=True)
    }
    assert reasons[f"POST {POSTS}"] == "not sent: only GET, HEAD and OPTIONS leave without --write"


def test_the_target_is_shown_without_credentials() -> None:
    target = samples.run().target.model_copy(
        update={"url": "http://me:canary@h:1/api", "document": "spec.json"}
    )
    shown = samples.result(target=target).target
    assert (shown.url, shown.document) == ("http://h:1/api", "spec.json")


def test_long_texts_lose_their_middle() -> None:
    record = samples.faulty()
    record.exchanges[4] = exchange(5, f"POST {POSTS}", 500, b"<" + b"x" * 9000 + b">")
    actual = finding(samples.result(record), "ERR004").actual
    assert len(actual) < 2100
    assert actual.startswith("500 <xx")
    assert "… 7,006 characters …" in actual
    assert actual.endswith("xx>")


def test_what_utf_8_cannot_write_is_escaped() -> None:
    record = samples.faulty()
    record.exchanges[4] = replace(exchange(5, f"POST {POSTS}", 500), step="a \ud800 title")
    assert finding(samples.result(record), "ERR004").message == "a \\ud800 title ends in a server error"


def rule(outcome: Outcome, level: str = "MUST", name: str = "API001") -> RuleResult:
    return RuleResult.model_validate(
        {
            "id": name,
            "contract": "api",
            "level": level,
            "title": "t",
            "outcome": outcome,
            "reason": "it broke",
        }
    )


def judged(*rules: RuleResult, interrupted: Interruption | None = None) -> Result:
    result = samples.result()
    summary = result.summary.model_copy(update={"interrupted": interrupted, "requests": 1234})
    return result.model_copy(update={"rules": list(rules), "summary": summary})


@pytest.mark.parametrize(
    ("rules", "fail_on", "strict", "code", "sentence", "verdict"),
    [
        ([rule("passed")], "must", True, 0, "", "conforms"),
        (
            [rule("passed"), rule("not_applicable"), rule("waived")],
            "must",
            True,
            0,
            "",
            "conforms but for what is waived",
        ),
        ([rule("passed"), rule("not_run")], "must", False, 0, "", "conforms as far as checked"),
        (
            [rule("passed"), rule("not_run", "SHOULD")],
            "must",
            True,
            1,
            "1 SHOULD rule (API001) could not be checked, and --strict asks for all.",
            "conforms as far as checked",
        ),
        ([rule("failed")], "must", False, 1, "1 MUST rule (API001) failed.", "does not conform"),
        ([rule("passed"), rule("failed", "SHOULD")], "must", True, 0, "", "conforms"),
        (
            [rule("failed", "SHOULD")],
            "should",
            False,
            1,
            "1 SHOULD rule (API001) failed.",
            "does not conform",
        ),
        (
            [rule("failed"), rule("failed", "SHOULD", "ERR001"), rule("error")],
            "should",
            False,
            1,
            "2 rules (API001, ERR001) failed.",
            "does not conform",
        ),
        (
            [rule("vacuous")],
            "must",
            False,
            1,
            "1 MUST rule (API001) saw no accepted request to judge.",
            "does not conform",
        ),
        ([rule("passed"), rule("vacuous", "SHOULD")], "must", False, 0, "", "conforms"),
        (
            [rule("error")],
            "must",
            False,
            4,
            "1 MUST rule (API001) ended in error: it broke.",
            "cannot be judged",
        ),
        ([rule("passed"), rule("error", "SHOULD")], "must", False, 0, "", "conforms"),
        ([rule("not_applicable")], "must", False, 0, "", "conforms as far as checked"),
        (
            [rule("failed", name=f"R{n}") for n in range(7)],
            "must",
            False,
            1,
            "7 MUST rules (R0, R1, R2, R3, R4, …) failed.",
            "does not conform",
        ),
    ],
)
def test_exit_status_and_headline(
    rules: list[RuleResult], fail_on: FailOn, strict: bool, code: int, sentence: str, verdict: str
) -> None:
    assert status(judged(*rules), fail_on, strict=strict) == (Exit(code), sentence)
    assert headline(rules, None, fail_on) == verdict


@pytest.mark.parametrize(
    ("interrupted", "code", "sentence", "verdict"),
    [
        (
            "user",
            Exit.INTERRUPTED,
            "The audit was interrupted after 1,234 requests.",
            "interrupted by the user",
        ),
        (
            "died",
            Exit.TARGET,
            "The target stopped answering after 1,234 requests.",
            "interrupted: the target stopped answering",
        ),
        ("budget", Exit.CONFORMS, "", "conforms as far as checked"),
    ],
)
def test_an_audit_that_was_cut_short(
    interrupted: Interruption, code: Exit, sentence: str, verdict: str
) -> None:
    assert status(judged(rule("passed"), interrupted=interrupted), "must", strict=False) == (code, sentence)
    assert headline([rule("passed")], interrupted, "must") == verdict


def test_findings_of_an_interrupted_audit_show_in_its_headline() -> None:
    assert (
        samples.result(samples.faulty("user")).summary.verdict == "interrupted by the user; does not conform"
    )
    assert not samples.result(samples.faulty("user")).complete


def test_the_same_faults_have_the_same_fingerprints_whatever_the_values() -> None:
    other = Record([replace(e, number=e.number + 50) for e in samples.faulty()])
    other.exchanges[4] = exchange(55, f"POST {POSTS}", 503, b"other", send={"title": "y" * 500})
    first, second = samples.result(), samples.result(other)
    assert [f.fingerprint for r in first.rules for f in r.findings] == [
        f.fingerprint for r in second.rules for f in r.findings
    ]


def test_building_learns_the_secrets_of_the_record() -> None:
    secrets = Secrets()
    record = Record([exchange(1, f"GET {POSTS}", 200, [], headers={"authorization": "Bearer canary-late"})])
    of = samples.service()
    build(samples.verdicts(record, of), record, of, samples.run(), secrets)
    assert secrets.clean("canary-late") == "[redacted]"
