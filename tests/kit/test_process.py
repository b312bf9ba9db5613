"""The target is started, watched and ended; what goes wrong is said, and nothing stays behind."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.config import Config, Events
from conformance.errors import TargetProblem, UsageProblem
from conformance.target.children import MARKER
from conformance.target.placeholders import fill, names
from conformance.target.process import ended, started

SERVERS = Path(__file__).parent / "_servers"
CANARY = "canary-4f1c9e7d20"


def script(name: str, *arguments: str) -> str:
    return shlex.join([sys.executable, str(SERVERS / f"{name}.py")]) + "".join(f" {a}" for a in arguments)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Config]:
    """A configuration with a `[target]` table."""

    def config(**target: Any) -> Config:
        return Config.model_validate({"target": {"startup_timeout": 30, **target}, "folder": tmp_path})

    return config


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Each test's own place for temporary directories, empty again at its end."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def failure(config: Config, kind: type[Exception] = TargetProblem) -> str:
    with pytest.raises(kind) as caught, started(config, lambda _: None):
        pytest.fail("it started")
    return str(caught.value)


def test_a_service_is_started_used_and_ended(
    make: Callable[..., Config], said: list[str], tmp_path: Path
) -> None:
    config = make(command=script("answers", "{port}"))
    with started(config, said.append) as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert httpx2.get(running.url, trust_env=False).status_code == 200
        assert running.cwd == tmp_path.resolve()
        assert running.log.is_file()
        assert running.bootstrap_servers is None
        assert ended(running) is None
        # Ctrl-C in a terminal goes to the kit alone.
        assert os.getsid(running.process.pid) != os.getsid(0)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(running.url, trust_env=False)
    assert any("answers.py {port}" in line for line in said)


def test_two_services_at_once(make: Callable[..., Config]) -> None:
    config = make(command=script("answers", "{port}"))
    with started(config, print) as one, started(config, print) as two:
        assert one.url != two.url
        assert ended(one) is ended(two) is None


def test_setup_runs_before_in_the_same_place_with_the_same_environment(
    make: Callable[..., Config], tmp_path: Path
) -> None:
    (tmp_path / "service").mkdir()
    write = (
        "import os; open(os.environ['FILE'], 'a').write(os.getcwd() + ' ' + os.environ['WHO'] + os.linesep)"
    )
    config = make(
        command=shlex.join(
            ["sh", "-c", f'{sys.executable} -c "{write}" && exec {script("answers", "{port}")}']
        ),
        setup=[shlex.join([sys.executable, "-c", write])] * 2,
        cwd="service",
        env={"FILE": "{tmp}/seen", "WHO": "me {tmp}"},
    )
    with started(config, print) as running:
        tmp = running.log.parent / "tmp"
        assert (tmp / "seen").read_text().splitlines() == [f"{tmp_path / 'service'} me {tmp}"] * 3


def test_ready_waits_for_an_answer_below_400(make: Callable[..., Config]) -> None:
    command = script("answers", "{port}", "--ready-after 3")
    with started(make(command=command, ready="/health"), print) as running:
        assert httpx2.get(running.url, trust_env=False).status_code == 200


def test_without_ready_any_answer_will_do(make: Callable[..., Config]) -> None:
    with started(make(command=script("answers", "{port}", "--status 500")), print) as running:
        assert httpx2.get(running.url, trust_env=False).status_code == 500


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"command": script("deaf", "{port}", "nothing")}, "nothing listens at http://127.0.0.1:"),
        ({"command": script("deaf", "{port}", "silence")}, "takes connections and does not answer"),
        ({"command": script("deaf", "{port}", "noise")}, "does not answer with HTTP"),
        ({"command": script("answers", "{port}"), "ready": "/missing"}, "/missing answers 404"),
    ],
)
def test_a_service_that_never_gets_ready(
    make: Callable[..., Config], target: dict[str, Any], expected: str
) -> None:
    message = failure(make(startup_timeout=1.5, **target))
    assert "did not get ready within 1.5 s" in message
    assert expected in message
    if "deaf" in target["command"]:
        assert "deaf in the way of" in message


def test_a_command_that_ends_at_once(make: Callable[..., Config]) -> None:
    lines = [f"line-{n}" for n in range(40)]
    message = failure(make(command=script("says", "3", *lines, "{port}")))
    assert "ended with status 3 before it answered; the last lines of its output:" in message
    shown = message.splitlines()[1:]
    assert [line.strip() for line in shown[:-1]] == lines[-14:]


def test_a_command_that_ends_well_but_does_not_serve(make: Callable[..., Config]) -> None:
    message = failure(make(command=script("says", "0"), env={"PORT": "{port}"}))
    assert message.endswith("ended with status 0 before it answered; it printed nothing.")


def test_a_command_that_is_killed(make: Callable[..., Config]) -> None:
    message = failure(make(command=script("says", "SIGKILL", "last-words", "{port}")))
    assert "was ended by SIGKILL before it answered" in message
    assert "last-words" in message


def test_a_setup_that_fails_ends_it(make: Callable[..., Config]) -> None:
    message = failure(
        make(
            command=script("answers", "{port}"), setup=[script("says", "0"), script("says", "4", "no-table")]
        )
    )
    assert "says.py 4 no-table` of `setup` ended with status 4" in message
    assert "no-table" in message.splitlines()[1]


def test_a_setup_that_does_not_end(make: Callable[..., Config]) -> None:
    message = failure(
        make(
            command=script("answers", "{port}"),
            setup=[script("deaf", "{port}", "nothing")],
            startup_timeout=1,
        )
    )
    assert "did not end within 1 s" in message


@pytest.mark.parametrize(
    ("target", "kind", "expected"),
    [
        ({"command": "no-such-program-at-all {port}"}, TargetProblem, "is not on PATH"),
        ({"command": "./missing.sh {port}"}, TargetProblem, "`./missing.sh` of [target] is not in "),
        ({"command": "./plain.txt {port}"}, TargetProblem, "cannot be started: Exec format error."),
        ({"command": "serve '{port}"}, UsageProblem, "is no command line: No closing quotation"),
        ({"command": "", "env": {"A": "{port}"}}, UsageProblem, "empty command"),
        ({"command": "serve --port 8000"}, UsageProblem, "{port}"),
        ({"command": "serve {port}", "cwd": "nowhere"}, UsageProblem, "`cwd` in [target] names no directory"),
        (
            {"command": "serve {port} {prot}"},
            UsageProblem,
            "unknown placeholder {prot}; known are {port} {tmp}",
        ),
        ({"command": "true {port}", "env": {"A": "a\0b"}}, UsageProblem, "null byte"),
        ({"command": "true {port}", "env": {"A=B": "a"}}, UsageProblem, "illegal environment variable name"),
        ({}, UsageProblem, "neither a `url` nor a `command`"),
    ],
)
def test_what_cannot_be_started_is_one_sentence(
    make: Callable[..., Config], tmp_path: Path, target: dict[str, Any], kind: type[Exception], expected: str
) -> None:
    (tmp_path / "plain.txt").write_bytes(b"\x00\x01")
    (tmp_path / "plain.txt").chmod(0o755)
    message = failure(make(**target), kind)
    assert expected in message
    assert "\n" not in message


def test_a_program_beside_the_kit_is_used_where_path_has_none(
    make: Callable[..., Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with uvx, whose environment is not on PATH; a program that is on PATH comes first."""
    for place in ("beside", "on-path"):
        (tmp_path / place).mkdir()
        program = tmp_path / place / "my-server"
        program.write_text(f"#!/bin/sh\necho from {place}\nexit 5\n")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "beside" / "python"))
    assert "from beside" in failure(make(command="my-server {port}"))
    monkeypatch.setenv("PATH", str(tmp_path / "on-path"), prepend=os.pathsep)
    assert "from on-path" in failure(make(command="my-server {port}"))
    monkeypatch.setenv("PATH", "/usr/bin")
    config = make(command="my-server {port}", env={"PATH": str(tmp_path / "on-path")})
    assert "from on-path" in failure(config)


