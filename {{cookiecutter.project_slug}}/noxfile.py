"""The project's gate, the same here and in CI; with nothing installed but uv: `uvx nox`."""

import os
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "tests", "conformance"]

ROOT = Path(__file__).parent
LOCK = "requirements-dev.txt"
KIT = "requirements-conformance.txt"


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff."""
    session.install("-r", LOCK)
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    session.install("-r", LOCK)
    session.run("mypy", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; `-- PATH -k WORD` narrows them, TEST_DATABASE_URL names another database.

    All of them together must run nearly all branches: how many is in pyproject.toml.
    """
    session.install("-r", LOCK)
    session.run("pytest", *(session.posargs or ["--cov"]))


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the services in every small way (mutmut), and tell what no test notices; it takes minutes."""
    session.install("-r", LOCK, "mutmut>=3.8,<4")
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session
def conformance(session: nox.Session) -> None:
    """Start the service as conformance.toml tells, and audit it with the kit."""
    lines = (ROOT / KIT).read_text(encoding="utf-8").splitlines()
    if not any(line.startswith("service-conformance") for line in lines):
        session.error(f"{KIT} does not say where the kit is: {' '.join(lines).replace('# ', '')}")
    session.install("-r", KIT)
    # An environment of the service's own: what the kit needs must not change what is audited.
    service = Path(session.create_tmp(), "service")
    programs = service / ("Scripts" if os.name == "nt" else "bin")
    if session.venv_backend == "uv":
        session.run("uv", "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(service))
        install = ["uv", "pip", "install", "--python", str(service)]
    else:
        session.run(sys.executable, "-m", "venv", str(service), external=True)
        install = [str(programs / "python"), "-m", "pip", "install"]
    session.run(*install, "--quiet", "-r", LOCK, external=True)
    session.run(
        str(Path(session.bin) / "service-conformance"),
        *("audit", "--strict", *session.posargs),
        env={"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
        # It ends what it started and writes what it knows.
        interrupt_timeout=30,
        terminate_timeout=30,
    )


@nox.session
def dependencies(session: nox.Session) -> None:
    """Look for known vulnerabilities in what production installs."""
    session.install("pip-audit")
    report = Path(session.create_tmp(), "vulnerabilities.txt").absolute()
    report.unlink(missing_ok=True)
    options = ("--strict", "--no-deps", "--disable-pip")  # strict: what could not be looked up has not passed
    try:
        session.run("pip-audit", *options, "--requirement", "requirements.txt", "--output", str(report))
    except nox.command.CommandFailed:
        if not report.exists():
            session.error("Nothing is known of vulnerabilities: the advisories could not be read, see above.")
        session.error(report.read_text(encoding="utf-8"))
