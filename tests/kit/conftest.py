"""The command line as a user has it, in a clean working directory."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).parents[2]
SERVERS = Path(__file__).parent / "_servers"
PATIENCE = 300
START = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
sys.argv[0] = "service-conformance"
from service_conformance import main
"""
ELSEWHERE = "shop.example"
"""A host that is not this machine, as far as its name tells (RFC 2606 §3); `REDIRECTED` leads it here."""
REDIRECTED = f"""
import socket
lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *a, **k: lookup("127.0.0.1" if host == {ELSEWHERE!r} else host, *a, **k)
"""


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """Why it ended so: what the one line that names the program says, and the lines quoted below it."""
        return self.err.partition("service-conformance: ")[2].strip()


class Cli(Protocol):
    """Run `service-conformance` with arguments to its end.

    In this process, which saves a second of imports; in one of its own where `own` says so, and where
    it gets another environment or has something to run `before`.
    """

    def __call__(
        self,
        *args: str,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        before: str = "",
        own: bool = False,
    ) -> Ended: ...


def command_line(*args: str, before: str = "") -> list[str]:
    """What starts it, from this checkout, whatever the working directory is; `before` is run first."""
    return [sys.executable, "-P", "-c", f"{START}{before}\nmain()", *args]


def environment(**more: str) -> dict[str, str]:
    """This environment without what a test runner leaves in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return {**kept, "COLUMNS": "200", **more}


def checked(code: int, out: str, err: str) -> Ended:
    """Every end but the one that conforms is said in one sentence, and none in a traceback."""
    assert "Traceback" not in out + err, err
    said = [line for line in err.splitlines() if line.startswith("service-conformance: ")]
    assert len(said) == (0 if code == 0 else 1), (code, err)
    assert code in (0, 1, 2, 3, 4, 130), err
    return Ended(code, out, err)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A working directory with nothing in it."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def cli(work: Path, usage: Callable[..., Ended]) -> Cli:
    def run(
        *args: str,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        before: str = "",
        own: bool = False,
    ) -> Ended:
        if not (own or env or before):
            return usage(*args, cwd=cwd)
        ended = subprocess.run(
            command_line(*args, before=before),
            cwd=cwd or work,
            env=environment(**(env or {})),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return checked(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def usage(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """The command line in this process, which is all that is needed where nothing is sent."""
    from conformance import cli as module

    def run(*args: str, cwd: Path | None = None) -> Ended:
        monkeypatch.chdir(cwd or work)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr("sys.argv", ["service-conformance", *args])
        monkeypatch.setattr("signal.signal", lambda *_: None)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            module.main()
        captured = capsys.readouterr()
        return checked(int(end.value.code or 0), captured.out, captured.err)

    return run


def read_json(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    """What became of each rule."""
    return {rule["id"]: rule["outcome"] for rule in result["rules"]}


def findings(result: dict[str, Any]) -> list[str]:
    """What was found, to be shown where a test fails."""
    return [
        f"{r['id']} {r['outcome']} {f['operations']} {f['message']} {f['actual']} {f['curl']}"
        for r in result["rules"]
        for f in r["findings"]
    ]
