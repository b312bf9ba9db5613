"""Where hypothesis, which generates for the fuzzer, keeps its notes while an audit runs."""

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ENCODABLE = ((0, 0xD7FF), (0xE000, 0x10FFFF))
"""What UTF-8 can write: all code points but the surrogates (RFC 3629 §3)."""


@contextmanager
def elsewhere() -> Iterator[None]:
    """Hypothesis would keep its notes in the working directory: they go with the audit."""
    from hypothesis.configuration import set_hypothesis_home_dir  # slow to import

    with tempfile.TemporaryDirectory(prefix="service-conformance-") as folder:
        set_hypothesis_home_dir(folder)
        try:
            _spare()
            yield
        finally:
            set_hypothesis_home_dir(None)


def _spare() -> None:
    """Spare it work that takes a second or more of each audit. Where another version does it elsewhere, it
    does so after all.

    It would encode a million characters to see which can be. And it would read the source of modules that
    are not installed for constants to try: those of the kit say nothing of a service, and what is tried must
    not depend on how the kit is installed.
    """
    with suppress(ImportError, AttributeError):
        from hypothesis.internal.conjecture import providers

        providers._seen_modules.update(map(id, sys.modules.values()))  # noqa: SLF001 - it has no other door
    with suppress(ImportError, OSError, TypeError):
        from hypothesis.internal.charmap import charmap_file

        path = Path(charmap_file("codec-v2-utf-8"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps([ENCODABLE, []]).encode(), mtime=1))
