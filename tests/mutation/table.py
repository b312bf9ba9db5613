"""The table of what was caught, from the rows of the results file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from conformance.rules import catalogue
from tests.mutation.cases import every

Row = dict[str, Any]

HEAD = """# Every fault by every rule

Written by `nox -s mutation`. Each fault is an edit of a service that conforms without it; the rule that must
catch it is named in the tests before the audit runs. Each faulted service gets one audit of the gate lane, by
all rules, and one `st run` with its default settings, on a fresh start, signed in through its own
configuration. The rules that take the broker away or kill processes are asked of the faults of their own laws
alone (`--breaking` asks them of all).

- **own rule**: the rule that the tests name for the fault fails.
- **any rule**: some rule fails; it could be another one.
- **st run**: it reports a kind of failure, or an error, at an operation where none of its {baselines} runs
  on the service without the fault does (so what is reported there anyway counts neither for nor against it).
  It sees HTTP alone: faults of laws on events are counted apart.

Schemathesis {schemathesis}; {rules} rules; seed {seed}.

"""


@dataclass(frozen=True, slots=True)
class Score:
    """How one fault fared; `st` is None where `st run` was not run, or came to no end."""

    service: str
    fault: str
    law: str
    rule: str | None
    failed: frozenset[str]
    vacuous: frozenset[str]
    st: bool | None
    problem: str | None

    @property
    def own(self) -> bool:
        """Whether the rule of the fault failed."""
        return self.rule in self.failed

    @property
    def others(self) -> list[str]:
        """The rules that failed beside it."""
        return sorted(self.failed - {self.rule or ""})

    @property
    def event(self) -> bool:
        """Whether its law is one of events."""
        return (self.rule or "").startswith("EVT") or "event" in self.law


def scores(rows: Iterable[Row]) -> list[Score]:
    """The faults of the rows, beside the same service without a fault."""
    known = list(rows)
    clean = {row["service"]: row for row in known if not row["fault"]}
    return [_score(row, clean[row["service"]]) for row in known if row["fault"] and row["service"] in clean]


def _score(row: Row, clean: Row) -> Score:
    kit, st = row["kit"], row["st"]
    new = set(st["failures"]) - set(clean["st"]["failures"]) if st and clean["st"] else set()
    return Score(
        service=row["service"],
        fault=row["fault"],
        law=row["law"],
        rule=row["rule"],
        failed=frozenset(kit.get("failed", ())) - frozenset(clean["kit"].get("failed", ())),
        vacuous=frozenset(kit.get("vacuous", ())) - frozenset(clean["kit"].get("vacuous", ())),
        st=None if st is None or clean["st"] is None or st["problem"] == "unfinished" else bool(new),
        problem=kit.get("problem"),
    )


def document(rows: Sequence[Row], *, seed: int, baselines: int) -> str:
    """The page in Markdown."""
    found = sorted(scores(rows), key=lambda s: (s.law, s.service, s.fault))
    rules = len(catalogue.rules)
    text = HEAD.format(schemathesis=version("schemathesis"), rules=rules, seed=seed, baselines=baselines)
    return "".join(
        (text, _sampled(found), _clean(rows), _scored(found), _laws(found), _missed(found), _beside(found))
    )


def _table(head: str, lines: Iterable[str]) -> str:
    bars = "|".join("---" for _ in head.split("|"))
    return f"| {head} |\n|{bars}|\n" + "".join(f"| {line} |\n" for line in lines) + "\n"


def _share(caught: int, of: int) -> str:
    return f"{caught} of {of}" + (f" ({caught / of:.0%})" if of else "")


def _sampled(found: list[Score]) -> str:
    services = dict.fromkeys(score.service for score in found)
    parts = [
        f"{sum(s.service == name for s in found)} of the {len(every([name]))} faults of `{name}`"
        for name in services
    ]
    whole = sum(len(every([name])) for name in services) == len(found)
    return ("Run: " if whole else "A sample, spread over the laws: ") + ", ".join(parts) + ".\n\n"


def _clean(rows: Iterable[Row]) -> str:
    lines = [
        f"`{row['service']}` | {', '.join(row['kit'].get('failed', ())) or 'none'}"
        f" | {len(row['st']['failures']) if row['st'] else 'not run'}"
        for row in rows
        if not row["fault"]
    ]
    return "## Without a fault\n\n" + _table("service | rules that fail | reports of `st run`", sorted(lines))


def _scored(found: list[Score]) -> str:
    groups = {"API and errors": [s for s in found if not s.event], "events": [s for s in found if s.event]}
    lines = [
        f"{name} | {len(these)} | {_share(sum(s.own for s in these), len(these))}"
        f" | {_share(sum(bool(s.failed) for s in these), len(these))} | {_by_st(these)}"
        for name, these in {**groups, "all": found}.items()
        if these
    ]
    return "## Score\n\n" + _table("laws | faults | own rule | any rule | `st run`", lines)


def _by_st(these: list[Score]) -> str:
    ended = [s for s in these if s.st is not None]
    left = len(these) - len(ended)
    return _share(sum(bool(s.st) for s in ended), len(ended)) + (
        f", {left} not tried to the end" if left else ""
    )


def _laws(found: list[Score]) -> str:
    laws: dict[str, list[Score]] = {}
    for score in found:
        laws.setdefault(score.law, []).append(score)
    lines = [
        f"{law} | {', '.join(sorted({s.rule or 'none' for s in these}))} | {len(these)}"
        f" | {sum(s.own for s in these)} | {sum(bool(s.failed) for s in these)}"
        f" | {_by_st(these).split(' (')[0]}"
        for law, these in laws.items()
    ]
    return "## By law\n\n" + _table("law | rule | faults | own rule | any rule | `st run`", lines)


def _missed(found: list[Score]) -> str:
    lines = [
        f"`{s.service}: {s.fault}` | {s.rule or 'none'} | {', '.join(s.others) or '-'}"
        f" | {', '.join(sorted(s.vacuous)) or '-'} | {s.problem or '-'}"
        for s in found
        if not s.own
    ]
    if not lines:
        return "## Not caught by their own rule\n\nNone.\n\n"
    return "## Not caught by their own rule\n\n" + _table(
        "fault | own rule | rules that fail | vacuous | audit ended by", lines
    )


def _beside(found: list[Score]) -> str:
    lines = [
        f"`{s.service}: {s.fault}` | {s.rule} | {', '.join(s.others)}" for s in found if s.own and s.others
    ]
    alone = sum(s.own and not s.others for s in found)
    text = f"## Rules that fail beside a fault's own\n\nOf {alone} faults no other rule speaks.\n\n"
    return text + (_table("fault | own rule | others", lines) if lines else "")
