"""The gate lane beside `st run` with its default settings, and how an audit grows with the service.

Usage: python -m bench.audit [--config NAME=FILE ...] [--rounds N] [--sizes 10,20,40,80] [--write FILE]
Each round runs both on a fresh start of the service, one after the other and in turn the other way round, so
that what else the machine does meets them alike; what counts is the ratio within a round.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.audit import Audit, Order, carry_out
from conformance.config import Config, Target, load
from conformance.model.record import Exchange
from conformance.rules import catalogue
from conformance.target.process import started

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
FLASK = ROOT / "tests" / "reference" / "flask_library" / "conformance.toml"
TARGET = 0.5
"""At most so much of `st run`'s time."""


class Silent:
    """A listener that tells nobody."""

    def phase(self, name: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def exchange(self, exchange: Exchange) -> None:
        """Nothing."""


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="nox -s bench_audit --", description=__doc__)
    parser.add_argument(
        "--config", action="append", default=[f"the Flask library={FLASK}"], metavar="NAME=FILE"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="10,20,40,80", help="numbers of operations")
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")] if options.sizes else []
    lines = [HEAD.format(schemathesis=version("schemathesis"), rounds=options.rounds, target=TARGET)]
    for given in options.config:
        name, _, path = given.partition("=")
        if options.rounds:
            lines.append(_beside(name, load(Path(path), Path(path).parent), options.rounds))
    if sizes:
        lines += [GROWTH, *(_size(size) for size in sizes)]
    print("".join(lines), end="")  # noqa: T201 - the table is the output
    if options.write:
        options.write.write_text("".join(lines), encoding="utf-8")
    return 0


HEAD = """# What an audit costs

Written by `nox -s bench_audit`. Wall time on a machine that does other things as well: the ratios within a
round count, the seconds only show the scale. Both start on a fresh service each time. The gate lane runs all
rules; `st run` (Schemathesis {schemathesis}) runs with its default settings, and without credentials but
those that it gets by signing itself up. Medians of {rounds} rounds; at most {target} is wanted.

| service | operations | gate, s | `st run`, s | gate / `st run` | of each round |
|---|---|---|---|---|---|
"""
GROWTH = """
A service of independent resources, five operations each, answered in memory: what is measured is the kit.

| operations | requests | a request an operation | s | s an operation |
|---|---|---|---|---|
"""


def _beside(name: str, config: Config, rounds: int) -> str:
    pairs, operations = [], 0
    for turn in range(rounds):
        measured: dict[str, float] = {}
        ways: list[tuple[str, Callable[[], float]]] = [
            ("gate", lambda: _gate(config)[0]),
            ("st", lambda: _st(config)),
        ]
        for way, run in ways if turn % 2 == 0 else reversed(ways):
            _say(f"{name}, round {turn + 1} of {rounds}: {way}")
            measured[way] = run()
        pairs.append((measured["gate"], measured["st"]))
    done = _gate(config)[1]
    operations = len(done.service.operations) if done.service else 0
    ratios = [gate / st for gate, st in pairs]
    gate, st = (statistics.median(column) for column in zip(*pairs, strict=True))
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"| {name} | {operations} | {gate:.1f} | {st:.1f} | {statistics.median(ratios):.2f} | {each} |\n"


def _gate(config: Config) -> tuple[float, Audit]:
    """A full audit in seconds, start and end of the service included; the judgement too."""
    began = time.monotonic()
    done = carry_out(Order(config, tuple(catalogue)), Silent())
    return time.monotonic() - began, done


def _st(config: Config) -> float:
    """`st run` in seconds, start and end of the service included."""
    began = time.monotonic()
    with started(config, lambda _: None) as running, tempfile.TemporaryDirectory() as folder:
        location = running.url + (config.target.openapi or "/openapi.json")
        command = [str(Path(sys.executable).with_name("st")), "run", location, "--seed", "1", "--no-color"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - our own
        if done.returncode not in (0, 1):
            raise SystemExit(f"bench: `st run` ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    return time.monotonic() - began


def _size(operations: int) -> str:
    """A line of the growth."""
    _say(f"growth: {operations} operations")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    resources = str(max(1, operations // 5))
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", "bench.many", str(port), resources], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        config = Config(target=Target(url=f"http://127.0.0.1:{port}", openapi="/openapi.json"))
        seconds, done = _gate(config)
    finally:
        process.terminate()
        process.wait(10)
    count = len(done.service.operations) if done.service else 0
    requests = len(done.record)
    return f"| {count} | {requests} | {requests / count:.1f} | {seconds:.1f} | {seconds / count:.3f} |\n"


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("bench: the generated service did not start.")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
