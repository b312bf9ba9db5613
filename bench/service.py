"""What the template's service costs beside the same work without it, on PostgreSQL with one worker.

Usage: python -m bench.service --python PYTHON --bake none=DIR --bake kafka=DIR [--rounds N] [--write FILE]
PYTHON runs all contenders and has the requirements of the bakes; FILE has marks for the table. All stand
ready on one database; a round asks each of them in turn, so that what else the machine does meets them alike.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from rich.console import Console
from rich.table import Table

from bench.contenders import ROOT, SECRET, Contender, Serving, check_same, serving
from bench.database import POSTS, fill, forget, migrate
from bench.load import REQUESTS, Measured, find_wrk, load
from conformance.target.dependencies import provided

BASELINES = (
    Contender("asyncpg alone", "bench.baselines.raw:app", ROOT),
    Contender("Core, tuned", "bench.baselines.core:app", ROOT),
    Contender("ORM, plain", "bench.baselines.orm:app", ROOT),
)
TUNED = BASELINES[1].name
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"
Figures = dict[tuple[str, bool, str], list[Measured]]


def main() -> None:
    """Start everything, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.service")
    parser.add_argument("--bake", action="append", required=True, metavar="EVENTS=DIR")
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    find_wrk()
    bakes = dict(given.split("=", 1) for given in options.bake)
    ours = [
        Contender(f"ours, events={kind}", "app.main:app", Path(bakes[kind])) for kind in ("none", "kafka")
    ]
    # The one with the outbox has all tables.
    with provided({"postgresql_url"}, "embedded", Console(stderr=True).print) as given:
        url = given["postgresql_url"].replace("postgresql:", "postgresql+asyncpg:")
        migrate(options.python, Path(bakes["kafka"]), url)
        asyncio.run(fill(url))
        with contextlib.ExitStack() as stack:
            servers = [
                stack.enter_context(serving(contender, url, options.clients, options.python))
                for contender in (*BASELINES, *ours)
            ]
            check_same(servers, token())
            figures = measure(servers, url, options)
    show(figures, options)


def token() -> str:
    """An access token of the first user, valid for the run."""
    now = datetime.now(UTC)
    claims = {"sub": "1", "iss": "app", "aud": "app", "iat": now, "exp": now + timedelta(hours=12)}
    return jwt.encode(claims, SECRET, "HS256")


def measure(servers: list[Serving], url: str, options: argparse.Namespace) -> Figures:
    """Each operation of each contender, round by round, each round beginning with another contender."""
    figures: Figures = {}
    console = Console(stderr=True)
    for round_ in range(options.rounds + 1):
        console.print(f"round {round_} of {options.rounds}" + (" (warms up, is not counted)" * (not round_)))
        shift = round_ % len(servers)
        for kind in REQUESTS:
            # Nobody may post without saying who they are.
            for signed in (True,) if kind == "POST" else (False, True):
                if not round_:
                    figures |= {(kind, signed, server.contender.name): [] for server in servers}
                for server in servers[shift:] + servers[:shift]:
                    seconds = options.seconds if round_ else 1
                    measured = load(
                        kind,
                        server.port,
                        server.process.pid,
                        token=token() if signed else None,
                        rows=POSTS,
                        clients=options.clients,
                        seconds=seconds,
                        seed=round_ * 1000 + server.port,
                    )
                    if round_:
                        figures[kind, signed, server.contender.name].append(measured)
                    if kind == "POST":
                        asyncio.run(forget(url))
    return figures


def show(figures: Figures, options: argparse.Namespace) -> None:
    """The table: medians over the rounds; the ratio to the tuned one is the median of the rounds' ratios."""
    table = Table(
        title=f"One worker, {options.clients} clients, {options.rounds} rounds of {options.seconds} s"
    )
    for heading in (
        "operation",
        "token",
        "contender",
        "requests/s",
        "of the tuned one",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        "CPU of the tuned one's",
    ):
        table.add_column(
            heading, justify="left" if heading in ("operation", "token", "contender") else "right"
        )
    lines = [
        "| " + " | ".join(str(c.header) for c in table.columns) + " |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for (kind, signed, name), runs in figures.items():
        tuned = figures[kind, signed, TUNED]
        ratio = statistics.median(mine.rate / its.rate for mine, its in zip(runs, tuned, strict=True))
        cells = (
            kind,
            "yes" if signed else "no",
            name,
            f"{statistics.median(run.rate for run in runs):,.0f}",
            f"{ratio:.2f}",
            f"{statistics.median(run.p50 for run in runs):.1f}",
            f"{statistics.median(run.p99 for run in runs):.1f}",
            f"{statistics.median(run.cpu for run in runs):,.0f}",
            f"{statistics.median(mine.cpu / its.cpu for mine, its in zip(runs, tuned, strict=True)):.2f}",
        )
        table.add_row(*cells, end_section=name.endswith("kafka"))
        lines.append("| " + " | ".join(cells) + " |")
    Console().print(table)
    if options.write:
        conditions = f"{table.title}; {os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f}."
        write(options.write, "\n".join((conditions, "", *lines, "")))


def write(file: Path, text: str) -> None:
    """Put the text between the file's marks. Raises SystemExit where it has none."""
    head, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"bench: {file} lacks the marks {BEGIN.strip()} and {END}.")
    file.write_text(head + begin + text + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
