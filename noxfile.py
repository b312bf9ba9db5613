"""The project's tasks; with nothing installed but Python and uv (or pipx): `uvx nox -s tests`."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests", "conformance"]

ROOT = Path(__file__).parent
# ruff excludes the template from the project's sources; named, it is checked under its own settings.
SOURCES = (".", "{{cookiecutter.project_slug}}")
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
# As it stands in the template it names what any bake needs: its line statements are comments.
SERVICE_LOCK = ROOT / "{{cookiecutter.project_slug}}" / "requirements-dev.txt"
# Options that say what is audited; without one, the default service is baked.
TARGETS = ("--url", "--command", "--config", "--help", "-h")
# An interrupted audit ends what it started and writes what it knows; nox would kill it after half a second.
SECONDS_TO_CLEAN_UP = 30


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff; `-- --fix` mends what it can."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", *session.posargs, *SOURCES)
    session.run("ruff", "format", *([] if "--fix" in session.posargs else ["--check"]), *SOURCES)


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    _install(session, "dev")
    session.run("mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Test the kit, the template and the two together; `-- PATH -k WORD` narrows it."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    # Tests wait for servers more than they compute: four at a time keep two cores busy.
    session.run("pytest", "--numprocesses=4", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Seed every fault, see which rule catches it, and write the table into docs/faults.md."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    table = str(ROOT / "docs" / "faults.md")
    session.run("pytest", "tests/faults", "--numprocesses=3", *session.posargs, env={"FAULT_TABLE": table})


@nox.session
def chaos(session: nox.Session) -> None:
    """Kill the service's processes and its broker; `-- --rounds 300 --seed 1`. Needs Docker."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    # It removes its containers when it is interrupted.
    session.run(
        *("python", "-m", "tests.chaos", *session.posargs),
        interrupt_timeout=SECONDS_TO_CLEAN_UP,
        terminate_timeout=SECONDS_TO_CLEAN_UP,
    )


@nox.session
def mutation(session: nox.Session) -> None:
    """Try every fault on all rules and on `st run`, and write docs/mutation.md; `-- --sample 60`."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    table = str(ROOT / "docs" / "mutation.md")
    session.run("python", "-m", "tests.mutation", "--write", table, *session.posargs)


@nox.session(python=nox.project.python_versions(PROJECT))
def tests_on(session: nox.Session) -> None:
    """Run the kit's quick tests on each supported Python, or on one: `-s tests_on-3.14`."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    quick = ["tests/kit", "-m", "not slow and not docker", "--numprocesses=2"]
    session.run("pytest", *(session.posargs or quick))


@nox.session
def conformance(session: nox.Session) -> None:
    """Bake the default service, start it and audit it; `-- --url URL` audits what runs there instead."""
    _install(session, "template")
    session.chdir(session.invoked_from)
    if any(argument.split("=")[0] in TARGETS for argument in session.posargs):
        _audit(session, *session.posargs)
        return
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        session.log("Baking the default service")
        service = _bake(session, Path(folder))
        session.log("Installing the service's own requirements")
        # Those for development: the embedded broker is among them, production has a real one.
        programs = _environment(session, service / ".venv", service / "requirements-dev.txt")
        session.log("Auditing the service on its embedded defaults")
        config = str(service / "conformance.toml")
        _audit(session, "--config", config, "--strict", *session.posargs, programs=programs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the service on PostgreSQL beside the same work without it; `-- --rounds 10` for more."""
    _install(session, "dev")
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        bakes = {
            events: _bake(session, Path(folder) / events, "database=postgresql", f"events={events}")
            for events in ("none", "kafka")
        }
        # Those of the bake with events hold all that the other and the baselines need.
        programs = _environment(session, Path(folder) / "venv", bakes["kafka"] / "requirements.txt")
        given = [f"--bake={events}={bake}" for events, bake in bakes.items()]
        python = str(programs / "python")
        session.run("python", "-m", "bench.service", "--python", python, *given, *session.posargs)


@nox.session
def bench_audit(session: nox.Session) -> None:
    """Time the gate lane beside `st run`, and as services grow; `-- --write docs/benchmark-audit.md`."""
    _install(session, "dev", "--requirement", str(SERVICE_LOCK))
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        bake = _bake(session, Path(folder))
        config = f"the template's service={bake / 'conformance.toml'}"
        session.run("python", "-m", "bench.audit", "--config", config, *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build wheel and sdist into dist/ and check what they hold."""
    _install(session, "dev")
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist")
    session.run("pytest", "tests/packaging/test_contents.py", env={"DISTRIBUTIONS": str(ROOT / "dist")})


def _install(session: nox.Session, group: str, *more: str) -> None:
    """The kit, editable so that a reused environment never holds an older one, and a dependency group."""
    session.install("--editable", ".", *nox.project.dependency_groups(PROJECT, group), *more)


def _bake(session: nox.Session, folder: Path, *choices: str) -> Path:
    """Bake the template, with its defaults but for the choices, below `folder` and return the service's."""
    bakes, scratch = folder / "bakes", folder / "scratch"
    scratch.mkdir(parents=True)
    # cookiecutter leaves its copies of the hooks behind.
    env = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    command = ("cookiecutter", str(ROOT), "--no-input", "--output-dir", str(bakes), *choices)
    session.run(*command, env=env, silent=True)
    (service,) = bakes.iterdir()
    return service


def _environment(session: nox.Session, folder: Path, requirements: Path) -> Path:
    """Make an environment that holds the requirements alone, and return the folder of its programs."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if session.venv_backend == "uv":
        session.run("uv", "venv", "--quiet", "--python", str(Path(session.bin) / "python"), str(folder))
        install = ["uv", "pip", "install", "--python", str(folder)]
    else:
        session.run("python", "-m", "venv", str(folder))
        install = [str(programs / "python"), "-m", "pip", "install"]
    session.run(*install, "--quiet", "-r", str(requirements), external=True)
    return programs


def _audit(session: nox.Session, *options: str, programs: Path | None = None) -> None:
    """Run the audit and end with its exit status, which tells more than nox's 1.

    The target's command is looked for in `programs` first.
    """
    path = session.env.get("PATH") or os.defpath
    try:
        session.run(
            str(Path(session.bin) / "service-conformance"),
            "audit",
            *options,
            env={"PATH": f"{programs}{os.pathsep}{path}" if programs else path},
            interrupt_timeout=SECONDS_TO_CLEAN_UP,
            terminate_timeout=SECONDS_TO_CLEAN_UP,
        )
    except nox.command.CommandFailed as failed:
        sys.exit(failed.return_code or 1)
