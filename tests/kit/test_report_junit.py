"""JUnit XML: its form, what counts as a failure, and that nothing in it is illegal in XML."""

from xml.etree import ElementTree as Xml

import pytest

from conformance.report.junit import render
from conformance.report.result import Outcome, Result
from conformance.report.verdict import FailOn
from tests.kit import report_samples as samples

FORM: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"time", "classname"}, {"skipped", "error", "failure"}),
    **dict.fromkeys(("skipped", "error", "failure"), (set(), {"type", "message"}, set())),
}
"""What Jenkins' junit-10.xsd says of an element: attributes it must have, others it may have, children."""


def read(result: Result, fail_on: FailOn = "should") -> Xml.Element:
    return Xml.fromstring(render(result, fail_on))  # noqa: S314 - the kit's own


def cases(root: Xml.Element) -> dict[str, Xml.Element]:
    """The test cases by name; no two have the same one."""
    found = list(root.iter("testcase"))
    named = {case.get("name", ""): case for case in found}
    assert len(named) == len(found)
    return named


def ended(case: Xml.Element) -> str:
    return next((child.tag for child in case), "passed")


@pytest.mark.parametrize("result", [samples.result(), samples.hostile()], ids=["plain", "hostile"])
def test_it_has_the_form_that_readers_know(result: Result) -> None:
    root = read(result)
    assert root.tag == "testsuites"
    for element in root.iter():
        needed, allowed, children = FORM[element.tag]
        assert needed <= set(element.attrib) <= needed | allowed, element.attrib
        assert {child.tag for child in element} <= children
    for suite in root:
        of = [ended(case) for case in suite.iter("testcase")]
        assert suite.get("tests") == str(len(of))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(attribute) == str(of.count(tag))
    assert root.get("failures") == str(sum(int(suite.get("failures", "")) for suite in root))


def test_a_suite_a_contract_and_a_case_a_finding() -> None:
    root = read(samples.result())
    assert [suite.get("name") for suite in root] == ["api", "error"]
    result = samples.result()
    found = {f.fingerprint: f for rule in result.rules for f in rule.findings}
    for mark, finding in found.items():
        (case,) = (case for name, case in cases(root).items() if mark in name)
        failure = case.find("failure")
        assert failure is not None
        assert failure.get("message") == finding.message
        for part in (finding.expected, finding.mend, finding.curl, *finding.operations):
            assert part in (failure.text or "")


def outcome(kind: Outcome, level: str = "MUST", fail_on: FailOn = "must") -> Xml.Element:
    """How a rule without findings is told."""
    result = samples.result()
    rule = next(rule for rule in result.rules if rule.id == "ERR007")
    changed = rule.model_copy(
        update={"outcome": kind, "level": level, "reason": "it is so", "requirement": None}
    )
    (case,) = cases(read(result.model_copy(update={"rules": [changed]}), fail_on)).values()
    return case


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("passed", "passed"),
        ("vacuous", "failure"),
        ("error", "error"),
        ("not_run", "skipped"),
        ("not_applicable", "skipped"),
        ("waived", "skipped"),
    ],
)
def test_how_a_rule_ends(kind: Outcome, tag: str) -> None:
    case = outcome(kind)
    assert ended(case) == tag
    assert ("it is so" in "".join(case.itertext())) == (kind != "passed")


def failing(root: Xml.Element) -> set[str]:
    return {name[:6] for name, case in cases(root).items() if ended(case) == "failure"}


def test_failures_are_what_the_exit_status_counts() -> None:
    assert failing(read(samples.result(), "should")) == {"ACC004", "ERR004", "API009", "ERR007"}
    must = read(samples.result(), "must")
    assert failing(must) == {"ACC004", "ERR004", "ERR007"}
    (case,) = (case for name, case in cases(must).items() if name.startswith("API009"))
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "SHOULD, which fails no audit: a list without limit gives all"
    assert ended(outcome("vacuous", "SHOULD", "must")) == "skipped"


def test_what_is_waived_is_skipped_and_a_waiver_that_holds_no_longer_fails() -> None:
    told = cases(read(samples.hostile()))
    (waived,) = (case for name, case in told.items() if name.startswith("ACC004"))
    assert ended(waived) == "skipped"
    assert "waived until 2030-12-31" in "".join(child.get("message", "") for child in waived)
    (stale,) = (case for name, case in told.items() if name.startswith("waiver of ERR001"))
    assert ended(stale) == "failure"


def test_names_are_the_same_in_the_next_audit() -> None:
    """GitLab compares two branches by them."""
    of = [samples.result(), samples.result(started_at=samples.run().started_at.replace(year=2031))]
    first, second = (list(cases(read(result))) for result in of)
    assert first == second


def test_nothing_illegal_is_left() -> None:
    text = render(samples.hostile(), "must").decode()
    assert not [c for c in text if (ord(c) < 32 and c != "\n") or c in "\u202e\ufffe\uffff"]
    assert "<script>" not in text
    assert r"\x00\x0b\u202e\ufffe" in text
