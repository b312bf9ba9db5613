"""A bake has the guideline's layout, and nothing that does not belong there."""

import itertools
import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.template.conftest import SOURCE, Bake, cookiecutter

DATABASES = {"sqlite": "aiosqlite", "postgresql": "asyncpg", "mysql": "asyncmy"}
EVENTS = ("kafka", "none")
CHOICES = list(itertools.product(DATABASES, EVENTS))
STATEMENT = re.compile(r"^[ \t]*# %", re.MULTILINE)

# Directory Structure in the guidelines, and `exceptions.py`, which its sample of error handling names.
LAYOUT = {
    "app": ("__init__.py", "main.py", "config.py", "dependencies.py", "exceptions.py"),
    "app/models": ("__init__.py", "base.py", "post.py", "user.py"),
    "app/schemas": ("__init__.py", "post.py", "user.py"),
    "app/routes": ("__init__.py", "posts.py", "users.py"),
    "app/services": ("__init__.py", "post_service.py", "user_service.py"),
    "app/repositories": ("__init__.py", "base_repository.py", "post_repository.py", "user_repository.py"),
    "app/middleware": ("error_handler.py",),
    "app/utils": ("auth.py", "pagination.py"),
    "alembic": ("env.py",),
    "tests": ("conftest.py", "test_posts.py", "test_users.py"),
    ".": (".env", "alembic.ini", "pyproject.toml", "requirements.txt"),
}
LAYOUT_OF_EVENTS = {
    "app/schemas": ("events.py",),
    "app/kafka": ("__init__.py", "producer.py", "consumer.py", "consumers_registry.py"),
    "app/events": ("__init__.py", "handlers.py"),
}


def names(layout: dict[str, tuple[str, ...]]) -> set[str]:
    """The files of a layout."""
    return {(Path(folder) / name).as_posix() for folder, files in layout.items() for name in files}


@pytest.mark.parametrize("events", EVENTS)
def test_the_guidelines_layout_is_complete(bake: Bake, events: str) -> None:
    files = bake(events=events).files()
    assert names(LAYOUT) <= set(files)
    of_events = names(LAYOUT_OF_EVENTS)
    assert of_events & set(files) == (of_events if events == "kafka" else set())
    assert any(name.startswith("alembic/versions/") for name in files)


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_a_bake_holds_tracked_files_only(template: Path, bake: Bake, database: str, events: str) -> None:
    baked = set(bake(database=database, events=events).files())
    source = template / SOURCE.name
    known = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert baked <= known | {".env"}
    assert known <= baked or events == "none"


def test_what_tools_left_in_a_checkout_is_not_baked(template: Path, bake: Bake, tmp_path: Path) -> None:
    littered = shutil.copytree(template, tmp_path / "template")
    for left in (
        *("app/__pycache__/main.cpython-311.pyc", ".mypy_cache/3.11/cache.db", ".ruff_cache/CACHEDIR.TAG"),
        *(".pytest_cache/README.md", ".venv/bin/python", "app.db", "app.db-wal", ".env", ".coverage"),
        *("uv.lock", "htmlcov/index.html", ".hypothesis/unicode.json"),
    ):
        path = littered / SOURCE.name / left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{{ left_behind }}", encoding="utf-8")
    done = cookiecutter(littered, tmp_path / "out", tmp_path / "tmp")
    assert (done.returncode, done.stdout) == (0, "")
    (made,) = (tmp_path / "out").iterdir()
    found = {path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()}
    assert found == set(bake().files())


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_python_is_baked_byte_for_byte(template: Path, bake: Bake, database: str, events: str) -> None:
    with_statements = 0
    for name, content in bake(database=database, events=events).files().items():
        if not name.endswith(".py"):
            continue
        source = (template / SOURCE.name / name).read_bytes()
        if STATEMENT.search(source.decode()):
            with_statements += 1
            compile(source, name, "exec")
        else:
            assert content == source, name
    assert with_statements <= 10


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_no_template_language_is_left(bake: Bake, database: str, events: str) -> None:
    for name, content in bake(database=database, events=events).files().items():
        text = content.decode()
        assert not STATEMENT.search(text), name
        assert "cookiecutter" not in text, name


