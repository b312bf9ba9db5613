"""Does with its target what an audit does, as a process to interrupt: `starts.py CONFIG`, in JSON."""

import json
import sys
import time

from conformance.config import Config
from conformance.target.process import started


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    try:
        with started(Config.model_validate(json.loads(sys.argv[1])), say):
            say("audits")
            time.sleep(600)
    except KeyboardInterrupt:
        say("interrupted")


if __name__ == "__main__":
    main()
