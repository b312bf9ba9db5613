"""The result as JUnit XML, as Jenkins, GitLab and GitHub's reporters read it (junit-10.xsd).

A rule is a test case; one that failed is a case for each finding, so that a list of failures tells
what is broken. Failures are what the exit status counts: the rest of what was found is skipped, in words.
"""

from xml.etree import ElementTree as Xml

from conformance.report.result import Finding, Result, RuleResult, StaleWaiver
from conformance.report.text import elide, plain
from conformance.report.verdict import FailOn, counts, named

SHOWN_OPERATIONS = 3
LONGEST = 200
"""Characters of an attribute."""


def render(result: Result, fail_on: FailOn) -> bytes:
    """The document, in UTF-8."""
    suites = []
    for contract in dict.fromkeys(rule.contract for rule in result.rules):
        of = [rule for rule in result.rules if rule.contract == contract]
        suites.append(
            _suite(contract, result, [case for rule in of for case in _cases(rule, counts(rule, fail_on))])
        )
    if result.waivers:
        suites.append(_suite("waivers", result, [_stale(waiver) for waiver in result.waivers]))
    root = Xml.Element("testsuites", name="service-conformance", time=f"{result.duration:.3f}")
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    Xml.indent(root)
    data: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(name: str, result: Result, cases: list[Xml.Element]) -> Xml.Element:
    """A suite with the counts of its cases."""
    suite = Xml.Element("testsuite", name=name, tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    # Readers expect a time; those of single rules are not known, as one exchange serves many.
    suite.set("time", "0.000")
    suite.set("timestamp", result.started_at.partition("+")[0])
    properties = Xml.SubElement(suite, "properties")
    for key, value in (
        ("target", result.target.url),
        ("verdict", result.summary.verdict),
        ("lane", result.lane),
        ("seed", str(result.seed)),
    ):
        Xml.SubElement(properties, "property", name=key, value=plain(value))
    suite.extend(cases)
    return suite


def _cases(rule: RuleResult, counted: bool) -> list[Xml.Element]:
    name = f"{rule.id} {rule.title}"
    if rule.findings:
        return [_finding(rule, finding, counted) for finding in rule.findings]
    case = _case(rule, name)
    if rule.outcome == "vacuous" and counted:
        _say(case, "failure", f"{rule.id} saw nothing to judge: {rule.reason}", kind=rule.outcome)
    elif rule.outcome == "error":
        _say(case, "error", rule.reason, kind=rule.outcome)
    elif rule.outcome != "passed":
        words = rule.outcome.replace("_", " ")
        _say(case, "skipped", f"{words}: {rule.requirement or rule.reason}", kind=rule.outcome)
    return [case]


def _finding(rule: RuleResult, finding: Finding, counted: bool) -> Xml.Element:
    first, more = finding.operations[:SHOWN_OPERATIONS], len(finding.operations) - SHOWN_OPERATIONS
    where = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    # Reports of two branches are compared by these names, which therefore hold no value.
    case = _case(rule, f"{rule.id} {rule.title}: {where} [{finding.fingerprint}]")
    text = _body(rule, finding)
    if finding.waivers:
        last = max(finding.waivers, key=lambda waiver: waiver.expires)
        message = f"waived until {last.expires} by {last.owner}: {last.reason}"
        _say(case, "skipped", message, text, kind="waived")
    elif counted:
        _say(case, "failure", finding.message, text, kind=rule.level)
    else:
        _say(case, "skipped", f"{rule.level}, which fails no audit: {finding.message}", text, kind=rule.level)
    return case


def _stale(waiver: StaleWaiver) -> Xml.Element:
    case = Xml.Element("testcase", classname="conformance.waivers", time="0.000")
    case.set("name", elide(plain(f"waiver of {named(waiver)}"), LONGEST))
    text = f"reason: {plain(waiver.reason)}\nowner: {plain(waiver.owner)}"
    _say(case, "failure", waiver.problem, text, kind="waiver")
    return case


def _case(rule: RuleResult, name: str) -> Xml.Element:
    classname = f"conformance.{rule.contract}.{rule.id}"
    return Xml.Element("testcase", classname=classname, name=plain(name), time="0.000")


def _say(case: Xml.Element, tag: str, message: str, text: str = "", *, kind: str) -> None:
    """A child that tells how the case ended; some readers show its message, others its text alone."""
    child = Xml.SubElement(case, tag, type=kind, message=elide(plain(message), LONGEST))
    # What XML cannot carry is written out, in each line.
    child.text = "\n".join(map(plain, (text or message).split("\n")))


def _body(rule: RuleResult, finding: Finding) -> str:
    rows = [
        ("rule", f"{rule.level} {rule.id} {rule.title}"),
        ("where", ", ".join(finding.operations)),
        ("source", finding.source or ""),
        ("what", finding.message),
        ("expected", finding.expected),
        ("came", finding.actual),
        ("mend", finding.mend),
        ("guideline", rule.section),
        ("fingerprint", finding.fingerprint + (" (new)" if finding.new else "")),
    ]
    lines = [f"{name + ':':<12} {plain(value)}" for name, value in rows if value]
    return "\n".join(["", *lines, "", plain(finding.curl), ""])
