"""Finishes a bake: removes what was not chosen, and writes `.env` with a secret of its own."""

import secrets
import shutil
from pathlib import Path

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


if __name__ == "__main__":
    if "{{ cookiecutter.events }}" == "none":
        remove(EVENTS)
    write_env()
