"""`python -m tests.reference.orders --port N`, with `FAULT=name` for one fault."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from .faults import find
from .loader import load


def main() -> int:
    """Serve until interrupted or terminated; return the exit status (2: there is no such fault)."""
    parser = argparse.ArgumentParser(prog="orders", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    try:
        fault = find(os.environ.get("FAULT", ""))
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        app = load(fault, Path(folder))(os.environ.get("JWT_KEY"))
        web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, shutdown_timeout=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
