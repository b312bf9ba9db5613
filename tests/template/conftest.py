"""Bakes the template as its users do: with cookiecutter's command, from a folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "{{cookiecutter.project_slug}}"
PARTS = ("cookiecutter.json", "hooks", SOURCE.name)


@dataclass(frozen=True)
class BakedProject:
    """A bake, and the Python that runs something in it: this one, or one of its own environment."""

    path: Path
    python: Path = Path(sys.executable)

    def run(self, module: str, *arguments: str, timeout: float = 600, **environment: str) -> str:
        """The output of a module's command line. Fails the test where it does not end with 0."""
        done = subprocess.run(
            [str(self.python), "-m", module, *arguments],
            cwd=self.path,
            env=clean_environment(**environment),
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def files(self) -> dict[str, bytes]:
        """All files of the bake, but what tools left there."""
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in sorted(self.path.rglob("*"))
            if path.is_file()
            and not path.name.startswith(".coverage")
            and not any(part.endswith(("cache", "cache__")) for part in path.parts)
        }


def clean_environment(**changes: str) -> dict[str, str]:
    """The environment without what this test run has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return kept | {"NO_COLOR": "1"} | changes


def tracked() -> list[str]:
    """The template's files that git tracks, or would: those that are not ignored."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PARTS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def copy_template(folder: Path) -> Path:
    """A copy of the template as a fresh clone has it."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def cookiecutter(
    template: Path | str, output: Path, temporary: Path, *options: str, **answers: str
) -> subprocess.CompletedProcess[str]:
    """Run cookiecutter's command; its temporary files go to `temporary`, its clones beside it."""
    temporary.mkdir(exist_ok=True)
    home = temporary.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [
            *(sys.executable, "-m", "cookiecutter", str(template), "--no-input", "--default-config"),
            *("--output-dir", str(output), *options),
            *(f"{name}={value}" for name, value in answers.items()),
        ],
        env=clean_environment(TMPDIR=str(temporary), HOME=str(home), USERPROFILE=str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def cruft(repository: Path, output: Path, slug: str) -> subprocess.CompletedProcess[str]:
    """Run `cruft create`."""
    output.mkdir()
    return subprocess.run(
        [
            *(sys.executable, "-m", "cruft", "create", str(repository), "--no-input", "--default-config"),
            *("--output-dir", str(output), "--extra-context", f'{{"project_slug": "{slug}"}}'),
        ],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a fresh clone has it."""
    return copy_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """The template as a git repository."""
    folder = shutil.copytree(template, tmp_path / "template")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "Template"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


Bake = Callable[..., BakedProject]


@pytest.fixture(scope="session")
def bake(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bake]:
    """Bakes with the given answers; the same answers give the same bake."""
    made: dict[tuple[tuple[str, str], ...], BakedProject] = {}

    def bake_once(**answers: str) -> BakedProject:
        key = tuple(sorted(answers.items()))
        if key not in made:
            folder = tmp_path_factory.mktemp("bake")
            done = cookiecutter(template, folder / "out", folder / "tmp", **answers)
            assert done.returncode == 0, done.stdout
            assert done.stdout == ""
            (path,) = (folder / "out").iterdir()
            made[key] = BakedProject(path)
        return made[key]

    yield bake_once
    for project in made.values():
        shutil.rmtree(project.path.parent, ignore_errors=True)
