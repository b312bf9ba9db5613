"""A bake names the kit that checks it, at the commit of the template that made it."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.conftest import Bake, BakedProject, clean_environment, cookiecutter, cruft

FILE = "requirements-conformance.txt"
KIT = "service-conformance @ git+"


def git(folder: Path, *command: str) -> str:
    """What git says."""
    done = subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def requirement(project: Path) -> str:
    """The line that pins the kit."""
    comment, line = (project / FILE).read_text(encoding="utf-8").splitlines()
    assert comment.startswith("# The conformance kit")
    return line


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://git.example.com/org/template.git", "https://git.example.com/org/template.git"),
        ("https://user:token@git.example.com/org/template", "https://git.example.com/org/template"),
        ("git@git.example.com:org/template.git", "ssh://git@git.example.com/org/template.git"),
    ],
)
def test_of_a_clone_the_address_and_the_commit(
    repository: Path, tmp_path: Path, origin: str, address: str
) -> None:
    git(repository, "remote", "add", "origin", origin)
    assert cookiecutter(repository, tmp_path / "out", tmp_path / "tmp").returncode == 0
    (made,) = (tmp_path / "out").iterdir()
    assert requirement(made) == f"{KIT}{address}@{git(repository, 'rev-parse', 'HEAD')}"


def test_of_an_older_commit_that_commit(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    (repository / "README.md").write_text("Newer", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", "Newer")
    address = f"file://{repository}"
    done = cookiecutter(f"git+{address}", tmp_path / "out", tmp_path / "tmp", "--checkout", first)
    assert done.returncode == 0, done.stdout
    (made,) = (tmp_path / "out").iterdir()
    assert requirement(made) == f"{KIT}{address}@{first}"


def test_of_cruft_the_same(repository: Path, tmp_path: Path) -> None:
    address = "https://git.example.com/org/template.git"
    git(repository, "remote", "add", "origin", address)
    done = cruft(repository, tmp_path / "out", "posts")
    assert done.returncode == 0, done.stdout
    commit = git(repository, "rev-parse", "HEAD")
    assert requirement(tmp_path / "out" / "posts") == f"{KIT}{address}@{commit}"
    # Given an address, cruft leaves no folder behind that could be asked.
    named = runpy.run_path(str(repository / "hooks" / "post_gen_project.py"), run_name="hook")
    assert named["kit_requirement"]("", address, commit) == f"{KIT}{address}@{commit}"


def gate(project: BakedProject) -> subprocess.CompletedProcess[str]:
    """Run the bake's conformance session, without an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "nox", "-s", "conformance", "--no-venv"],
        cwd=project.path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_of_a_folder_what_to_write(bake: Bake) -> None:
    """Nobody else could reach it: the gate does not pass, and says what is missing."""
    project = bake()
    text = (project.path / FILE).read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if not line.startswith("#")]
    done = gate(project)
    assert done.returncode == 1
    assert f"{FILE} does not say where the kit is" in done.stdout
    assert f"{KIT}https://HOST/PATH@COMMIT" in done.stdout
