"""`nox -s conformance` from outside: what it audits, how it ends, and that nothing of it is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nox keeps its environments: not in the checkout, where a session may be running these tests."""
    return tmp_path_factory.mktemp("nox")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder in which the session makes its temporary ones."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


class Session:
    """A running `nox -s conformance`, in a process group of its own as a terminal would have it."""

    def __init__(self, environments: Path, temporary: Path, *options: str) -> None:
        self.output = temporary.parent / "output.txt"
        command = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py")]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, "--envdir", str(environments), "-s", "conformance", "--", *options],
                cwd=temporary.parent,
                env={name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
                | {"TMPDIR": str(temporary)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, text: str) -> None:
        while text not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.1)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends it to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        return self.process.wait(), self.output.read_text()


def _running_in(folder: Path) -> Iterator[str]:
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = [process.info["cwd"] or "", *(process.info["cmdline"] or [])]
        if any(str(folder) in word for word in words):
            yield " ".join(words)


def test_a_target_is_audited_as_given_and_nothing_is_baked(environments: Path, temporary: Path) -> None:
    """Nothing listens on port 9; the audit's exit status is nox's."""
    status, output = Session(environments, temporary, "--url", "http://127.0.0.1:9").end()
    assert status == 3, output
    assert "Baking" not in output
    assert "service-conformance audit --url http://127.0.0.1:9\n" in output


def test_a_usage_error_keeps_its_status(environments: Path, temporary: Path) -> None:
    status, output = Session(environments, temporary, "--url=http://127.0.0.1:9", "--no-such-option").end()
    assert status == 2, output


def test_interrupted_audit_leaves_nothing(environments: Path, temporary: Path) -> None:
    session = Session(environments, temporary)
    session.wait_for("--strict\n")
    time.sleep(2)  # Into the audit, wherever that is on this machine: it must not matter.
    session.interrupt()
    status, output = session.end()
    assert status == 130, output
    assert not list(temporary.iterdir())
    assert not list(_running_in(temporary))


def test_options_are_added_to_the_default_run(environments: Path, temporary: Path) -> None:
    """And files that they name are written where nox was called."""
    status, output = Session(environments, temporary, "--rule", "ERR001", "--json", "out.json").end()
    assert status == 0, output
    assert (temporary.parent / "out.json").stat().st_size > 0
    assert not list(temporary.iterdir())
    assert not list(_running_in(temporary))
