"""Waivers: what they cover, when they hold no longer, and how they are written."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Waiver, load
from conformance.errors import Exit, UsageProblem
from conformance.model.record import Record
from conformance.report.build import build
from conformance.report.result import Result, RuleResult
from conformance.report.verdict import status
from conformance.report.waivers import append_waivers, check_appendable
from conformance.target.patterns import matches
from conformance.target.secrets import Secrets
from tests.kit import report_samples as samples
from tests.kit.report_samples import POST, POSTS, exchange

TODAY = date(2030, 1, 2)


def waiver(**changes: Any) -> Waiver:
    known = {"reason": "the client is old", "owner": "team-a", "expires": TODAY, **changes}
    return Waiver.model_validate(known)


def waived(*waivers: Waiver, record: Record | None = None, rules: str = "", **changes: Any) -> Result:
    """The faulty sample with waivers; `rules` chooses by prefix."""
    record, of = record or samples.faulty(), samples.service()
    if changes.get("narrowed"):
        of.selected -= {f"PUT {POST}"}
    asked = [rule for rule in samples.rules if rule.id.startswith(rules)]
    run = samples.run(waivers=waivers, every_rule=not rules, **changes)
    return build(samples.verdicts(record, of, asked), record, of, run, Secrets())


def rule(result: Result, name: str) -> RuleResult:
    return next(rule for rule in result.rules if rule.id == name)


def fingerprint(name: str) -> str:
    return rule(waived(), name).findings[0].fingerprint


@pytest.mark.parametrize(
    "given",
    [
        {"rule": "ACC004"},
        {"rule": "acc004"},
        {"rule": "ACC004", "operation": "* /api/v1/posts/*"},
        {"operation": "* *"},
        {"rule": "ACC004", "fingerprint": "FINGERPRINT"},
        {"fingerprint": "FINGERPRINT"},
    ],
)
def test_a_rule_whose_findings_are_all_waived(given: dict[str, str]) -> None:
    mark = fingerprint("ACC004")
    given = {key: value.replace("FINGERPRINT", mark) for key, value in given.items()}
    seen = rule(waived(waiver(**given)), "ACC004")
    assert seen.outcome == "waived"
    assert [w.model_dump() for f in seen.findings for w in f.waivers] == [
        {"reason": "the client is old", "owner": "team-a", "expires": "2030-01-02"}
    ]


def test_what_of_a_finding_is_not_waived_stands_with_its_own_evidence() -> None:
    put, delete = (waiver(rule="ACC004", operation=f"{method} {POST}") for method in ("PUT", "DELETE"))
    half = waived(delete)
    seen = rule(half, "ACC004")
    assert seen.outcome == "failed"
    assert [(f.operations, bool(f.waivers), f.count) for f in seen.findings] == [
        ([f"DELETE {POST}"], True, 1),
        ([f"PUT {POST}"], False, 1),
    ]
    assert "-X PUT" in seen.findings[1].curl
    assert len({f.fingerprint for f in seen.findings}) == 2
    assert len({f.cause for f in seen.findings}) == 1
    assert half.waivers == []
    (whole,) = rule(waived(put, delete), "ACC004").findings
    assert len(whole.waivers) == 2
    assert rule(
        waived(waiver(rule="ACC004", operation=[*put.operation, *delete.operation])), "ACC004"
    ).outcome == ("waived")


def test_a_waiver_by_the_fingerprint_of_a_whole_finding_holds_for_the_whole_alone() -> None:
    """What shows on more or fewer operations has another fingerprint; the cause has the same."""
    (whole,) = rule(waived(), "ACC004").findings
    fewer = samples.faulty()
    fewer.exchanges = [e for e in fewer if e.request.method != "DELETE"]
    for mark, outcome in ((whole.fingerprint, "failed"), (whole.cause, "waived")):
        assert rule(waived(waiver(fingerprint=mark)), "ACC004").outcome == "waived"
        assert rule(waived(waiver(fingerprint=mark), record=fewer), "ACC004").outcome == outcome


def test_the_rest_of_a_rule_still_fails() -> None:
    record = Record([exchange(1, f"GET {POSTS}", 500), exchange(2, f"POST {POSTS}", 503, send={})])
    steps = {"one": record.exchanges[0], "two": record.exchanges[1]}
    of = samples.service()
    causes = samples.verdicts(record, of, [samples.rules.rules["ERR004"]])
    assert len(causes[0].findings) == 1
    (group,) = causes[0].findings
    # Two causes of one rule, as a real rule tells them apart.
    parts = [
        type(group)(group.rule, cause, (f"{e.request.method} {POSTS}",), group.observations[:1])
        for cause, e in steps.items()
    ]
    verdict = type(causes[0])(causes[0].rule, "failed", findings=parts)
    run = samples.run(waivers=(waiver(rule="ERR004", operation=f"GET {POSTS}"),))
    result = build([verdict], record, of, run, Secrets())
    (seen,) = result.rules
    assert seen.outcome == "failed"
    assert [bool(finding.waivers) for finding in seen.findings] == [True, False]
    assert (result.summary.findings, result.summary.waived) == (2, 1)
    assert result.summary.verdict == "does not conform"


def test_all_that_counts_is_waived() -> None:
    result = waived(
        waiver(rule="ACC004"), waiver(rule="ERR004"), waiver(rule="API009"), waiver(rule="ERR007")
    )
    assert result.waivers == []
    assert rule(result, "ERR007").outcome == "waived"
    assert "waived until 2030-01-02 by team-a: the client is old" in rule(result, "ERR007").reason
    assert status(result, "should", strict=False) == (Exit.CONFORMS, "")
    assert result.summary.verdict == "conforms as far as checked but for what is waived"


def test_a_waiver_holds_to_the_end_of_its_day_and_then_is_named() -> None:
    given = waiver(rule="ERR004", expires=TODAY - timedelta(days=1))
    result = waived(given)
    assert rule(result, "ERR004").outcome == "failed"
    assert [(w.rule, w.owner, w.problem) for w in result.waivers] == [
        ("ERR004", "team-a", "expired on 2030-01-01")
    ]


def held_by(*waivers: Waiver, **changes: Any) -> Result:
    """A service that keeps ERR004, which the other samples' rules are not asked about."""
    return waived(*waivers, record=Record([exchange(1, f"GET {POSTS}", 200)]), rules="ERR004", **changes)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"rule": "ERR004"}, "matches nothing: ERR004 passed"),
        ({"rule": "ERR004", "operation": f"GET {POSTS}"}, "matches nothing: ERR004 passed"),
        ({"rule": "ERR004", "fingerprint": "0" * 16}, "matches nothing: ERR004 passed"),
        ({"rule": "ERR004", "expires": date(2029, 1, 1)}, "expired on 2029-01-01"),
    ],
)
def test_a_waiver_that_holds_no_longer_fails_the_run(given: dict[str, Any], problem: str) -> None:
    result = held_by(waiver(**given))
    assert [w.problem for w in result.waivers] == [problem]
    code, sentence = status(result, "must", strict=False)
    assert code == Exit.FINDINGS
    assert sentence.startswith("1 waiver holds no longer (ERR004 ")
    assert problem in sentence
    assert result.summary.verdict == "waivers out of date"


