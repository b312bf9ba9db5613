"""`python -m tests.chaos --rounds 300 --seed 1`: run, print the table, and fail where the outbox does."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from tests.chaos.judge import judge
from tests.chaos.run import observe
from tests.chaos.table import section
from tests.chaos.variants import OUTBOX, VARIANTS


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main() -> int:
    """0 where the outbox is faultless, and each other variant is found at fault; else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="kills (default: 300)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: another each time")
    parser.add_argument("--variant", choices=VARIANTS, action="append", help="default: the outbox")
    parser.add_argument("--folder", type=Path, help="where the bake and the logs of its processes are kept")
    parser.add_argument("--write", type=Path, help="a Markdown file whose section of the variant is replaced")
    arguments = parser.parse_args()
    # As for Ctrl-C, which a shell has ignored in what runs in the background: containers are removed.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    good = True
    for variant in arguments.variant or [OUTBOX]:
        _say(f"variant {variant}, {arguments.rounds} rounds, seed {arguments.seed}")
        folder = arguments.folder / variant if arguments.folder else None
        seen = asyncio.run(observe(variant, arguments.rounds, arguments.seed, _say, folder))
        report = judge(seen)
        text = section(variant, arguments.seed, seen, report)
        sys.stdout.write(text)
        sys.stdout.flush()
        if arguments.write:
            _replace(arguments.write, variant, text)
        good = good and report.faultless == (variant == OUTBOX)
    return 0 if good else 1


def _replace(path: Path, variant: str, text: str) -> None:
    begin, end = f"<!-- {variant} -->\n", f"<!-- end of {variant} -->"
    head, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _old, ended, tail = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"{path} has no place for {variant}: {begin.strip()} … {end}")
    path.write_text(head + begin + text + end + tail, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
