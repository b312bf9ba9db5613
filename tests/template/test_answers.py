"""Answers are looked at before anything is written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.template.conftest import clean_environment, cookiecutter

IMPOSSIBLE = {
    "3posts": "a letter first",
    "Post-Service": "lower-case letters, digits and underscores",
    "post service": "lower-case letters, digits and underscores",
    "": "lower-case letters, digits and underscores",
    "../escape": "lower-case letters, digits and underscores",
    "a" * 51: "at most 50",
    "post\"'''service": "lower-case letters, digits and underscores",
    "class": 'type another name, for example "class_service"',
    "match": 'type another name, for example "match_service"',
}


@pytest.mark.parametrize("slug", IMPOSSIBLE)
def test_an_impossible_slug_is_refused(template: Path, tmp_path: Path, slug: str) -> None:
    done = cookiecutter(template, tmp_path / "out", tmp_path / "tmp", project_slug=slug)
    assert done.returncode == 1
    assert done.stdout.startswith(f'project_slug "{slug}" ')
    assert IMPOSSIBLE[slug] in done.stdout
    assert done.stdout.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("name", ['a "name"', "two\nlines", "  ", "curly {}", "x" * 81, "back\\slash"])
def test_a_name_that_files_cannot_hold_is_refused(template: Path, tmp_path: Path, name: str) -> None:
    done = cookiecutter(template, tmp_path / "out", tmp_path / "tmp", project_name=name, project_slug="posts")
    assert done.returncode == 1
    assert done.stdout.startswith("project_name cannot be used: type ")
    assert done.stdout.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_refused_and_left_alone(template: Path, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "post_service" / "precious.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine", encoding="utf-8")
    done = cookiecutter(template, tmp_path / "out", tmp_path / "tmp")
    assert done.returncode == 1
    assert done.stdout == (
        f'The folder "{kept.parent}" exists: type another project_slug, or name another place with'
        " --output-dir.\n"
    )
    assert [path.name for path in kept.parent.iterdir()] == ["precious.txt"]
    assert list((tmp_path / "tmp").iterdir()) == []

    assert cookiecutter(template, tmp_path / "out", tmp_path / "tmp", "--overwrite-if-exists").returncode == 0
    assert (kept.parent / "app" / "main.py").is_file()


def test_the_name_gives_the_slug(template: Path, tmp_path: Path) -> None:
    done = cookiecutter(template, tmp_path / "out", tmp_path / "tmp", project_name="Été & Posts, Inc.")
    assert (done.returncode, done.stdout) == (0, "")
    made = tmp_path / "out" / "ete_posts_inc"
    assert 'description = "Été & Posts, Inc."' in (made / "pyproject.toml").read_text(encoding="utf-8")


def test_typed_answers_are_looked_at_as_well(template: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cookiecutter",
            str(template),
            "--default-config",
            "-o",
            str(tmp_path / "out"),
        ],
        input="Posts\nclass\n\n\n",
        env=clean_environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert 'project_slug "class" is a word of Python\'s' in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """The template as a git repository: cruft clones."""
    folder = shutil.copytree(template, tmp_path / "template")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "Template"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


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


def test_cruft_creates(repository: Path, tmp_path: Path) -> None:
    done = cruft(repository, tmp_path / "out", "posts")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "out" / "posts" / ".cruft.json").is_file()
    assert (tmp_path / "out" / "posts" / ".env").is_file()


def test_cruft_is_refused_impossible_answers_too(repository: Path, tmp_path: Path) -> None:
    done = cruft(repository, tmp_path / "out", "class")
    assert done.returncode != 0
    assert done.stdout.startswith('project_slug "class" is a word of Python\'s: type another name')
    assert list((tmp_path / "out").iterdir()) == []
