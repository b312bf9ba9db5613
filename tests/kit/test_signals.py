"""Ctrl-C and SIGTERM end an audit at once; what was started is ended, what is known is written."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.kit.conftest import Ended, checked, command_line, environment, outcomes, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop
from tests.kit.test_trouble import runs, starts


@contextmanager
def auditing(work: Path, *args: str) -> Iterator[subprocess.Popen[str]]:
    """An audit as a process of its own."""
    process = subprocess.Popen(
        command_line("audit", *args),
        cwd=work,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], text: str) -> str:
    """Its standard error until a line has that text."""
    assert process.stderr is not None
    said = ""
    while text not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def end(process: subprocess.Popen[str], said: str) -> Ended:
    out, err = process.communicate(timeout=120)
    return checked(process.returncode, out, said + err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_an_audit_that_is_interrupted(work: Path, number: signal.Signals) -> None:
    starts(work, "-m tests.kit.shop", "{port}", more="rate = 5")
    more = ("--html", "out.html", "--junit", "out.xml", "--sarif", "out.sarif", "--write-waivers", "out.toml")
    with auditing(work, "--json", "out.json", "--record", "out.rec", *more) as process:
        said = wait_for(process, "lifecycle")
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("tests.kit.shop" in child.cmdline() for child in children)
        process.send_signal(number)
        ended = end(process, said)
    assert ended.code == 130
    assert ended.sentence.startswith("The audit was interrupted after ")
    assert not any(runs(child.pid) for child in children)
    result = read_json(work / "out.json")
    assert result["complete"] is False
    assert result["summary"]["interrupted"] == "user"
    assert "not_run" in outcomes(result).values()
    for name in ("out.rec", "out.html", "out.xml", "out.sarif", "out.toml"):
        assert (work / name).stat().st_size
    assert "interrupted by the user" in (work / "out.html").read_text().lower()


def test_a_start_that_is_interrupted(work: Path) -> None:
    starts(work, "-c 'import time; time.sleep(600)'", "{port}")
    with auditing(work) as process:
        said = wait_for(process, "starting")
        while not (children := psutil.Process(process.pid).children(recursive=True)):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        ended = end(process, said)
    assert (ended.code, ended.sentence) == (130, "interrupted.")
    assert not any(runs(child.pid) for child in children)


def test_a_request_without_an_answer_is_interrupted(work: Path) -> None:
    """Before the service is understood nothing is known, so nothing is written, and it is no fault of its."""
    shop = Shop()

    def slow(seen: Seen) -> Answer:
        if seen.path != "/openapi.json":
            time.sleep(60)
        return shop(seen)

    with Server(slow) as server, auditing(work, "--url", server.url, "--json", "out.json") as process:
        said = wait_for(process, "reading the OpenAPI document")
        while len(server.seen) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        ended = end(process, said)
    assert (ended.code, ended.sentence) == (130, "interrupted.")
    assert not (work / "out.json").exists()


def test_a_reader_that_goes_away_changes_no_status(work: Path) -> None:
    """As with `| head -0`: the report has no reader, and the service conforms all the same."""
    reading, writing = os.pipe()
    os.close(reading)
    with Server(Shop()) as server:
        ended = subprocess.run(
            command_line("audit", "--url", server.url, "--rule", "API001"),
            cwd=work,
            env=environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    os.close(writing)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_rules_whose_reader_goes_away(work: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        command_line("rules", "--json"),
        cwd=work,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    os.close(writing)
    assert ended.returncode == 4
    assert ended.stderr == "service-conformance: nobody reads the output any more.\n"
