"""Every fault by a full audit and by `st run`: `nox -s mutation -- --sample 60 --only flask --jobs 2`.

Each finished fault is a line of the results file, so that a run that was interrupted goes on where it ended.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib.metadata import version
from pathlib import Path

from conformance.rules import catalogue
from tests.mutation.cases import SERVICES, Case, every, prepare, sample
from tests.mutation.measure import Row, can_be_ended, measure
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
        "--st", type=int, metavar="N", help="so many of them by `st run` as well [default: all]"
    )
    parser.add_argument("--only", action="append", choices=SERVICES, help="this service")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="at once")
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
    rows = read(options.results, about)
    finished = _measure(wanted, rows, options)
    asked = {(case.service, case.fault) for case in wanted}
    chosen = [row for row in rows if (row["service"], row["fault"]) in asked]
    if options.write and scores(chosen):
        page = document(chosen, seed=options.seed, baselines=BASELINES)
        options.write.write_text(page, encoding="utf-8")
    return 0 if finished else 130


def read(path: Path, about: Row) -> list[Row]:
    """The rows of an earlier run; the file is begun where there is none. SystemExit where it is another's."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, about)
        return []
    first, *rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    if first != about:
        raise SystemExit(
            f"mutation: {path} holds results of other versions or another seed: remove it first."
        )
    return rows


def _append(path: Path, row: Row) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _measure(wanted: list[Case], rows: list[Row], options: argparse.Namespace) -> bool:
    """Measure what `rows` lack and add it to them and to the file; False where the user ended it."""
    known = {(row["service"], row["fault"]) for row in rows}
    left = [case for case in wanted if (case.service, case.fault) not in known]
    by_st = {case for case in wanted if not case.fault}
    by_st |= set([case for case in wanted if case.fault][: options.st])
    began, total = time.monotonic(), len(left)
    _say(f"{len(wanted) - total} measured already, {total} to come")
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        prepared = prepare(Path(folder))
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(options.jobs, spawn, initializer=can_be_ended)
        try:
            running: set[Future[Row]] = set()
            while left or running:
                while left and len(running) < options.jobs:
                    case = left.pop(0)
                    seeds = _seeds(case, options.seed) if case in by_st else ()
                    running.add(pool.submit(measure, case, prepared, seeds))
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    row = future.result()
                    rows.append(row)
                    _append(options.results, row)
                    spent = time.monotonic() - began
                    _say(_line(row, total - len(left) - len(running), total, spent))
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.terminate()
            _say("interrupted: what is measured is kept, the same command goes on with the rest")
            return False
        finally:
            pool.shutdown(cancel_futures=True)
    return True


def _seeds(case: Case, seed: int) -> tuple[int, ...]:
    return (seed,) if case.fault else tuple(seed + n for n in range(BASELINES))


def _line(row: Row, done: int, total: int, spent: float) -> str:
    kit, st = row["kit"], row["st"]
    failed = ", ".join(kit.get("failed", ())) or kit.get("problem") or "nothing"
    name = row["fault"] or "without a fault"
    text = f"[{done}/{total} {spent:.0f} s] {row['service']}: {name} ({row['rule']}):"
    text += f" {failed} in {kit['seconds']:.0f} s"
    return text + (f"; st run: {len(st['failures'])} in {st['seconds']:.0f} s" if st else "")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
