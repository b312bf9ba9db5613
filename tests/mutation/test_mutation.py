"""How faults are sampled, what counts as caught, and that an interrupted run goes on."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.__main__ import merged, planned, read
from tests.mutation.cases import SERVICES, Case, every, sample, tree
from tests.mutation.measure import failures, sign_in
from tests.mutation.table import document, scores

ABOUT = {"about": {"schemathesis": "4", "rules": 1, "seed": 0}}


def row(fault: str, law: str, failed: list[str], st: list[str]) -> dict[str, Any]:
    kit = {"failed": failed, "vacuous": [], "error": [], "not_run": [], "requests": 1, "seconds": 1.0}
    found = {"failures": st, "problem": None, "seconds": 1.0}
    case = Case("flask", fault, law)
    return {
        "service": "flask",
        "fault": fault,
        "law": law,
        "rule": case.rule,
        "kit": kit,
        "st": found,
    }


def test_every_fault_is_a_case() -> None:
    assert len(every(SERVICES)) == sum(map(len, SERVICES.values()))


def test_a_sample_takes_one_of_each_law_before_a_second_of_any() -> None:
    cases = every(["flask", "template"])
    laws = {case.law for case in cases}
    chosen = sample(cases, len(laws) + 5, seed=3)
    assert {case.law for case in chosen[: len(laws)]} == laws
    assert len(chosen) == len(laws) + 5 == len(set(chosen))
    assert {case.service for case in chosen} == {"flask", "template"}


def test_a_sample_is_its_seed_s() -> None:
    cases = every(["flask"])
    assert sample(cases, 20, seed=1) == sample(cases, 20, seed=1) != sample(cases, 20, seed=2)
    assert set(sample(cases, None, seed=1)) == set(cases)


def test_what_the_unfaulted_service_shows_counts_for_nobody() -> None:
    rows = [
        row("", "", ["ERR012"], ["A GET /x"]),
        row("signature_unchecked", "forged_token", ["SEC002", "ERR012"], ["A GET /x"]),
        row("missing_book_403", "missing_404", ["ERR012", "ERR003"], ["A GET /x", "B GET /x"]),
    ]
    caught, missed = scores(rows)
    assert caught.own
    assert caught.others == []
    assert caught.st is False
    assert not missed.own
    assert missed.others == ["ERR003"]
    assert missed.st is True


def test_a_run_without_end_is_not_counted_as_silent() -> None:
    unfinished = row("signature_unchecked", "forged_token", ["SEC002"], [])
    unfinished["st"]["problem"] = "unfinished"
    rows = [row("", "", [], []), unfinished]
    assert scores(rows)[0].st is None
    unfinished["st"] = None
    assert scores(rows)[0].st is None
    assert "0 of 0, 1 not tried to the end" in document(rows, seed=0, baselines=3)


def test_the_page_says_what_was_sampled_and_what_was_missed() -> None:
    rows = [row("", "", [], []), row("missing_book_403", "missing_404", ["ERR003"], [])]
    page = document(rows, seed=7, baselines=3)
    assert f"1 of the {len(SERVICES['flask'])} faults of `flask`" in page
    assert "| all | 1 | 0 of 1 (0%) | 1 of 1 (100%) | 0 of 1 (0%) |" in page
    assert "| `flask: missing_book_403` | ERR004 | ERR003 | - | - |" in page


def test_an_interrupted_run_goes_on_but_not_with_another_seed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    assert read(path, ABOUT) == []
    with path.open("a", encoding="utf-8") as file:
        file.write('{"service": "flask", "fault": ""}\n')
    assert read(path, ABOUT) == [{"service": "flask", "fault": ""}]
    with pytest.raises(SystemExit, match="another seed"):
        read(path, {"about": {**ABOUT["about"], "seed": 1}})


def test_the_kit_comes_first_and_st_run_on_a_part() -> None:
    wanted = [Case("flask"), *every(["flask"])[:5]]
    plan = planned(wanted, Namespace(breaking=False, seed=7, st=2))
    assert [case for case, ways in plan if ways.name == "kit"] == wanted
    assert [(case.fault == "", ways.seeds) for case, ways in plan[len(wanted) :]] == [
        (True, (7, 8, 9)),
        (False, (7,)),
        (False, (7,)),
    ]
    assert {case for case, _ in plan[len(wanted) :]} < set(wanted)


def test_rules_that_break_things_are_asked_of_their_own_faults() -> None:
    other, own = Case("flask", "missing_book_403", "missing_404"), Case("shop", "x", "handling_survives_kill")
    assert own.rule == "EVT030"
    assert "EVT030" not in other.rules(breaking=False)
    assert "ERR004" in other.rules(breaking=False)
    every_rule = other.rules(breaking=True)
    assert "EVT030" in every_rule
    assert own.rules(breaking=False) == every_rule == Case("flask").rules(breaking=False)


def test_what_was_said_of_a_fault_at_different_times_is_one_row() -> None:
    about = {"service": "flask", "fault": "x"}
    lines = [
        {**about, "kit": {"failed": ["A"]}},
        {**about, "st": {"failures": []}},
        {**about, "kit": {"failed": ["B"]}},
        {"service": "flask", "fault": "y", "st": {"failures": []}},
        {"service": "flask", "fault": "z", "kit": {"failed": []}},
    ]
    first, second = merged(lines)
    assert first == {**about, "kit": {"failed": ["B"]}, "st": {"failures": []}}
    assert second["st"] is None


def test_each_service_has_a_tree_of_its_own() -> None:
    assert len({tree(service) for service in SERVICES}) == len(SERVICES)


def test_failures_are_told_by_kind_and_operation() -> None:
    report = {
        "failures": [{"type": "ServerError", "operations": ["GET /x", "GET /y"]}],
        "errors": [{"title": "Schema Error"}],
    }
    assert failures(report) == ["Schema Error ", "ServerError GET /x", "ServerError GET /y"]


def test_a_token_goes_into_the_configuration_and_other_credentials_into_headers(tmp_path: Path) -> None:
    declared = {"components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}}
    assert sign_in({"Authorization": "Bearer abc"}, declared, tmp_path) == []
    written = (tmp_path / "schemathesis.toml").read_text(encoding="utf-8")
    assert written == '[auth.openapi."bearer"]\nbearer = "abc"\n'
    assert sign_in({"X-Key": "abc"}, declared, tmp_path) == ["-H", "X-Key: abc"]
