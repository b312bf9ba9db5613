"""A saved record is judged as the audit was, for every reference service."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.audit import Audit
from conformance.judge.runner import Verdict, judge
from conformance.model.archive import Archive, load, save
from conformance.rules import catalogue
from tests.faults.harness import audit, flask, orders, shop
from tests.faults.template import seeded
from tests.faults.test_template import quick
from tests.kit.test_depot import audited as depot
from tests.reference.flask_library.faults import Fault

pytestmark = pytest.mark.slow
SERVICES: dict[str, Callable[[], Audit]] = {
    "flask": lambda: audit(flask()),
    "flask with a fault": lambda: audit(flask("note_patched_by_all")),
    "orders": lambda: audit(orders()),
    "orders with a fault": lambda: audit(orders("complaint_about_any_order")),
    "shop": lambda: audit(shop()),
    "depot": depot,
    "depot with a fault": lambda: depot(FAULT="size_ignored"),
}


def told(verdicts: list[Verdict]) -> dict[str, object]:
    """What a report has of a verdict, but for its evidence: a short password's is not kept."""
    return {
        v.rule.id: (
            *(v.outcome, v.reason, v.requirement, v.applicable, v.exercised),
            [(g.fingerprint, g.operations) for g in v.findings],
        )
        for v in verdicts
    }


def rejudged(done: Audit, path: Path) -> dict[str, object]:
    """What becomes of the audit's rules when its record has been saved and read."""
    assert done.service
    save(path, Archive(done.record, done.service, done.base, read_only=False), done.secrets)
    again = load(path)
    selected = set(again.service.selected)
    return told(judge(catalogue, again.record, again.service, read_only=again.read_only, selected=selected))


@pytest.mark.parametrize("name", SERVICES)
def test_a_record_is_judged_as_its_audit_was(name: str, tmp_path: Path) -> None:
    done = SERVICES[name]()
    assert rejudged(done, tmp_path / "record.json.gz") == told(done.verdicts)


def test_so_is_the_record_of_the_templates_service(tmp_path: Path, migrated: Path) -> None:
    nothing = Fault("unfaulted", "", "", ())
    done = audit(quick(seeded(None, tmp_path), migrated, nothing))
    assert rejudged(done, tmp_path / "record.json.gz") == told(done.verdicts)
