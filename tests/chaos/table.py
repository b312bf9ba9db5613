"""The outcome of a run as Markdown."""

from collections import Counter
from importlib.metadata import version

from conformance.target.dependencies import KAFKA, POSTGRESQL
from tests.chaos.judge import Report, Row
from tests.chaos.observation import Observation

_COLUMNS = (
    "killed",
    "kills",
    "changes committed",
    "published",
    "duplicates",
    "lost",
    "invented",
    "out of order",
    "applied twice",
    "not applied",
    "longest recovery",
)
_LIBRARIES = ("aiokafka", "sqlalchemy", "asyncpg", "fastapi", "uvicorn")


def section(variant: str, seed: int, seen: Observation, report: Report) -> str:
    """The run, its table, and what else was wrong."""
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    lines = [
        f"`{variant}`: {len(seen.kills)} rounds, seed {seed}; {POSTGRESQL}, {KAFKA}; {versions}.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|---|{'---:|' * (len(_COLUMNS) - 1)}",
        *(_line(label, row) for label, row in report.rows.items()),
        "",
        _answers(seen),
    ]
    lines += [f"- {trouble}" for trouble in report.troubles] or ["Nothing else was wrong."]
    return "\n".join(lines) + "\n"


def _line(label: str, row: Row) -> str:
    counts = (
        row.kills,
        row.committed,
        row.published,
        row.duplicates,
        row.lost,
        row.invented,
        row.out_of_order,
        row.applied_twice,
        row.not_applied,
    )
    recovery = f"{row.recovery:.1f} s" if row.kills else ""
    return f"| {label} | {' | '.join(f'{number:,}' for number in counts)} | {recovery} |"


def _answers(seen: Observation) -> str:
    kinds: Counter[str] = Counter()
    for (_, status), number in seen.answers.statuses.items():
        kinds[f"{status // 100}xx" if status else "none"] += number
    told = ", ".join(f"{kind} {number:,}" for kind, number in sorted(kinds.items()))
    return f"Answers to the clients: {told}.\n"
