"""Writes the schemas of the payloads, a file a message: `python -m tests.reference.faststream_shop.released`.

What is in the folder is what was released last: write it anew only with a release.
"""

import json
from pathlib import Path

from .service.events import PUBLISHED

FOLDER = Path(__file__).parent / "released"


def main() -> None:
    """Write the folder."""
    FOLDER.mkdir(exist_ok=True)
    for event in PUBLISHED:
        schema = json.dumps(event.model_json_schema(), indent=2)
        (FOLDER / f"{event.__name__}.json").write_text(schema + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
