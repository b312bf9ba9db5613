"""The gate lane beside `st run` with its default settings, and how an audit grows with the service.

Usage: python -m bench.audit [--config NAME=FILE ...] [--rounds N] [--sizes 12,24,48,96] [--write FILE]
In each round every contender runs once on a fresh start of the service, one after the other and in turn the
other way round, so that what else the machine does meets them alike; what counts is the ratio within a round.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.many import OPERATIONS
from conformance.config import Config, load
from conformance.rules import catalogue
from conformance.target.process import started

ROOT = Path(__file__).parents[1]
FLASK = ROOT / "tests" / "reference" / "flask_library" / "conformance.toml"
DOZEN = 12
TARGET = 0.5
"""At most so much of `st run`'s time."""

MANY = """[target]
command = "python -m bench.many {{port}} {resources}"
cwd = {cwd}
openapi = "/openapi.json"
"""
HEAD = """# What an audit costs

Written by `nox -s bench_audit`. Wall time on a machine that does other things as well: the ratios within a
round count, the seconds only show the scale. All are command lines, with all that they import, on a fresh
start of the service each time. The gate lane runs all rules; `st run` (Schemathesis {schemathesis}) runs with
its default settings, and without credentials but those that it gets by signing itself up. Medians of the
rounds, of which each ratio is listed; the target is a ratio of at most {target}.

"Calm" leaves out the rules of events, for which the gate reads topics, takes the broker away, and
kills and restarts the service: no `st run` does any of it. Where a service publishes nothing it is the same.

| service | operations | gate, s | calm, s | `st run`, s | gate / `st run` | of each round | calm / `st run` |
|---|---|---|---|---|---|---|---|
"""
GROWTH = f"""
## Growth

Services of independent resources, {OPERATIONS} operations each, answered in memory: what is measured is the
kit. Rounds: {{rounds}}; medians. CPU seconds are those of the kit and of the service together: what else the
machine does adds little to them, and much to the others.

| operations | requests | requests an operation | s | CPU s | CPU s an operation |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A service by its configuration file."""

    name: str
    file: Path

    @property
    def config(self) -> Config:
        """As it is loaded."""
        return load(self.file, self.file.parent)

    @property
    def publishes(self) -> bool:
        """Whether it has a broker, so that the rules of events cost something."""
        return "broker" in self.config.events.model_fields_set


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="nox -s bench_audit --", description=__doc__)
    parser.add_argument("--config", action="append", default=[], metavar="NAME=FILE", help="one more service")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="12,24,48,96", help="numbers of operations")
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else []
    if options.rounds < 1 or any(size < OPERATIONS for size in sizes):
        parser.error(f"--rounds is 1 or more, and each of --sizes {OPERATIONS} or more.")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        services = [Contestant("the Flask library", FLASK), _many(DOZEN, Path(folder))]
        for given in options.config:
            name, _, path = given.partition("=")
            services.append(Contestant(name, Path(path)))
        lines = [HEAD.format(schemathesis=version("schemathesis"), target=TARGET)]
        lines += [_beside(service, options.rounds) for service in services]
        if sizes:
            grown = [_many(size, Path(folder)) for size in sizes]
            lines += [GROWTH.format(rounds=options.rounds), _growth(grown, options.rounds)]
    print("".join(lines), end="")  # noqa: T201 - the table is the output
    if options.write:
        options.write.write_text("".join(lines), encoding="utf-8")
    return 0


def _many(operations: int, folder: Path) -> Contestant:
    """A service of about so many operations: `operations` over those of a resource, rounded down."""
    resources = operations // OPERATIONS
    file = folder / f"many{resources}.toml"
    file.write_text(MANY.format(resources=resources, cwd=json.dumps(str(ROOT))), encoding="utf-8")
    return Contestant(f"a generated one of {resources} resources", file)