def test_a_waiver_of_another_operation_matches_nothing() -> None:
    result = waived(waiver(rule="ERR004", operation=f"GET {POSTS}"), waiver(fingerprint="0" * 16))
    assert [w.problem for w in result.waivers] == [
        "matches no finding of ERR004",
        "matches no finding of the rules that were run",
    ]


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"rule": "ACC004"}, {}),
        ({"fingerprint": "0" * 16}, {}),
        ({"operation": f"GET {POSTS}"}, {}),
        ({"rule": "ERR004"}, {"narrowed": True}),
        ({"rule": "ERR004", "fingerprint": "0" * 16}, {"narrowed": True}),
        ({"rule": "ERR004", "operation": "PUT *"}, {"narrowed": True}),
    ],
    ids=["rule not selected", "any rule", "any rule on one operation", "left out", "a mark", "a pattern"],
)
def test_what_was_not_judged_is_not_called_unmatched(given: dict[str, Any], changes: dict[str, Any]) -> None:
    result = held_by(waiver(**given), **changes)
    assert result.waivers == []
    assert status(result, "must", strict=False)[0] == Exit.CONFORMS


def test_a_waiver_of_an_operation_that_was_judged_is_unmatched_whatever_else_was_left_out() -> None:
    result = held_by(waiver(rule="ERR004", operation=f"GET {POSTS}"), narrowed=True)
    assert [w.problem for w in result.waivers] == ["matches nothing: ERR004 passed"]


