"""Ends what an audit has started where the audit itself is killed: nobody can catch SIGKILL.

Run as a process of its own, by its path: `watchdog.py NAME VALUE`, with a pipe for its standard input
whose other end only the audit has. When that end closes, whatever has NAME=VALUE in its environment is
told to end, and killed where it does not. (Linux's PR_SET_PDEATHSIG reaches neither grandchildren nor a
child whose parent's thread ended before the parent.)
"""

import os
import sys

GRACE = 5.0
ROUNDS = 5


def main() -> None:
    """Wait until the audit is over, and end what it left."""
    name, value = sys.argv[1:3]
    sys.stdin.buffer.read()
    # Imported only now: nearly all audits end by themselves what they started.
    from contextlib import suppress

    import psutil

    def marked() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(name) == value:
                    found.append(process)
        return found

    for round_ in range(ROUNDS):
        left = marked()
        for process in left:
            with suppress(psutil.Error):
                process.kill() if round_ else process.terminate()
        psutil.wait_procs(left, timeout=GRACE)


if __name__ == "__main__":
    main()