def test_the_environment_is_the_users(make: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "PYTEST_ADDOPTS": "-x",
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": "/mine",
        "HIS": "kept",
        "BOTH": "old",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    shown = [*given, "PYTEST_CURRENT_TEST", "MINE"]
    command = script("answers", "{port}", "--print-env", *shown)
    with started(make(command=command, env={"MINE": "{port}", "BOTH": "new"}), print) as running:
        port = running.url.rpartition(":")[2]
        assert dict(line.split(" ", 1) for line in running.log.read_text().splitlines()) == {
            "PYTEST_ADDOPTS": "None",
            "PYTEST_CURRENT_TEST": "None",
            "PYTHONSAFEPATH": "None",
            "PYTHONPATH": "/mine",
            "HIS": "kept",
            "BOTH": "new",
            "MINE": port,
        }


def test_a_service_that_dies_half_way(make: Callable[..., Config]) -> None:
    with started(make(command=script("answers", "{port}")), print) as running:
        with pytest.raises(httpx2.HTTPError):
            httpx2.get(f"{running.url}/die", trust_env=False)
        running.process.wait(30)
        message = ended(running)
    assert message is not None
    assert "ended with status 7 while it was audited" in message
    assert "dying of /die" in message


def test_no_value_of_the_environment_is_shown(make: Callable[..., Config], said: list[str]) -> None:
    long = "s3cr3t" * 20
    env = {
        "KEY": CANARY,
        "LINES": f"{CANARY}-a\n{CANARY}-b",
        "QUOTED": f"{CANARY}\"'x",
        "LONG": long,
        "PLAIN": "weatherproof",
        "PLAIN_LINES": "raspberry\nblueberry",
        "P": "{port}",
    }
    printed = [
        CANARY,
        f"{CANARY}-b",
        "a weatherproof blueberry",
        json.dumps(env["QUOTED"]),
        repr(env["QUOTED"]),
        f"{long[:20]}...{long[-20:]}",
    ]
    coloured = f"\x1b[31m{CANARY[:8]}\x1b[0m{CANARY[8:]}"
    command = script("says", "1", *(shlex.quote(line) for line in [*printed, coloured, "the-end"]))
    with pytest.raises(TargetProblem) as caught, started(make(command=command, env=env), said.append):
        pytest.fail("it started")
    everything = str(caught.value) + "".join(said)
    assert "the-end" in everything
    assert "[redacted]" in everything
    assert CANARY not in everything
    assert not [word for word in ("s3cr3t", "weatherproof", "blueberry") if word in everything]
    assert "\x1b" not in everything


def test_other_secrets_are_not_shown_either(tmp_path: Path) -> None:
    config = Config.model_validate(
        {
            "target": {"command": script("says", "1", "{port}", f"{CANARY}-t", f"{CANARY}-p")},
            "tokens": {"key": f"{CANARY}-t"},
            "principals": {"alice": {"headers": {"Authorization": f"Bearer {CANARY}-p"}}},
            "folder": tmp_path,
        }
    )
    message = failure(config)
    assert "[redacted]" in message
    assert CANARY not in message


def test_no_child_is_left_however_it_hides(make: Callable[..., Config], tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    config = make(command=script("brood", "{port}", str(tmp_path / "pids")))
    with started(config, print) as running:
        pids = {file.name: int(file.read_text()) for file in (tmp_path / "pids").iterdir()}
        assert {name: is_running(pid) for name, pid in pids.items()} == dict.fromkeys(
            ("child", "session", "orphan"), True
        )
        assert psutil.Process(pids["orphan"]).ppid() != running.process.pid
    assert not any(is_running(pid) for pid in pids.values())


def test_a_daemon_that_setup_starts_lives_as_long_as_the_service(
    make: Callable[..., Config], tmp_path: Path
) -> None:
    daemon = f"{sys.executable} -c 'import time; time.sleep(600)' & echo $! > {tmp_path}/pid"
    config = make(command=script("answers", "{port}"), setup=[shlex.join(["sh", "-c", daemon])])
    with started(config, print):
        pid = int((tmp_path / "pid").read_text())
        assert is_running(pid)
    assert not is_running(pid)


def test_an_exception_in_the_body_ends_all_and_passes_through(make: Callable[..., Config]) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        started(make(command=script("answers", "{port}")), print) as running,
    ):
        raise ZeroDivisionError
    assert not is_running(running.process.pid)


@pytest.mark.parametrize("moment", ["setup", "start", "audit"])
def test_ctrl_c_leaves_nothing(moment: str, tmp_path: Path, temporary: Path) -> None:
    """A real SIGINT at a real process, whose descendants are known by the marker that they carry."""
    targets = {
        "setup": {"command": "sleep 600 {port}", "setup": [script("deaf", "{port}", "nothing")]},
        "start": {"command": script("deaf", "{port}", "silence")},
        "audit": {"command": script("brood", "{port}", str(tmp_path))},
    }
    config = json.dumps({"target": targets[moment]})
    arguments = [sys.executable, str(SERVERS / "starts.py"), config]
    env = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True) as kit:
        assert kit.stdout is not None
        awaited = "audits" if moment == "audit" else "starting"
        while awaited not in kit.stdout.readline():
            assert kit.poll() is None
        run = None
        while run is None:  # until the child is one of its own
            run = next(filter(None, map(mark, psutil.Process(kit.pid).children())), None)
        kit.send_signal(signal.SIGINT)
        assert "interrupted" in kit.stdout.read()
    assert [process for process in psutil.process_iter() if mark(process) == run] == []


