"""Wheel and sdist hold the kit, all of it and nothing beside it."""

import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from tests.packaging.conftest import ROOT, Run


def _package(run: Run) -> set[str]:
    """The package's files and the script's module, as far as git tracks them, or would."""
    ours = ("conformance", "service_conformance.py")
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", *ours)
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


def _in_wheel(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}


def _in_sdist(sdist: Path) -> set[str]:
    """Paths below the one top folder."""
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


def test_wheel_holds_the_package_alone(wheel: Path, run: Run) -> None:
    files = {name for name in _in_wheel(wheel) if ".dist-info/" not in name}
    assert files == _package(run)
    assert "conformance/py.typed" in files


def test_wheel_holds_the_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (licence,) = (name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE"))
    assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_wheel_declares_the_script_and_the_pythons(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = {name.partition("/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
    assert archive.read(names["entry_points.txt"]).decode().split("\n")[:2] == [
        "[console_scripts]",
        "service-conformance = service_conformance:main",
    ]
    metadata = HeaderParser().parsestr(archive.read(names["METADATA"]).decode())
    assert metadata["Name"] == "service-conformance"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_sdist_holds_what_the_wheel_is_built_from(sdist: Path, run: Run) -> None:
    """`.gitignore` is hatchling's doing: it needs it to build the same wheel."""
    beside = {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert _in_sdist(sdist) == _package(run) | beside
