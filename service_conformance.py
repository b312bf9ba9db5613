"""Where the script `service-conformance` starts, under a name that no folder of a user's has.

PYTHONPATH comes before what is installed: a folder `conformance` there, or a module named like one of the
kit's dependencies, would be taken for it. So what PYTHONPATH names goes last before the kit is imported.
It stays on the path, as the kit may be installed there.
"""

import os
import sys


def main() -> None:
    """Run the command line; see `conformance.cli`."""
    named = {os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)}  # noqa: PTH100 (pathlib imports what PYTHONPATH may shadow)
    sys.path.sort(key=lambda entry: os.path.abspath(entry) in named)  # noqa: PTH100 (as above)
    from conformance.cli import main as run

    run()
