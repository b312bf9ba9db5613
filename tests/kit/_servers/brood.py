"""Serves on a port and has stubborn children: `brood.py PORT FOLDER`, which gets a file named after each pid.

All ignore SIGTERM. `child` stays in the group; `session` has a session of its own; `orphan` has one
too, and its parent is gone at once.
"""

import os
import signal
import sys
import time
from pathlib import Path


def stay(folder: Path, name: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    (folder / name).write_text(str(os.getpid()))
    while True:
        time.sleep(60)


def main() -> None:
    folder = Path(sys.argv[2])
    for name in ("child", "session", "orphan"):
        if os.fork() == 0:
            if name != "child":
                os.setsid()
            if name != "orphan" or os.fork() == 0:
                stay(folder, name)
            os._exit(0)
    while len(list(folder.iterdir())) < 3:
        time.sleep(0.01)
    server = Path(__file__).with_name("answers.py")
    os.execv(sys.executable, [sys.executable, str(server), sys.argv[1]])  # noqa: S606 - a test's own server


if __name__ == "__main__":
    main()
