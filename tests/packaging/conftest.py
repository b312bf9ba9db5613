"""The distributions as a user gets them, built once, and an environment into which the wheel is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).parents[2]


class Run(Protocol):
    """Runs a program to its end; fails the test, with all its output, if it does not end with 0."""

    def __call__(self, *command: str | Path, cwd: Path = ..., env: dict[str, str] = ...) -> str: ...


@pytest.fixture(scope="session")
def run() -> Run:
    def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] = {}) -> str:  # noqa: B006 (only read)
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=_clean() | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def _clean() -> dict[str, str]:
    """This environment without what the tests' own one has set."""
    ours = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith(("GIT_DIR", "GIT_INDEX", "GIT_WORK_TREE", "PYTEST_"))
    }


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A repository whose HEAD is the working tree: what is tracked, and what would be."""
    folder = tmp_path_factory.mktemp("repository")
    files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    author = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    run("git", *author, "commit", "--quiet", "--no-verify", "-m", "The working tree", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory, repository: Path, run: Run) -> Path:
    """A folder with one wheel and one sdist: DISTRIBUTIONS, or built from the working tree."""
    if given := os.environ.get("DISTRIBUTIONS"):
        return Path(given)
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, repository)
    return folder


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    (wheel,) = distributions.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def sdist(distributions: Path) -> Path:
    (sdist,) = distributions.glob("*.tar.gz")
    return sdist


class Environments(Protocol):
    """Makes a virtual environment, installs a requirement, and returns the folder of its programs."""

    def __call__(self, requirement: str | Path) -> Path: ...


@pytest.fixture(scope="session")
def pip_installed(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Environments:
    def install(requirement: str | Path) -> Path:
        folder = tmp_path_factory.mktemp("pip")
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin/python", "-m", "pip", "install", "--quiet", requirement)
        return folder / "bin"

    return install


@pytest.fixture(scope="session")
def uv_installed(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Environments:
    def install(requirement: str | Path) -> Path:
        if not shutil.which("uv"):
            pytest.skip("uv is not on PATH")
        folder = tmp_path_factory.mktemp("uv")
        run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        run("uv", "pip", "install", "--quiet", "--python", folder, requirement)
        return folder / "bin"

    return install


@pytest.fixture(scope="session")
def installed(wheel: Path, pip_installed: Environments, uv_installed: Environments) -> Path:
    """The programs of an environment that holds the wheel and what it depends on, and nothing else."""
    return (uv_installed if shutil.which("uv") else pip_installed)(wheel)