@pytest.mark.parametrize("name", ["ACC002", "ERR007"])
def test_a_rule_that_saw_nothing_leaves_waivers_of_its_findings_alone(name: str) -> None:
    """ACC002 needs an expired token, ERR007 saw no request: what they would have found nobody knows."""
    assert waived(waiver(rule=name, fingerprint="0" * 16)).waivers == []


@pytest.mark.parametrize("interrupted", ["user", "budget", "died"])
def test_an_audit_that_was_cut_short_calls_nothing_unmatched(interrupted: Any) -> None:
    assert waived(waiver(rule="ERR004", operation="GET /x"), record=samples.faulty(interrupted)).waivers == []


def test_waivers_of_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text('waivers = "waivers.toml"\n[target]\nurl = "http://a"\n')
    (tmp_path / "waivers.toml").write_text(
        '[[waivers]]\nrule = "ERR001"\nreason = "r"\nowner = "o"\nexpires = 2030-02-03\n'
    )
    (read,) = load(None, tmp_path).waivers
    assert (read.rule, read.expires) == ("ERR001", date(2030, 2, 3))
    (tmp_path / "waivers.toml").write_text('[[waivers]]\nrule = "ERR001"\nreasn = "r"\n')
    with pytest.raises(
        UsageProblem, match=r"waivers.toml: unknown key `waivers.0.reasn`; did you mean `reason`"
    ):
        load(None, tmp_path)


