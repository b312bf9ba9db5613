"""A service that is no plain CRUD, over HTTP: what the laws see of it, and tokens that run out meanwhile."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from conformance.audit import Audit
from conformance.config import Config
from tests.faults.harness import audit

ROOT = Path(__file__).parents[2]
SEARCH = {"operation": "POST /parts/search", "limit": "window.size", "offset": "window.start"}


def audited(rules: Iterable[str] = (), *, unique: tuple[str, ...] = (), **env: str) -> Audit:
    """The depot, audited by some rules, with its environment."""
    config = Config.model_validate(
        {
            "target": {
                "command": f"{sys.executable} -m uvicorn tests.reference.depot:app --port {{port}}",
                "cwd": str(ROOT),
                "env": {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **env},
                "startup_timeout": 300,
                "timeout": 60,
            },
            "resources": {"parts": {"list": SEARCH, **({"unique": unique} if unique else {})}},
        }
    )
    return audit(config, rules)


def failed(done: Audit) -> set[str]:
    """The rules that failed, saw nothing, or broke."""
    return {v.rule.id for v in done.verdicts if v.outcome in ("failed", "vacuous", "error")}


@pytest.fixture(scope="module")
def clean() -> Audit:
    return audited(unique=("name",))


def test_it_conforms_and_every_operation_is_reached(clean: Audit) -> None:
    assert failed(clean) == set()
    assert clean.service is not None
    assert clean.record.accepted() == {op.label for op in clean.service.operations}
    seen = {v.rule.id: v.exercised for v in clean.verdicts}
    assert [seen[rule] for rule in ("API004", "API005", "API007")] == [2, 2, 2]
    assert [seen[rule] for rule in ("API008", "API009", "API026", "API027")] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("newest_hidden", "API005"),
        ("size_ignored", "API008"),
        ("start_ignored", "API009"),
        ("filter_ignored", "API026"),
        ("order_ignored", "API027"),
        ("color_lost", "API004"),
        ("label_stays", "API007"),
    ],
)
def test_what_is_wrong_is_seen_through_lists_by_post_and_creates_by_put(fault: str, rule: str) -> None:
    assert failed(audited([rule], FAULT=fault)) == {rule}


def test_what_the_configuration_calls_unique_must_be() -> None:
    assert failed(audited(["API019"], unique=("name",), FAULT="name_not_unique")) == {"API019"}


def test_tokens_that_run_out_are_renewed(clean: Audit) -> None:
    done = audited(TOKEN_USES="5")
    assert {v.rule.id: v.outcome for v in done.verdicts} == {v.rule.id: v.outcome for v in clean.verdicts}
    ran_out = [e for e in done.record if e.step == "ran out"]
    again = [e for e in done.record if e.step == "sign-in again"]
    assert {e.status for e in ran_out} == {401}
    assert {e.status for e in again} == {200}
    assert len(again) > 50, "a token lets in five times"
    # What was refused is asked again right after, by the same principal, and let in.
    let_in = [e for e in done.record if e.step != "ran out"]
    for refused in ran_out:
        asked = (refused.request.method, refused.request.url, refused.request.body, refused.principal)
        again_asked = next(
            e
            for e in let_in
            if e.number > refused.number
            and (e.request.method, e.request.url, e.request.body, e.principal) == asked
        )
        # A sign-in with nonsense in its body answers 401 by itself.
        assert again_asked.status != 401 or again_asked.operation == "POST /sessions"
    # Those that are spoiled on purpose are not mended.
    spoiled = [e for e in done.record if e.scenario == "access" and e.principal in ("anonymous", "forged")]
    assert {e.status for e in spoiled} == {401}
