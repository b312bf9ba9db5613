"""It installs from a git URL, from a checkout and from a wheel, with pip, uv and pipx, and then runs."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Environments, Run

pytestmark = pytest.mark.slow
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def _works(script: Path, run: Run, working: Path) -> None:
    assert VERSION in run(script, "--version", cwd=working)
    rules = json.loads(run(script, "rules", "--json", cwd=working))
    assert len({rule["id"] for rule in rules}) >= 12


def test_wheel(installed: Path, run: Run, tmp_path: Path) -> None:
    _works(installed / "service-conformance", run, tmp_path)


def test_dependencies_are_enough_for_every_module(installed: Path, run: Run, tmp_path: Path) -> None:
    """What the tests' own environment has beside them must not be what makes an import work."""
    names = run(
        installed / "python",
        "-c",
        "import conformance, importlib, pkgutil\n"
        "for module in pkgutil.walk_packages(conformance.__path__, 'conformance.'):\n"
        "    importlib.import_module(module.name); print(module.name)",
        cwd=tmp_path,
    )
    assert "conformance.cli" in names.split()


def test_git_url_with_pip(repository: Path, pip_installed: Environments, run: Run, tmp_path: Path) -> None:
    programs = pip_installed(f"git+file://{repository}")
    _works(programs / "service-conformance", run, tmp_path)


def test_git_url_with_uv(repository: Path, uv_installed: Environments, run: Run, tmp_path: Path) -> None:
    programs = uv_installed(f"git+file://{repository}")
    _works(programs / "service-conformance", run, tmp_path)


def test_checkout_with_uv(repository: Path, uv_installed: Environments, run: Run, tmp_path: Path) -> None:
    _works(uv_installed(repository) / "service-conformance", run, tmp_path)


def test_checkout_with_pipx(repository: Path, run: Run, tmp_path: Path) -> None:
    home, programs = tmp_path / "pipx", tmp_path / "bin"
    run(
        sys.executable, "-m", "pipx", "install", "--python", sys.executable, repository,
        env={"PIPX_HOME": str(home), "PIPX_BIN_DIR": str(programs), "PIPX_MAN_DIR": str(tmp_path / "man")},
    )  # fmt: skip
    _works(programs / "service-conformance", run, tmp_path)
