"""Answers are looked at before anything is written."""

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.template.conftest import clean_environment, cookiecutter, cruft

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

Refusal = Callable[[str, str], str | None]


@pytest.fixture(scope="module")
def refusal(template: Path) -> Refusal:
    """What the hook says of a name and a slug."""
    found: Refusal = runpy.run_path(str(template / "hooks" / "pre_gen_project.py"), run_name="hook")[
        "refusal"
    ]
    return found


@pytest.mark.parametrize("slug", IMPOSSIBLE)
def test_an_impossible_slug_gets_a_sentence(refusal: Refusal, slug: str) -> None:
    sentence = refusal("Posts", slug)
    assert sentence is not None
    assert sentence.startswith(f'project_slug "{slug}" ')
    assert IMPOSSIBLE[slug] in sentence


@pytest.mark.parametrize("name", ["two\nlines", "  ", "curly {}", "x" * 81, "back\\slash", "$HOME", "#1"])
def test_a_name_that_files_cannot_hold_gets_a_sentence(refusal: Refusal, name: str) -> None:
    sentence = refusal(name, "posts")
    assert sentence is not None
    assert sentence.startswith("project_name cannot be used: type ")


def test_possible_answers_get_none(refusal: Refusal) -> None:
    assert refusal("Été & Posts, Inc.", "a" * 50) is None


@pytest.mark.parametrize("slug", ["../escape", "post\"'''service", "class"])
def test_an_impossible_slug_is_refused(template: Path, tmp_path: Path, slug: str) -> None:
    done = cookiecutter(template, tmp_path / "out", tmp_path / "tmp", project_slug=slug)
    assert done.returncode == 1
    assert done.stdout.startswith(f'project_slug "{slug}" ')
    assert IMPOSSIBLE[slug] in done.stdout
    assert done.stdout.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("name", ['a "name"', "two\nlines"])
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


def test_cruft_creates(repository: Path, tmp_path: Path) -> None:
    done = cruft(repository, tmp_path / "out", "posts")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "out" / "posts" / ".cruft.json").is_file()
    assert (tmp_path / "out" / "posts" / ".env").is_file()


def test_what_cruft_created_does_not_differ_from_the_template(repository: Path, tmp_path: Path) -> None:
    assert cruft(repository, tmp_path / "out", "posts").returncode == 0
    project = tmp_path / "out" / "posts"
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "Baked"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    for command in (["check"], ["diff", "--exit-code"]):
        done = subprocess.run(
            [sys.executable, "-m", "cruft", *command],
            cwd=project,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        assert "JWT_SECRET" not in done.stdout


def test_cruft_is_refused_impossible_answers_too(repository: Path, tmp_path: Path) -> None:
    done = cruft(repository, tmp_path / "out", "class")
    assert done.returncode != 0
    assert done.stdout.startswith('project_slug "class" is a word of Python\'s: type another name')
    assert list((tmp_path / "out").iterdir()) == []
