"""The comparison with an earlier result."""

from pathlib import Path

import pytest

from conformance.errors import UsageProblem
from conformance.model.record import Record
from conformance.report.baseline import compare, read
from conformance.report.files import write_json
from conformance.report.result import Result
from tests.kit import report_samples as samples
from tests.kit.report_samples import POST, POSTS, exchange


def marks(result: Result) -> dict[str, bool | None]:
    return {rule.id: finding.new for rule in result.rules for finding in rule.findings}


def clean() -> Result:
    """What the faulty sample is when it is mended, with all its rules judged."""
    bob = {"headers": {"authorization": "Bearer bobs-own-token-22"}, "principal": "bob"}
    return samples.result(
        Record(
            [
                exchange(1, f"GET {POSTS}", 200, []),
                exchange(2, f"PUT {POST}", 403, path=f"{POSTS}/7", send={}, **bob),  # type: ignore[arg-type]
            ]
        )
    )


def test_the_same_audit_has_nothing_new() -> None:
    result = compare(samples.result(), samples.result())
    assert marks(result) == dict.fromkeys(("ACC004", "API009", "ERR004"), False)
    assert result.baseline is not None
    assert (result.baseline.new, result.baseline.still) == (0, 3)
    assert result.baseline.gone == result.baseline.unjudged == []
    assert result.baseline.started_at == "2030-01-02T03:04:05+00:00"


def test_what_was_not_there_is_new_and_what_is_not_there_is_gone() -> None:
    worse = compare(samples.result(), clean())
    assert marks(worse) == dict.fromkeys(("ACC004", "API009", "ERR004"), True)
    assert worse.baseline is not None
    assert (worse.baseline.new, worse.baseline.still) == (3, 0)
    better = compare(clean(), samples.result())
    assert better.baseline is not None
    assert sorted(each.rule for each in better.baseline.gone) == ["ACC004", "API009", "ERR004"]
    assert better.baseline.unjudged == []


def test_a_cause_on_fewer_operations_is_still_there_and_on_others_new() -> None:
    """Which operations show a cause may depend on luck; a fingerprint that changes with them is no news."""
    fewer = samples.faulty()
    fewer.exchanges = [e for e in fewer if e.request.method != "DELETE"]
    less = compare(samples.result(fewer), samples.result())
    assert marks(less)["ACC004"] is False
    assert less.baseline is not None
    assert (less.baseline.new, less.baseline.still, less.baseline.gone) == (0, 3, [])
    more = compare(samples.result(), samples.result(fewer))
    assert marks(more) == {"ACC004": True, "API009": False, "ERR004": False}
    assert [f.new_operations for rule in more.rules for f in rule.findings] == [[f"DELETE {POST}"], [], []]
    assert more.baseline is not None
    assert (more.baseline.new, more.baseline.still, more.baseline.gone) == (1, 2, [])


def test_what_was_not_judged_is_not_gone() -> None:
    """Its rule was not run, its operation left out, or the audit cut short."""
    cut = samples.result(Record(list(clean_exchanges()), "user"))
    for result, left_out in ((cut, ()), (clean(), (f"PUT {POST}",))):
        compared = compare(result, samples.result(), left_out)
        assert compared.baseline is not None
        assert "ACC004" in {each.rule for each in compared.baseline.unjudged}
        assert "ACC004" not in {each.rule for each in compared.baseline.gone}


def clean_exchanges() -> Record:
    return Record([exchange(1, f"GET {POSTS}", 200, [])])


def test_a_rule_that_is_not_there_any_more_is_not_judged() -> None:
    result = clean()
    fewer = result.model_copy(update={"rules": [rule for rule in result.rules if rule.id != "ERR004"]})
    compared = compare(fewer, samples.result())
    assert compared.baseline is not None
    assert [each.rule for each in compared.baseline.unjudged] == ["ERR004"]


def test_an_earlier_result_is_read_though_another_version_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    write_json(samples.result(), path)
    path.write_text(path.read_text().replace('"lane"', '"later": 1, "lane"'))
    assert read(path) == samples.result()


@pytest.mark.parametrize("text", ["", "{}", "[", '{"schema_version": 2}', "\x00"])
def test_what_is_no_result_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(
        UsageProblem, match=r"old.json is no result of --json, which --baseline compares with\.$"
    ):
        read(path)
    with pytest.raises(UsageProblem, match=r"none.json cannot be read: No such file or directory\.$"):
        read(tmp_path / "none.json")
