"""Child processes that all end with the audit, also those that left their parent, group or session."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from conformance.target import watchdog

MARKER = "SERVICE_CONFORMANCE_RUN"
"""An environment variable that all descendants inherit: a process that made itself an orphan is
nobody's child any more, but still carries it."""
PYTHON = sys.executable
GRACE = 5.0
POLL = 0.05


class Children:
    """The processes started here and all that they start.

    Each gets its own session, so that Ctrl-C reaches the kit alone, which then ends them in order.
    """

    def __init__(self, cwd: Path) -> None:
        self._run = uuid.uuid4().hex
        self._cwd = cwd
        self._started: list[subprocess.Popen[bytes]] = []
        self._seen: set[psutil.Process] = set()
        self._watchdog: subprocess.Popen[bytes] | None = None

    def start(
        self, arguments: Sequence[str], env: Mapping[str, str], output: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start one, its output into a file: a pipe that nobody reads would stop it.

        Raises `OSError` where it cannot be started, `ValueError` where the environment has a name or
        value that no process can be given.
        """
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            arguments,
            cwd=self._cwd,
            env={**env, MARKER: self._run},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started.append(process)
        if self._watchdog is None:
            self._watchdog = self._watched()
        self.look()
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one that was started here and all that it has started, as a crash of the machine would."""
        if process.poll() is None:  # else the number may be a stranger's by now
            with suppress(OSError):
                # At once: it would go on while its children are looked for.
                os.killpg(process.pid, signal.SIGSTOP)
        with suppress(psutil.Error):
            family = [psutil.Process(process.pid)]
            family += family[0].children(recursive=True)
            self._seen.update(family)
            for member in family:
                with suppress(psutil.Error):
                    member.kill()
        process.wait(GRACE)

    def look(self) -> None:
        """Remember who is there now, for those who will have no parent and no marker when it counts."""
        for started in self._started:
            if started.poll() is None:  # else the number may be a stranger's by now
                with suppress(psutil.Error):
                    process = psutil.Process(started.pid)
                    self._seen |= {process, *process.children(recursive=True)}

    def alive(self) -> list[psutil.Process]:
        """Those that still run."""
        self.look()
        for process in list(self._seen):
            with suppress(psutil.Error):
                self._seen.update(process.children(recursive=True))
        self._seen.update(process for process in psutil.process_iter() if self._is_marked(process))
        return [process for process in self._seen if _runs(process)]

    def end(self) -> None:
        """Ask all to end, and kill those that have not after `GRACE` seconds or at a second Ctrl-C."""
        try:
            self._until_gone(psutil.Process.terminate)
        finally:
            self._until_gone(psutil.Process.kill)
            for started in self._started:
                with suppress(subprocess.TimeoutExpired):
                    started.wait(GRACE)
            if self._watchdog is not None:
                self._watchdog.kill()
                self._watchdog.communicate()

    def _watched(self) -> subprocess.Popen[bytes]:
        """Who ends all of them where this process is killed."""
        return subprocess.Popen(  # noqa: S603 - this package's own program
            # -P: its folder has modules with names of the standard library's.
            [PYTHON, "-P", watchdog.__file__, MARKER, self._run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _until_gone(self, signal: Callable[[psutil.Process], None]) -> None:
        told: set[psutil.Process] = set()
        until = time.monotonic() + GRACE
        while (left := self.alive()) and time.monotonic() < until:
            for process in set(left) - told:
                with suppress(psutil.Error):
                    signal(process)
            told.update(left)
            time.sleep(POLL)

    def _is_marked(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return process.pid != os.getpid() and process.environ().get(MARKER) == self._run
        return False


def _runs(process: psutil.Process) -> bool:
    # A dead process whose parent has not asked for its status is still listed.
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
