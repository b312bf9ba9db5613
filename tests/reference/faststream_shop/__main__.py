"""`python -m tests.reference.faststream_shop --port N`, with `FAULT=name` for one fault.

KAFKA_BOOTSTRAP_SERVERS and SHOP_DATABASE say where broker and database are.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import uvicorn

from .faults import find
from .loader import load


def main() -> int:
    """Serve until interrupted or terminated; return the exit status (2: there is no such fault)."""
    parser = argparse.ArgumentParser(prog="faststream_shop", description=__doc__)
    parser.add_argument("--port", type=int, default=5000)
    port = parser.parse_args().port
    try:
        fault = find(os.environ.get("FAULT", ""))
    except LookupError as error:
        sys.stderr.write(f"{error.args[0]}\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("SHOP_DATABASE", str(Path(folder) / "shop.db"))
        uvicorn.run(load(fault, Path(folder)), port=port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
