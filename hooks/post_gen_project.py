"""Finishes a bake: removes what was not chosen, writes `.env` with a secret of its own, and names the kit."""

import re
import secrets
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

# What is there for the events alone. Where a file has a part of it, line statements stand around it.
EVENTS = (
    "alembic/versions/0002_create_events.py",
    "app/asyncapi.py",
    "app/events",
    "app/kafka",
    "app/models/outbox.py",
    "app/repositories/inbox_repository.py",
    "app/repositories/lease_repository.py",
    "app/repositories/outbox_repository.py",
    "app/repositories/stats_repository.py",
    "app/routes/stats.py",
    "app/schemas/events.py",
    "app/schemas/stats.py",
    "app/services/stats_service.py",
    "tests/*asyncapi*",
    "tests/*events*",
    "tests/test_stats.py",
)

PLACEHOLDER = "service-conformance @ git+URL@COMMIT"


def remove(patterns: tuple[str, ...]) -> None:
    """Delete the files and folders that match."""
    for pattern in patterns:
        for path in list(Path().glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def write_env() -> None:
    """Make `.env` of its example, with a fresh secret."""
    example = Path(".env.example").read_text(encoding="utf-8")
    secret = f"JWT_SECRET={secrets.token_urlsafe(48)}"
    Path(".env").write_text(example.replace("JWT_SECRET=change-me", secret), encoding="utf-8")


def kit_requirement(folder: str, template: str, commit: str) -> str | None:
    """The requirement of the kit at the template's commit, None where nothing tells its address.

    `folder` is cookiecutter's copy of the template; cruft tells no folder, but `template` (an address or
    a folder) and `commit`.
    """
    address = template if not folder and ("://" in template or "@" in template) else None
    address = address or _git(folder or template, "remote", "get-url", "origin")
    commit = commit or _git(folder, "rev-parse", "HEAD")
    if not address or not commit or address.startswith(("/", ".")):
        return None
    if "://" not in address:  # HOST:PATH, for ssh
        address = "ssh://" + address.replace(":", "/", 1)
    # A token in the address is for cloning, and for nobody to read here.
    address = re.sub(r"^(https?://)[^/]*@", r"\1", address)
    return f"service-conformance @ git+{address}@{commit}"


def _git(folder: str, *command: str) -> str:
    """What git says of the repository that begins in `folder`, nothing where none does."""
    git = shutil.which("git")
    if not git or not Path(folder, ".git").exists():
        return ""
    done = subprocess.run(  # noqa: S603 - our own command line
        [git, "-C", folder, *command], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def name_kit(requirement: str | None) -> None:
    """Complete `requirements-conformance.txt`."""
    file = Path("requirements-conformance.txt")
    unknown = (
        "# The template came from a folder without a published address: write it here, as in\n"
        "# service-conformance @ git+https://HOST/PATH@COMMIT"
    )
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(PLACEHOLDER, requirement or unknown), encoding="utf-8")


if __name__ == "__main__":
    if "{{ cookiecutter.events }}" == "none":
        remove(EVENTS)
    write_env()
    # Escaped, so that no path can end the literal.
    requirement = kit_requirement(
        unquote("{{ cookiecutter.get('_repo_dir', '') | urlencode }}"),
        unquote("{{ cookiecutter.get('_template', '') | urlencode }}"),
        "{{ cookiecutter.get('_commit', '') }}",
    )
    name_kit(requirement)