def test_written_waivers_make_the_same_audit_green(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    red = waived()
    check_appendable(path)
    assert append_waivers(red, path, "should", TODAY) == 4
    text = path.read_text()
    for part in (
        "# MUST ACC004 Another user's object is neither changed nor deleted",
        "# a stranger's request is accepted",
        f'operation = [\n    "DELETE {POST}",\n    "PUT {POST}",\n]\n',
        "expires = 2030-04-02",
    ):
        assert part in text
    green = waived(*load(path, tmp_path).waivers)
    assert status(green, "should", strict=False) == (Exit.CONFORMS, "")
    assert green.waivers == []
    assert append_waivers(green, path, "should", TODAY) == 0
    assert path.read_text() == text


def test_written_waivers_hold_on_fewer_operations_and_not_on_others(tmp_path: Path) -> None:
    """Which of a hundred operations show a cause may differ between two audits of a busy service."""
    path = tmp_path / "waivers.toml"
    append_waivers(waived(), path, "must", TODAY)
    written = load(path, tmp_path).waivers
    fewer = samples.faulty()
    fewer.exchanges = [e for e in fewer if e.request.method != "DELETE"]
    green = waived(*written, record=fewer)
    assert (rule(green, "ACC004").outcome, green.waivers) == ("waived", [])
    more = samples.faulty()
    more.exchanges.append(exchange(7, f"GET {POSTS}", 500, step="a long title"))
    red = rule(waived(*written, record=more), "ERR004")
    assert red.outcome == "failed"
    assert [f.operations for f in red.findings if not f.waivers] == [[f"GET {POSTS}"]]


def test_only_what_counts_is_waived(tmp_path: Path) -> None:
    append_waivers(waived(), tmp_path / "w.toml", "must", TODAY)
    rules = {entry["rule"] for entry in tomllib.loads((tmp_path / "w.toml").read_text())["waivers"]}
    assert rules == {"ACC004", "ERR004", "ERR007"}


@pytest.mark.parametrize("name", ["conformance.toml", "pyproject.toml"])
def test_waivers_are_added_to_what_a_file_holds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    table = "tool.conformance." if name == "pyproject.toml" else ""
    before = f'# mine\n[{table}target]\nurl = "http://a"\r\nheaders = {{ Key = "s" }} # no newline at the end'
    path.write_bytes(before.encode())
    path.chmod(0o600)
    append_waivers(waived(), path, "must", TODAY)
    assert path.read_bytes().startswith(before.encode())
    assert path.stat().st_mode & 0o777 == 0o600
    config = load(None, tmp_path)
    assert config.target.url == "http://a"
    assert len(config.waivers) == 3
    append_waivers(waived(), path, "must", TODAY)
    assert len(load(None, tmp_path).waivers) == 3


def test_what_has_expired_in_a_file_is_waived_anew(tmp_path: Path) -> None:
    """The old one stays, and is named until someone takes it out."""
    path = tmp_path / "w.toml"
    append_waivers(waived(), path, "must", TODAY - timedelta(days=91))
    red = waived(*load(path, tmp_path).waivers)
    assert append_waivers(red, path, "must", TODAY) == 3
    again = waived(*load(path, tmp_path).waivers)
    assert {rule.outcome for rule in again.rules if rule.level == "MUST"} == {"waived", "not_run"}
    assert [each.problem for each in again.waivers] == ["expired on 2030-01-01"] * 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('waivers = "w.toml"\n', "in a form that no"),
        ("waivers = []\n", "in a form that no"),
        ("[", "is not TOML"),
    ],
)
def test_a_file_that_no_waiver_can_be_added_to(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(UsageProblem, match=words):
        check_appendable(path)
    assert path.read_text() == text


def test_a_hostile_message_stays_a_comment(tmp_path: Path) -> None:
    result = waived()
    finding = rule(result, "ERR004").findings[0]
    text = 'x\n[[waivers]]\nrule = "ERR001"\r\u2028\x00\x7f*[a]?\U0001f600"""\\'
    evil = finding.model_copy(update={"message": text, "operations": [f"TRACE /{text}", f"GET /{text}"]})
    changed = rule(result, "ERR004").model_copy(update={"findings": [evil]})
    append_waivers(result.model_copy(update={"rules": [changed]}), tmp_path / "w.toml", "must", TODAY)
    (entry,) = tomllib.loads((tmp_path / "w.toml").read_text())["waivers"]
    assert entry["rule"] == "ERR004"
    (read,) = load(tmp_path / "w.toml", tmp_path).waivers
    assert [matches("GET", f"/{text}", [pattern]) for pattern in read.operation] == [True, True]
    assert not matches("GET", f"/{text.replace('[a]', 'a')}", read.operation)


def test_the_reason_of_a_waiver_is_cleaned_of_secrets() -> None:
    secrets = Secrets()
    secrets.learn("hunter2-hunter2")
    record, of = samples.faulty(), samples.service()
    run = samples.run(
        waivers=(
            waiver(rule="ERR004", reason="is hunter2-hunter2"),
            waiver(rule="ERR004", operation="GET /x", owner="hunter2-hunter2"),
        )
    )
    result = build(samples.verdicts(record, of), record, of, run, secrets)
    assert len(result.waivers) == 1
    assert "hunter2" not in result.model_dump_json()


def test_today_is_the_day_in_utc() -> None:
    """A waiver does not end earlier on one machine than on another."""
    given = waiver(rule="ERR004", expires=date(2030, 1, 1))
    late = datetime(2030, 1, 1, 23, 59, tzinfo=UTC)
    assert waived(given, started_at=late).waivers == []
    assert len(waived(given, started_at=late + timedelta(minutes=2)).waivers) == 1