def _beside(service: Contestant, rounds: int) -> str:
    """A line of the first table."""
    asked: dict[str, Any] = {}

    def gate() -> float:
        seconds, told = _gate(service)
        asked.update(told)
        return seconds

    ways: dict[str, Callable[[], float]] = {"gate": gate, "st run": lambda: _st(service)}
    if service.publishes:
        ways["gate without events"] = lambda: _gate(service, events=False)[0]
    took: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way, run in list(ways.items())[:: 1 if turn % 2 == 0 else -1]:
            seconds = run()
            took[way].append(seconds)
            _say(f"{service.name}, round {turn + 1} of {rounds}: {way} {seconds:.1f} s")
    calm = took.get("gate without events", took["gate"])
    ratios = _ratios(took["gate"], took["st run"])
    cells = (
        service.name,
        str(len(asked["operations"])),
        *(f"{statistics.median(column):.1f}" for column in (took["gate"], calm, took["st run"])),
        f"{statistics.median(ratios):.2f}",
        ", ".join(f"{ratio:.2f}" for ratio in ratios),
        f"{statistics.median(_ratios(calm, took['st run'])):.2f}",
    )
    return f"| {' | '.join(cells)} |\n"


def _ratios(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(some, others, strict=True)]


def _growth(services: Sequence[Contestant], rounds: int) -> str:
    """The lines of the second table, and what they say of the exponent."""
    took: dict[Contestant, list[float]] = {service: [] for service in services}
    worked: dict[Contestant, list[float]] = {service: [] for service in services}
    told: dict[Contestant, dict[str, Any]] = {}
    for turn in range(rounds):
        for service in services[:: 1 if turn % 2 == 0 else -1]:
            before = _processor()
            seconds, told[service] = _gate(service)
            took[service].append(seconds)
            worked[service].append(_processor() - before)
            _say(f"growth, round {turn + 1} of {rounds}: {service.name} {seconds:.1f} s")
    lines, points, asked = "", [], []
    for service in services:
        count, requests = len(told[service]["operations"]), told[service]["summary"]["requests"]
        seconds = statistics.median(took[service])
        worth = statistics.median(worked[service])
        points.append((count, worth))
        asked.append((count, float(requests)))
        cells = (f"{requests / count:.1f}", f"{seconds:.1f}", f"{worth:.1f}", f"{worth / count:.3f}")
        lines += f"| {count} | {requests} | {' | '.join(cells)} |\n"
    if len(points) < 2:
        return lines
    (fixed, each), power, last = line(points), exponent(points), exponent(points[-2:])
    return lines + (
        f"\nLeast squares: {fixed:.1f} s and {each:.3f} s of CPU an operation. As a power of the number of\n"
        f"operations it grows with the exponent {power:.2f} (between the two largest {last:.2f}),\n"
        f"the number of requests with {exponent(asked):.2f}; 1 is linear, 2 quadratic.\n"
    )


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the least-squares line through the logarithms: `k` of `y = c * x ** k`."""
    return line([(math.log(x), math.log(y)) for x, y in points])[1]


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Intercept and slope by least squares; at least two points of different `x`."""
    slope, intercept = statistics.linear_regression(*zip(*points, strict=True))
    return intercept, slope


def _gate(service: Contestant, *, events: bool = True) -> tuple[float, dict[str, Any]]:
    """A full audit in seconds, start and end of the service included, and its result."""
    families = sorted({rule.id[:3] for rule in catalogue if events or rule.contract != "event"})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "result.json")
        command = [_program("service-conformance"), "audit", "--config", str(service.file), "--quiet"]
        command += ["--json", str(report), *(f"--rule={family}" for family in families)]
        seconds = _timed(command, folder)
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return seconds, told


def _st(service: Contestant) -> float:
    """`st run` in seconds, start and end of the service included."""
    config = service.config
    began = time.monotonic()
    with started(config, lambda _: None) as running, tempfile.TemporaryDirectory() as folder:
        location = running.url + (config.target.openapi or "/openapi.json")
        _timed([_program("st"), "run", location, "--seed", "1", "--no-color"], folder)
    return time.monotonic() - began


def _processor() -> float:
    """CPU seconds of all processes that this one has started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _timed(command: list[str], cwd: str) -> float:
    """Seconds; both programs end with 0, or with 1 where they find something."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)  # noqa: S603 - our own
    if done.returncode not in (0, 1):
        said = done.stderr.decode(errors="replace")[-300:]
        raise SystemExit(f"bench: `{' '.join(command)}` ended with {done.returncode}: {said}")
    return time.monotonic() - began


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
