"""Writes the template's `requirements.txt` and `requirements-dev.txt`: what `uv` locks for each bake.

One line a package, pinned for all Pythons and platforms; what only some bakes need stands in line
statements. A `uv.lock` would name the registry that it was made against. Usage: python tools/lock.py
"""

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "{{cookiecutter.project_slug}}"
FILES: dict[str, tuple[str, ...]] = {"requirements.txt": (), "requirements-dev.txt": ("--group", "dev")}
HEADER = "# Pinned by uv; how to renew it is in README.md.\n"

Choice = tuple[str, str]


def compile_bake(folder: Path, options: tuple[str, ...]) -> list[str]:
    """The pinned requirements of a bake."""
    done = subprocess.run(  # noqa: S603 - our own command line
        [
            *("uv", "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11", "--quiet"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", *options),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return [line for line in done.stdout.splitlines() if line and not line.startswith(("#", "-"))]


def condition(present: set[Choice], databases: list[str], events: list[str]) -> str | None:
    """The expression that is true for the bakes of `present`, None where they are all."""
    dbs = [d for d in databases if any(choice[0] == d for choice in present)]
    evs = [e for e in events if any(choice[1] == e for choice in present)]
    if present != set(itertools.product(dbs, evs)):
        pairs = sorted(present)
        return f"(cookiecutter.database, cookiecutter.events) in {pairs}"
    parts = []
    if dbs != databases:
        parts.append(f"cookiecutter.database in {dbs}")
    if evs != events:
        parts.append(f"cookiecutter.events in {evs}")
    return " and ".join(parts) or None


def merge(locks: dict[Choice, list[str]], databases: list[str], events: list[str]) -> str:
    """One file for all bakes. Raises ValueError where two of them need other versions."""
    lines = sorted({line for lock in locks.values() for line in lock}, key=str.lower)
    pins = [line.partition("==")[0] + line.partition(";")[2] for line in lines]
    twice = sorted({pin for pin in pins if pins.count(pin) > 1})
    if twice:
        raise ValueError(f"bakes need other versions of {twice}")
    text = HEADER
    for line in lines:
        test = condition({choice for choice, lock in locks.items() if line in lock}, databases, events)
        text += f"# % if {test}\n{line}\n# % endif\n" if test else f"{line}\n"
    return text


def main() -> None:
    """Bake each choice, lock it, and write the files."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    databases, events = questions["database"], questions["events"]
    locks: dict[str, dict[Choice, list[str]]] = {name: {} for name in FILES}
    with tempfile.TemporaryDirectory() as folder:
        for database, event in itertools.product(databases, events):
            answers = {"project_slug": f"{database}_{event}", "database": database, "events": event}
            bake = cookiecutter(str(ROOT), no_input=True, extra_context=answers, output_dir=folder)
            for name, options in FILES.items():
                locks[name][database, event] = compile_bake(Path(bake), options)
            print(f"locked {database}, {event}", file=sys.stderr)  # noqa: T201 - each takes a while
    for name, found in locks.items():
        (TEMPLATE / name).write_text(merge(found, databases, events), encoding="utf-8")


if __name__ == "__main__":
    main()
