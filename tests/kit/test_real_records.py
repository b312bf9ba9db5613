"""What real services answered, where a rule once raised a false alarm; docs/real-services.md tells more.

Each file is a saved record, cut down to the exchanges of the alarm and the operations that they call.
"""

from pathlib import Path

import pytest

from conformance.judge.runner import judge
from conformance.model.archive import load
from conformance.rules import catalogue

RECORDS = Path(__file__).parent / "real_records"
ALARMS = {
    # A PUT below another parent makes a second child there, which PATCH and DELETE then rightly find.
    "kinto_put_creates.json": ("API028", "passed"),
    # Kinto asks for permission before it looks whether there is such a thing.
    "kinto_403_first.json": ("ERR004", "not_applicable"),
    # The document requires `code`, `errno` and `error`, and lets errors leave out `message` and `details`.
    "kinto_optional_members.json": ("ERR005", "passed"),
}


@pytest.mark.parametrize("name", ALARMS)
def test_no_false_alarm(name: str) -> None:
    archive = load(RECORDS / name)
    rule, outcome = ALARMS[name]
    (verdict,) = judge(
        [catalogue.rules[rule]],
        archive.record,
        archive.service,
        read_only=archive.read_only,
        selected=set(archive.service.selected),
    )
    assert [o.message for f in verdict.findings for o in f.observations] == []
    assert verdict.outcome == outcome


def test_every_record_is_judged() -> None:
    assert {path.name for path in RECORDS.iterdir()} == set(ALARMS)
