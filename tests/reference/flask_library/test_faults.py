"""Every law holds on the service as it is, and every fault breaks the law that it names."""

import re
from collections import Counter
from pathlib import Path

import pytest

from .faults import FAULTS, Fault, find
from .laws import LAWS
from .laws.library import Library
from .loader import app_factory
from .service import create_app


@pytest.mark.parametrize("key", LAWS)
def test_law_holds(key: str, tmp_path: Path) -> None:
    LAWS[key](Library(create_app, tmp_path))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_breaks_its_law(fault: Fault, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = Library(app_factory(fault), tmp_path)
    with pytest.raises(AssertionError):
        LAWS[fault.law](library)
    crashed = any(record.levelname == "ERROR" for record in caplog.records)
    assert crashed == bool(re.search("500|crash", fault.title)), "it breaks otherwise than its title says"


def test_every_law_has_two_faults() -> None:
    count = Counter(fault.law for fault in FAULTS)
    assert count.keys() == LAWS.keys()
    assert min(count.values()) >= 2


def test_names_and_titles_are_unique() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.title for fault in FAULTS}) == len(FAULTS)


def test_unknown_fault_is_named_with_its_nearest() -> None:
    with pytest.raises(LookupError, match="no fault named 'offset_ignord'; did you mean 'offset_ignored'"):
        find("offset_ignord")
    assert find("") is None
