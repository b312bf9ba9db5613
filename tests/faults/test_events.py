"""The event faults of the template's service and of the shop, each caught by the rule of the law it breaks.

On the embedded broker, and narrow: one rule an audit.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config import Config, load
from conformance.rules import catalogue
from tests.faults.harness import LONG, on_kafka, shop, verdicts, with_env
from tests.faults.laws import EVENT_LAWS, rule_of
from tests.faults.template import EVENT_FAULTS, FAULTS, seeded
from tests.faults.test_breaking import DAILY
from tests.faults.test_breaking import FAULTS as BREAKING_FAULTS
from tests.kit.test_dependencies import engine
from tests.reference.faststream_shop.faults import FAULTS as SHOP_FAULTS
from tests.reference.faststream_shop.loader import seeded as seeded_shop
from tests.reference.flask_library.faults import FAULTS as FLASK_FAULTS
from tests.reference.flask_library.faults import Fault

ALL = (*EVENT_FAULTS, *SHOP_FAULTS)
WAITS = {
    "data_without_envelope",
    "envelope_type_in_lower_case",
    "topic_with_version",
    "shop_channels_left_out",
}
"""Of these services no event is ever recognized, and each is waited for."""
BY_CONSUMERS = {"post_updated_when_counted": ("API004", "API021", "SEC005")}
"""Shown by a consumer, which may join its group only when an audit by one rule is over: what else is asked
before the events gives it the time that it has in any audit of a user's."""


def _with_rules(faults: tuple[Fault, ...]) -> list[tuple[str, Fault]]:
    """Those of the template that a rule catches which breaks something are caught in test_breaking."""
    found = [(rule, fault) for fault in faults if (rule := rule_of(fault.name, fault.law))]
    return [(rule, fault) for rule, fault in found if fault not in BREAKING_FAULTS]


def _daily(faults: tuple[Fault, ...]) -> dict[str, Fault]:
    """One fault a rule."""
    return {rule: fault for rule, fault in reversed(_with_rules(faults)) if fault.name not in WAITS}


def _caught(faults: tuple[Fault, ...]) -> list[object]:
    """The faults with their rules; all but the daily ones are long."""
    found, daily = _with_rules(faults), _daily(faults).values()
    return [
        pytest.param(rule, fault, id=f"{rule}-{fault.name}", marks=[] if fault in daily else [LONG])
        for rule, fault in found
    ]


def template(folder: Path, migrated: Path, released: Path | None = None) -> Config:
    """The service's own configuration, but with a database that is there, and schemas to compare with."""
    config = load(folder / "conformance.toml", folder)
    database = shutil.copy(migrated, folder / "app.db")
    target = config.target.model_copy(update={"setup": ()})
    baseline = {"released": str(released) if released else None, "compatibility": "full"}
    events = config.events.model_copy(update=baseline)
    return with_env(
        config.model_copy(update={"target": target, "events": events}),
        DATABASE_URL=f"sqlite+aiosqlite:///{database}",
        KAFKA_BOOTSTRAP_SERVERS="{bootstrap_servers}",
        KAFKA_CREATE_TOPICS="false",
    )


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas of the template's payloads as they are without a fault."""
    folder = tmp_path_factory.mktemp("released")
    write_schemas(seeded(None, tmp_path_factory.mktemp("baseline")), folder)
    return folder


def write_schemas(service: Path, folder: Path) -> None:
    """Write the schema of each payload that the service in `service` publishes."""
    namespace: dict[str, object] = {}
    source = (service / "app" / "schemas" / "events.py").read_text(encoding="utf-8")
    exec(compile(source, "events.py", "exec"), namespace)  # noqa: S102 - the template's own, which is no package here
    published = namespace["PUBLISHED"]
    assert isinstance(published, tuple)
    for event in published:
        path = folder / f"{event.__name__}.json"
        path.write_text(json.dumps(event.model_json_schema()), encoding="utf-8")


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_fault_applies(fault: Fault, tmp_path: Path) -> None:
    folder = (seeded_shop if fault in SHOP_FAULTS else seeded)(fault, tmp_path)
    for file in {edit.file for edit in fault.edits}:
        compile((folder / file).read_text(encoding="utf-8"), file, "exec")


def test_every_law_has_two_faults() -> None:
    count = Counter(fault.law for fault in ALL)
    assert count.keys() == EVENT_LAWS.keys()
    assert min(count.values()) >= 2


def test_every_rule_has_a_daily_fault() -> None:
    daily = _daily(EVENT_FAULTS).keys() | _daily(SHOP_FAULTS).keys()
    assert daily | DAILY.keys() >= set(EVENT_LAWS.values())


def test_names_and_titles_are_unique() -> None:
    every = (*ALL, *FAULTS, *FLASK_FAULTS)
    assert len({fault.name for fault in every}) == len(every)
    assert len({fault.title for fault in ALL}) == len(ALL)


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "fault"), _caught(EVENT_FAULTS))
def test_rule_catches_fault_of_template(
    rule: str,
    fault: Fault,
    tmp_path: Path,
    migrated: Path,
    released: Path,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("rule", rule)
    record_property("fault", f"template: {fault.name}")
    config = template(seeded(fault, tmp_path), migrated, released)
    wanted = [rule, *BY_CONSUMERS.get(fault.name, ())]
    assert verdicts(config, wanted)[rule].outcome == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "fault"), _caught(SHOP_FAULTS))
def test_rule_catches_fault_of_shop(
    rule: str, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    record_property("rule", rule)
    record_property("fault", f"shop: {fault.name}")
    assert verdicts(shop(fault.name), [rule])[rule].outcome == "failed"


@pytest.mark.slow
def test_unfaulted_shop_conforms() -> None:
    outcomes = {rule: verdict.outcome for rule, verdict in verdicts(shop()).items()}
    # Its tokens are opaque: nobody but itself can make others.
    assert {outcomes.pop(rule) for rule in ("SEC003", "SEC017", "SEC018")} == {"not_run"}
    assert set(outcomes.values()) <= {"passed", "not_applicable"}, outcomes


@pytest.mark.slow
@pytest.mark.docker
def test_unfaulted_shop_conforms_on_kafka() -> None:
    if engine() is None:
        pytest.skip("no Docker engine answers")
    rules = [rule.id for rule in catalogue if rule.contract == "event"]
    outcomes = {rule: verdict.outcome for rule, verdict in verdicts(on_kafka(shop()), rules).items()}
    # It has no operation that takes Idempotency-Key.
    assert outcomes.pop("EVT018") == "not_applicable"
    assert set(outcomes.values()) == {"passed"}, outcomes
