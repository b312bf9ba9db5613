"""The result as one page for a browser: it loads nothing, and all that it quotes is text to it.

Three guards stand before a hostile service: every value is escaped, characters that are not seen are
written out, and the page's policy lets no script run but its own, by its digest.
"""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report.curl import variables
from conformance.report.needed import not_checked
from conformance.report.rank import ranked
from conformance.report.result import Finding, Outcome, Result, RuleResult
from conformance.report.text import plain
from conformance.report.verdict import named

FOLDER = "page"


def render(result: Result) -> bytes:
    """The page, in UTF-8."""
    found = ranked(result.rules)
    style, script = (_own(name) for name in ("report.css", "report.js"))
    page = _environment().get_template("report.html")
    text = page.render(
        result=result,
        tone=_tone(result.summary.verdict),
        contracts=_contracts(result),
        outcomes=[outcome for outcome in _ORDER if any(rule.outcome == outcome for rule in result.rules)],
        open=[pair for pair in found if not pair[1].waivers],
        waived=[pair for pair in found if pair[1].waivers],
        not_checked=not_checked(result.rules),
        unjudged=[rule for rule in result.rules if rule.outcome in ("vacuous", "error")],
        operations=_operations(result, found),
        credentials=list(dict.fromkeys(name for _, finding in found for name in variables(finding.curl))),
        # Requests beside what was published for them, in results that have it.
        events=getattr(result, "events", None),
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )
    return text.encode("utf-8", "backslashreplace")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    environment.filters["words"] = lambda outcome: outcome.replace("_", " ")
    environment.filters["paragraphs"] = lambda text: [part for part in text.split("\n\n") if part.strip()]
    environment.filters["flowing"] = lambda text: " ".join(text.split())
    environment.globals["named"] = named
    return environment


def _seen(value: Any) -> Any:
    """A value as it is put on the page: nothing in it is invisible or turns the text around it."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _own(name: str) -> Markup:
    """A part of the page that is the kit's own."""
    return Markup((files("conformance.report") / FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _tone(verdict: str) -> str:
    if verdict == "conforms":
        return "good"
    return "warned" if verdict.startswith("conforms") else "bad"


def _contracts(result: Result) -> list[tuple[str, list[RuleResult], dict[Outcome, int]]]:
    """Each contract with its rules, those that need a look first, and how many ended in which way."""
    told: list[tuple[str, list[RuleResult], dict[Outcome, int]]] = []
    for contract in dict.fromkeys(rule.contract for rule in result.rules):
        rules = [rule for rule in result.rules if rule.contract == contract]
        counts = {outcome: sum(rule.outcome == outcome for rule in rules) for outcome in _ORDER}
        told.append((contract, sorted(rules, key=lambda rule: (_ORDER.index(rule.outcome), rule.id)), counts))
    return told


_ORDER: tuple[Outcome, ...] = ("failed", "vacuous", "error", "waived", "not_run", "passed", "not_applicable")


def _operations(result: Result, found: list[tuple[RuleResult, Finding]]) -> list[dict[str, Any]]:
    """Each operation of the document: what was sent, why nothing was accepted, what was found on it."""
    reasons = {left.operation: left.reason for left in result.summary.unreached}
    on: dict[str, list[tuple[RuleResult, Finding]]] = {}
    for rule, finding in found:
        for operation in finding.operations:
            on.setdefault(operation, []).append((rule, finding))
    return [
        {
            "name": each.operation,
            "requests": each.requests,
            "accepted": each.accepted,
            "reason": reasons.get(each.operation, ""),
            "found": on.get(each.operation, []),
        }
        for each in result.operations
    ]
