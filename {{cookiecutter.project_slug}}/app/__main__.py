"""`python -m app`: bring the database up to date, then serve on this machine alone.

For development: in production, migrations are a step of their own.
"""

import argparse
from pathlib import Path

import uvicorn
from alembic import command
from alembic.config import Config

from app.config import get_settings


def main() -> None:
    """Migrate and serve."""
    parser = argparse.ArgumentParser(prog="python -m app", description="Migrate the database, then serve.")
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    get_settings()
    command.upgrade(Config(Path(__file__).parents[1] / "alembic.ini"), "head")
    uvicorn.run("app.main:app", host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
