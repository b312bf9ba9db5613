"""`python -m tests.reference.flask_library --port N`, with `FAULT=name` for one fault."""

import argparse
import contextlib
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from .faults import find
from .loader import load


def main() -> int:
    """Serve until interrupted or terminated; return the exit status (2: there is no such fault)."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="flask_library", description=__doc__)
    parser.add_argument("--port", type=int, default=5000)
    port = parser.parse_args().port
    try:
        fault = find(os.environ.get("FAULT", ""))
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    service = load(fault)
    with tempfile.TemporaryDirectory() as folder:
        app = service.create_app(
            {
                "DATABASE": os.environ.get("LIBRARY_DATABASE") or str(Path(folder) / "library.db"),
                "JWT_SECRET": os.environ.get("JWT_SECRET") or secrets.token_hex(32),
            }
        )
        with contextlib.suppress(KeyboardInterrupt):
            service.server.serve(app, port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