def test_a_kit_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    """SIGKILL, which nobody can catch; not even a child that has left its session stays."""
    config = json.dumps({"target": {"command": script("brood", "{port}", str(tmp_path))}})
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, str(SERVERS / "starts.py"), config]
    with subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True) as kit:
        assert kit.stdout is not None
        while "audits" not in kit.stdout.readline():
            assert kit.poll() is None
        family = psutil.Process(kit.pid).children(recursive=True)
        run = next(filter(None, map(mark, family)))
        left = [process for process in psutil.process_iter() if mark(process) == run]
        assert left
        kit.kill()
    _, alive = psutil.wait_procs({*family, *left}, timeout=120)
    assert alive == []


def test_a_service_is_killed_and_started_again(make: Callable[..., Config]) -> None:
    config = make(
        command=script("answers", "{port}", "--print-env BROKER WHERE"),
        env={"BROKER": "{bootstrap_servers}", "WHERE": "{tmp} {port}"},
    )
    with started(config, print) as running:
        first, said = running.process, running.log.read_text()
        running.kill()
        assert first.returncode == -signal.SIGKILL
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(running.url, trust_env=False)
        running.restart()
        assert running.process.pid != first.pid
        assert httpx2.get(running.url, trust_env=False).status_code == 200
        assert running.log.read_text() == said * 2
    assert not is_running(running.process.pid)


