"""What README, workflow, `.ci/run` and noxfile say of each other is true."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.conftest import ROOT, Run

COMMAND = re.compile(r"uvx nox -s ([\w.-]+)")


@pytest.fixture(scope="module")
def sessions(run: Run) -> dict[str, str]:
    """Name and description of each session."""
    lines = run(sys.executable, "-m", "nox", "--list").splitlines()
    return dict(re.findall(r"^[*-] (\S+)(?: -> (.+))?$", "\n".join(lines), flags=re.MULTILINE))


def test_every_session_explains_itself(sessions: dict[str, str]) -> None:
    assert {"lint", "types", "tests", "conformance", "build"} <= sessions.keys()
    assert all(len(description) > 20 for description in sessions.values())


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml"])
def test_named_sessions_exist(file: str, sessions: dict[str, str]) -> None:
    named = {name.rstrip("-.") for name in COMMAND.findall((ROOT / file).read_text())}
    assert named, f"{file} names no session"
    assert {name for name in named if name != "tests_on"} <= sessions.keys()


def test_readme_gives_the_two_commands_that_ci_runs() -> None:
    wanted = {"tests", "conformance"}
    for file in ("README.md", ".ci/run", ".github/workflows/ci.yml"):
        assert wanted <= set(COMMAND.findall((ROOT / file).read_text())), file


def test_workflow_covers_every_supported_python() -> None:
    workflow: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    tested = workflow["jobs"]["tests"]["strategy"]["matrix"]["python"]
    classifiers = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert tested == classifiers


SKIPS = """
import pytest

@pytest.mark.docker
def test_skips_itself():
    pytest.skip("the image cannot be had")

def test_needs_no_docker():
    pytest.skip("anything")
"""


@pytest.mark.parametrize("host", ["", "tcp://127.0.0.1:9"], ids=["as it is", "nothing listens"])
def test_docker_cannot_be_skipped_where_it_is_required(host: str, tmp_path: Path) -> None:
    """Neither by the test itself nor by the hook, which does it where no engine answers."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = docker\n")
    (tmp_path / "test_sample.py").write_text(SKIPS)

    def sample(required: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
            cwd=tmp_path,
            env=os.environ | {"REQUIRE_DOCKER": required} | ({"DOCKER_HOST": host} if host else {}),
            capture_output=True,
            text=True,
            check=False,
        )

    optional, needed = sample(""), sample("1")
    assert (optional.returncode, needed.returncode) == (0, 1)
    assert "2 skipped" in optional.stdout
    assert "REQUIRE_DOCKER=1, but: " in needed.stdout
    assert "1 skipped, 1 " in needed.stdout or "1 failed, 1 skipped" in needed.stdout
