"""Every fault by a full audit and by `st run`: `nox -s mutation -- --sample 60 --only flask --jobs 2`.

Each result is a line of the results file, with the state of the source that it is of: a run that was
interrupted goes on where it ended, and what has changed since is measured again.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib.metadata import version
from pathlib import Path

from conformance.rules import catalogue
from tests.mutation.cases import SERVICES, Case, every, prepare, sample, tree
from tests.mutation.measure import Row, Ways, can_be_ended, measure
from tests.mutation.table import document, scores

RESULTS = Path("build/mutation.jsonl")
BASELINES = 3
"""Runs of `st run` on a service without a fault, each with another seed: what they report is no fault's."""


def main() -> int:
    """Measure what is not measured yet, write the page; 130 where the user ended it."""
    can_be_ended()
    parser = argparse.ArgumentParser(prog="nox -s mutation --", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="so many faults, spread over the laws")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of `st run`")
    parser.add_argument(
        "--st",
        type=int,
        metavar="N",
        help="so many of them by `st run` as well, after the kit [default: all]",
    )
    parser.add_argument("--only", action="append", choices=SERVICES, help="this service")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="at once")
    parser.add_argument("--minutes", type=float, metavar="N", help="begin nothing after so long")
    parser.add_argument(
        "--breaking", action="store_true", help="outages and kills for faults of other laws too"
    )
    parser.add_argument("--stale", action="store_true", help="keep results of a source that has changed")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--write", type=Path, metavar="FILE", help="the page in Markdown")
    options = parser.parse_args()
    if options.jobs < 1 or (options.sample is not None and options.sample < 1):
        parser.error("--jobs and --sample are 1 or more.")
    services = options.only or list(SERVICES)
    # Those without a fault first: nothing is worth anything without them.
    wanted = [Case(service) for service in services]
    wanted += sample(every(services), options.sample, options.seed)
    about = {
        "about": {
            "schemathesis": version("schemathesis"),
            "rules": len(catalogue.rules),
            "seed": options.seed,
        }
    }
    trees = {service: tree(service) for service in services}
    lines = [
        line
        for line in read(options.results, about)
        if options.stale or line["tree"] == trees.get(line["service"])
    ]
    finished = _measure(planned(wanted, options), lines, trees, options)
    asked = {(case.service, case.fault) for case in wanted}
    rows = [row for row in merged(lines) if (row["service"], row["fault"]) in asked]
    if options.write and scores(rows):
        page = document(rows, seed=options.seed, baselines=BASELINES)
        options.write.write_text(page, encoding="utf-8")
    return 0 if finished else 130


def read(path: Path, about: Row) -> list[Row]:
    """The lines of an earlier run; begins the file where there is none. SystemExit where it is another's."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, about)
        return []
    first, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    if first != about:
        raise SystemExit(
            f"mutation: {path} holds results of other versions or another seed: remove it first."
        )
    return lines


def merged(lines: Iterable[Row]) -> list[Row]:
    """A row a fault, of what the kit and `st run` said of it last; of those that the kit was asked of."""
    rows: dict[tuple[str, str], Row] = {}
    for line in lines:
        rows.setdefault((line["service"], line["fault"]), {"st": None}).update(line)
    return [row for row in rows.values() if "kit" in row]


def planned(wanted: Sequence[Case], options: argparse.Namespace) -> list[tuple[Case, Ways]]:
    """What is to be measured, in order: all by the kit, those without a fault first, then by `st run`.

    Whoever runs out of time has the kit's score, and that of `st run` on a sample spread over the laws.
    """
    by_kit = [(case, Ways(rules=tuple(case.rules(breaking=options.breaking)))) for case in wanted]
    faulty = [case for case in wanted if case.fault]
    by_st = [(case, Ways(seeds=(options.seed,))) for case in sample(faulty, options.st, options.seed)]
    clean = Ways(seeds=tuple(options.seed + n for n in range(BASELINES)))
    if by_st:
        by_st = [*((case, clean) for case in wanted if not case.fault), *by_st]
    return [*by_kit, *by_st]


def _append(path: Path, row: Row) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _measure(
    plan: Iterable[tuple[Case, Ways]],
    lines: list[Row],
    trees: Mapping[str, str],
    options: argparse.Namespace,
) -> bool:
    """Measure what `lines` lack and add it to them and to the file; False where the user ended it."""
    known = {(line["service"], line["fault"], way) for line in lines for way in ("kit", "st") if way in line}
    left = [(case, ways) for case, ways in plan if (case.service, case.fault, ways.name) not in known]
    began, total, done = time.monotonic(), len(left), 0
    until = began + 60 * options.minutes if options.minutes is not None else float("inf")
    _say(f"{len(known)} measured already, {total} to come")
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        prepared = prepare(Path(folder))
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(options.jobs, spawn, initializer=can_be_ended)
        try:
            running: dict[Future[Row], Case] = {}
            while left or running:
                if time.monotonic() > until:
                    left.clear()
                while left and len(running) < options.jobs:
                    case, ways = left.pop(0)
                    running[pool.submit(measure, case, prepared, ways)] = case
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    case, done = running.pop(future), done + 1
                    about = {"service": case.service, "fault": case.fault, "law": case.law, "rule": case.rule}
                    line = {"tree": trees[case.service], **about, **future.result()}
                    lines.append(line)
                    _append(options.results, line)
                    _say(f"[{done}/{total} {time.monotonic() - began:.0f} s] {_told(line)}")
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.terminate()
            _say("interrupted: what is measured is kept, the same command goes on with the rest")
            return False
        finally:
            pool.shutdown(cancel_futures=True)
    return True


def _told(line: Row) -> str:
    name = f"{line['service']}: {line['fault'] or 'without a fault'} ({line['rule']})"
    if "st" in line:
        return f"{name}: {len(line['st']['failures'])} by st run in {line['st']['seconds']:.0f} s"
    kit = line["kit"]
    failed = ", ".join(kit.get("failed", ())) or kit.get("problem") or "nothing"
    return f"{name}: {failed} in {kit['seconds']:.0f} s"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