def test_a_service_is_killed_with_all_its_processes(make: Callable[..., Config], tmp_path: Path) -> None:
    with started(make(command=script("brood", "{port}", str(tmp_path))), print) as running:
        children = psutil.Process(running.process.pid).children(recursive=True)
        assert children
        running.kill()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert alive == []


def test_a_service_that_does_not_start_again(make: Callable[..., Config], tmp_path: Path) -> None:
    once = shlex.join(["sh", "-c", f"mkdir {tmp_path}/taken && exec {script('answers', '{port}')}"])
    with started(make(command=once), print) as running:
        running.kill()
        with pytest.raises(TargetProblem, match="before it answered"):
            running.restart()
        # It was not the service that ended itself.
        assert ended(running) is None


def test_a_second_process_of_the_service(make: Callable[..., Config]) -> None:
    config = make(
        command=script("answers", "{port}", "--print-env BROKER WHERE"),
        env={"BROKER": "{bootstrap_servers}", "WHERE": "{tmp}"},
    )
    with started(config, print) as running:
        with running.second() as url:
            assert url != running.url
            for address in (url, running.url):
                assert httpx2.get(address, trust_env=False).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(url, trust_env=False)
        assert httpx2.get(running.url, trust_env=False).status_code == 200
        lines = running.log.read_text().splitlines()
        # The same place, and a broker of its own address: the embedded one manages no second member.
        assert lines[1] == lines[3]
        assert lines[0] != lines[2]


def test_the_service_gets_the_address_of_the_proxy(make: Callable[..., Config]) -> None:
    config = make(
        command=script("answers", "{port}", "--print-env BROKER"), env={"BROKER": "{bootstrap_servers}"}
    )
    with started(config, print) as running:
        assert running.proxy is not None
        assert running.log.read_text().split() == ["BROKER", running.proxy.address]
        assert running.bootstrap_servers == running.proxy.broker


def test_a_broker_of_the_users_own_has_no_proxy(make: Callable[..., Config]) -> None:
    config = make(
        command=script("answers", "{port}", "--print-env BROKER"), env={"BROKER": "{bootstrap_servers}"}
    ).model_copy(update={"events": Events(broker="127.0.0.1:9")})
    with started(config, print) as running:
        assert running.proxy is None
        assert running.log.read_text().split() == ["BROKER", "127.0.0.1:9"]


def mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARKER) if process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, OSError):
        return None


def test_placeholders_are_filled_once_and_only_where_known() -> None:
    values = {"port": "1", "tmp": "/t/{port}", "postgresql_url": "postgresql://u:p@h:5/d"}
    assert fill("{port}:{tmp}", values) == "1:/t/{port}"
    assert fill('{"port": {"a": "{port}"}, "b": {}}', values) == '{"port": {"a": "1"}, "b": {}}'
    assert (
        fill("/users/{{port}}/{Name}/${HOME}/{0}/{ port }", values)
        == "/users/{port}/{Name}/${HOME}/{0}/{ port }"
    )
    assert fill("sqlite+aiosqlite:///{tmp}/a", values) == "sqlite+aiosqlite:////t/{port}/a"
    assert fill("http://h:{port}", values) == "http://h:1"
    assert fill("{postgresql_url}", values) == "postgresql://u:p@h:5/d"
    assert fill("postgresql+asyncpg://{postgresql_url}?x=1", values) == "postgresql+asyncpg://u:p@h:5/d?x=1"


@settings(deadline=None)
@given(st.lists(st.sampled_from(["{", "}", "a", "A", '"', ":", " ", "$", "7", "://", "_"])).map("".join))
def test_what_is_no_placeholder_stays_as_it_is(text: str) -> None:
    words = re.findall(r"\{([a-z][a-z0-9_]*)\}", text.replace("{{a}}", ""))
    if words:
        with pytest.raises(UsageProblem, match=re.escape("known are {port} {tmp} {postgresql_url}")):
            names([text])
    else:
        assert not names([text])
        assert "{{" in text or fill(text, {}) == text
