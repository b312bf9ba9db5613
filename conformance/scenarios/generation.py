"""Where hypothesis, which generates for the fuzzer, keeps its notes while an audit runs."""

import gzip
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

ENCODABLE = ((0, 0xD7FF), (0xE000, 0x10FFFF))
"""What UTF-8 can write: all code points but the surrogates (RFC 3629 §3)."""


@contextmanager
def elsewhere() -> Iterator[None]:
    """Hypothesis would keep its notes in the working directory: they go with the audit."""
    with tempfile.TemporaryDirectory(prefix="service-conformance-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            _spare()
            yield
        finally:
            set_hypothesis_home_dir(None)


def _spare() -> None:
    """Give it what it would find out by encoding a million characters, a second or more of each audit.

    Where another version looks elsewhere, it does so after all.
    """
    with suppress(ImportError, OSError, TypeError):
        from hypothesis.internal.charmap import charmap_file

        path = Path(charmap_file("codec-v2-utf-8"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps([ENCODABLE, []]).encode(), mtime=1))