def test_databases_differ_in_configuration_alone(bake: Bake) -> None:
    """So that what holds of one database's Python files holds of all."""
    for events in EVENTS:
        sources = [
            {n: c for n, c in bake(database=d, events=events).files().items() if n.endswith(".py")}
            for d in DATABASES
        ]
        assert sources[0] == sources[1] == sources[2]


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_of_the_events_is_left_without_them(bake: Bake, database: str) -> None:
    words = re.compile(
        r"kafka|outbox|asyncapi|cloudevents|broker|dead.letter|x-publishes|confluent|\bevents\b",
        re.IGNORECASE,
    )
    for name, content in bake(database=database, events="none").files().items():
        assert not words.search(name), name
        assert not words.search(content.decode()), f"{name}: {words.search(content.decode())}"


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_compose_starts_what_was_chosen(bake: Bake, database: str, events: str) -> None:
    path = bake(database=database, events=events).path
    services = yaml.safe_load((path / "compose.yaml").read_text())["services"]
    of_events = {"relay", "consumer", "kafka"} if events == "kafka" else set()
    server = {"database"} if database != "sqlite" else set()
    assert set(services) == {"service", "migrate"} | of_events | server
    settings = services["service"]["environment"]
    assert settings["DATABASE_URL"].startswith(f"{database}://")
    assert ("KAFKA_BOOTSTRAP_SERVERS" in settings) == (events == "kafka")
    workflow = yaml.safe_load((path / ".github" / "workflows" / "ci.yml").read_text())
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert runs.count("uvx nox -s tests") == (1 if database == "sqlite" else 2)
    sessions = {session for run in runs if "nox -s" in run for session in run.split(" -s ")[1].split()}
    assert sessions == {"lint", "types", "dependencies", "tests", "conformance"}


@pytest.mark.parametrize(("database", "events"), CHOICES)
def test_requirements_are_the_projects_and_pinned(bake: Bake, database: str, events: str) -> None:
    project = bake(database=database, events=events)
    declared = tomllib.loads((project.path / "pyproject.toml").read_text())
    runtime = declared["project"]["dependencies"]
    for file, wanted in (
        ("requirements.txt", runtime),
        ("requirements-dev.txt", runtime + declared["dependency-groups"]["dev"]),
    ):
        lines = (project.path / file).read_text().splitlines()
        pins = {canonicalize_name(r.name): r for r in map(Requirement, lines[1:])}
        assert len(pins) == len(lines) - 1
        for line in wanted:
            requirement = Requirement(line)
            pin = pins[canonicalize_name(requirement.name)]
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            assert requirement.specifier.contains(specifier.version)
        drivers = {driver for driver in DATABASES.values() if driver in pins}
        assert "confluent-kafka" not in pins or (events, "dev" in file) == ("kafka", True)
        assert drivers == {DATABASES[database]} | ({"aiosqlite"} if "dev" in file else set())
        assert "aiokafka" in pins or events == "none"


def test_the_manifest_names_what_is_there(template: Path) -> None:
    manifest = runpy.run_path(str(template / "hooks" / "post_gen_project.py"), run_name="hook")["EVENTS"]
    assert manifest
    for pattern in manifest:
        assert list((template / SOURCE.name).glob(pattern)), pattern


def test_each_bake_has_a_secret_of_its_own(bake: Bake) -> None:
    secrets = set()
    for answers in ({}, {"project_slug": "other"}):
        project = bake(**answers)
        (secret,) = re.findall(r"^JWT_SECRET=(.*)$", (project.path / ".env").read_text(), re.MULTILINE)
        assert len(secret) >= 43
        secrets.add(secret)
        assert secret not in (project.path / ".env.example").read_text()
    assert len(secrets) == 2


def test_a_bake_is_ready_for_git(bake: Bake) -> None:
    project = bake()
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=project.path, check=True)
    done = subprocess.run(["git", "ls-files"], cwd=project.path, check=True, capture_output=True, text=True)
    names = set(done.stdout.splitlines())
    assert {".env.example", ".gitignore", "app/main.py", "requirements.txt"} <= names
    assert ".env" not in names
    assert not [name for name in names if "cache" in name]
