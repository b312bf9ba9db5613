"""What is given to hypothesis is what it would have found out, and it looks for it there."""

import subprocess
import sys

from hypothesis.internal.charmap import charmap_file, intervals_from_codec

from conformance.scenarios.generation import ENCODABLE, elsewhere
from tests.kit.conftest import PATIENCE, ROOT

OWN_CONSTANTS = """
from hypothesis.internal.conjecture import providers
from conformance.scenarios.generation import elsewhere
with elsewhere():
    print("service-conformance-" in providers._get_local_constants().strings)
"""


def test_utf8_writes_all_but_the_surrogates() -> None:
    texts = (chr(point) for low, high in ENCODABLE for point in (low, high))
    assert all(text.encode("utf-8") for text in texts)
    for point in (0xD800, 0xDFFF):
        try:
            chr(point).encode("utf-8")
        except UnicodeEncodeError:
            continue
        raise AssertionError(f"{point:x} can be written")


def test_hypothesis_reads_it_from_where_it_is_put() -> None:
    intervals_from_codec.cache_clear()
    with elsewhere():
        before = charmap_file("codec-v2-utf-8").read_bytes()
        encodable, lossy = intervals_from_codec("utf-8")
        assert charmap_file("codec-v2-utf-8").exists()
    assert before
    assert encodable.intervals == ENCODABLE
    assert lossy.intervals == ()


def test_the_kit_s_own_constants_are_not_tried() -> None:
    """In a process of its own: hypothesis keeps what other tests had it read."""
    done = subprocess.run(
        [sys.executable, "-c", OWN_CONSTANTS], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "False\n"
