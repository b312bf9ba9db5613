"""A service that cannot be started, dies or leaves others behind; and two audits side by side."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.kit.conftest import ROOT, SERVERS, Cli, checked, command_line, environment, outcomes, read_json

POISON = (
    "from pathlib import Path\nPath(__file__).with_suffix('.was-run').touch()\nraise SystemExit('shadowed')\n"
)


def starts(work: Path, program: str, *args: str, more: str = "") -> None:
    """Write a configuration whose command is a Python program."""
    command = shlex.join([sys.executable, *shlex.split(program)]) + "".join(f" {arg}" for arg in args)
    text = f"[target]\ncommand = {json.dumps(command)}\ncwd = {json.dumps(str(ROOT))}\n{more}\n"
    (work / "conformance.toml").write_text(text)


def script(name: str) -> str:
    return shlex.quote(str(SERVERS / f"{name}.py"))


def test_a_service_that_dies_half_way(cli: Cli, work: Path) -> None:
    starts(work, "-m tests.kit.shop", "{port}", "--die-after", "30")
    ended = cli("audit", "--json", "out.json", own=True)
    assert ended.code == 3
    assert ended.sentence.startswith("The target stopped answering after ")
    assert "ended with status 9 while it was audited" in ended.err
    result = read_json(work / "out.json")
    assert result["complete"] is False
    assert result["summary"]["interrupted"] == "died"
    assert "error" in outcomes(result).values()


def test_a_service_that_dies_before_it_is_understood(cli: Cli, work: Path) -> None:
    starts(work, "-m tests.kit.shop", "{port}", "--die-after", "2")
    ended = cli("audit", "--json", "out.json", own=True)
    assert ended.code == 3
    assert "ended with status 9 while it was audited" in ended.sentence
    assert not (work / "out.json").exists()


def test_a_command_that_exits_at_once(cli: Cli, work: Path) -> None:
    starts(work, script("says"), "4", "no-database", "{port}")
    ended = cli("audit", own=True)
    assert ended.code == 3
    assert "ended with status 4 before it answered; the last lines of its output:" in ended.sentence
    assert "no-database" in ended.sentence


def test_a_command_that_never_gets_ready(cli: Cli, work: Path) -> None:
    starts(work, script("deaf"), "{port}", "nothing", more="startup_timeout = 1")
    ended = cli("audit", own=True)
    assert ended.code == 3
    assert "did not get ready within 1 s" in ended.sentence


def test_a_program_that_is_not_there(cli: Cli) -> None:
    ended = cli("audit", "--command", "no-such-program --port {port}")
    assert ended.code == 3
    assert ended.sentence == "the program `no-such-program` of [target] is not on PATH."


def test_a_command_that_leaves_children_behind(cli: Cli, work: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    starts(work, script("brood"), "{port}", str(pids))
    assert cli("audit", own=True).code == 3  # it has no document
    found = [int(file.read_text()) for file in pids.iterdir()]
    assert len(found) == 3
    assert [pid for pid in found if runs(pid)] == []


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_two_audits_at_once(work: Path) -> None:
    starts(work, "-m tests.kit.shop", "{port}")
    running = [
        subprocess.Popen(
            command_line("audit", "--rule", "API", "--json", f"{name}.json"),
            cwd=work,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in running:
        out, err = process.communicate(timeout=300)
        assert checked(process.returncode, out, err).code == 0, out
    one, two = (read_json(work / f"{name}.json") for name in ("one", "two"))
    assert one["target"]["url"] != two["target"]["url"]
    assert outcomes(one) == outcomes(two)
    assert one["summary"]["requests"] == two["summary"]["requests"]


@pytest.fixture
def hostile(work: Path) -> Path:
    """A working directory whose files are named like what the kit or its libraries would read."""
    (work / "conformance").mkdir()
    for name in (
        "conftest",
        "conformance/__init__",
        "conformance/cli",
        "yaml",
        "jsonschema",
        "schemathesis_hooks",
    ):
        (work / f"{name}.py").write_text(POISON)
    (work / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (work / "schemathesis.toml").write_text('no-such-option = 1\nbase-url = "http://127.0.0.1:1"\n')
    return work


def test_an_audit_in_a_hostile_working_directory(cli: Cli, hostile: Path) -> None:
    """What `tests/packaging` shows of an installed kit's start, over a whole audit, which writes nothing."""
    starts(hostile, "-m tests.kit.shop", "{port}")
    before = sorted(hostile.rglob("*"))
    poisoned = {
        "PYTHONPATH": ".",
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_plugin",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ended = cli("audit", env=poisoned)
    assert ended.code == 0, ended
    assert sorted(hostile.rglob("*")) == before
