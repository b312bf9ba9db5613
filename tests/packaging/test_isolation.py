"""What lies in the working directory is the user's: it neither shadows the kit nor takes part in its run."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.conftest import Run

pytestmark = pytest.mark.slow
POISON = (
    "from pathlib import Path\nPath(__file__).with_suffix('.was-run').touch()\nraise SystemExit('shadowed')\n"
)


def _package(folder: Path) -> None:
    (folder / "conformance").mkdir()
    (folder / "conformance/__init__.py").write_text(POISON)
    (folder / "conformance/cli.py").write_text(POISON)


def _modules(folder: Path) -> None:
    """Named like what the kit itself, or pytest below it, would import."""
    for name in ("conformance", "click", "yaml", "json", "sitecustomize", "usercustomize"):
        (folder / f"{name}.py").write_text(POISON)


def _pytest(folder: Path) -> None:
    (folder / "conftest.py").write_text(POISON)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (folder / "schemathesis.toml").write_text("no-such-option = 1\n")


HOSTILE = {"an empty folder": lambda _: None, "a package": _package, "modules": _modules, "pytest's": _pytest}


@pytest.mark.parametrize("fill", HOSTILE.values(), ids=HOSTILE.keys())
def test_working_directory(fill: Callable[[Path], None], installed: Path, run: Run, tmp_path: Path) -> None:
    fill(tmp_path)
    rules = json.loads(run(installed / "service-conformance", "rules", "--json", cwd=tmp_path))
    assert rules
    assert not list(tmp_path.rglob("*.was-run"))


@pytest.mark.parametrize("path", [".", "", "{folder}"], ids=["dot", "empty", "absolute"])
def test_pythonpath(path: str, installed: Path, run: Run, tmp_path: Path) -> None:
    _package(tmp_path)
    _pytest(tmp_path)
    hostile = {
        "PYTHONPATH": path.format(folder=tmp_path) + os.pathsep + "nowhere",
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_plugin",
    }
    rules = json.loads(run(installed / "service-conformance", "rules", "--json", cwd=tmp_path, env=hostile))
    assert rules
    assert not list(tmp_path.rglob("*.was-run"))
