"""The faults of all reference services, and how each service is started with one of them."""

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from conformance.config import Config, load
from conformance.model.record import BREAKING
from conformance.rules import catalogue
from tests.faults.conftest import migrate
from tests.faults.harness import flask, orders, shop
from tests.faults.laws import rule_of
from tests.faults.template import EVENT_FAULTS, FAULTS, seeded
from tests.faults.test_events import template, write_schemas
from tests.reference.faststream_shop.faults import FAULTS as SHOP_FAULTS
from tests.reference.flask_library.faults import FAULTS as FLASK_FAULTS
from tests.reference.flask_library.faults import Fault
from tests.reference.orders.faults import FAULTS as ORDERS_FAULTS

ROOT = Path(__file__).parents[2]
SOURCES = {
    "flask": "tests/reference/flask_library",
    "orders": "tests/reference/orders",
    "template": "{{cookiecutter.project_slug}}",
    "shop": "tests/reference/faststream_shop",
}
"""Where each service stands."""

SERVICES: dict[str, tuple[Fault, ...]] = {
    "flask": FLASK_FAULTS,
    "orders": ORDERS_FAULTS,
    "template": (*FAULTS, *EVENT_FAULTS),
    "shop": SHOP_FAULTS,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A service with a fault; without one (`fault` is empty) it must conform."""

    service: str
    fault: str = ""
    law: str = ""

    @property
    def rule(self) -> str | None:
        """The rule that must catch it; None where the tests say that none does."""
        return rule_of(self.fault, self.law)

    def rules(self, *, breaking: bool) -> list[str]:
        """The rules that it is tried on.

        Those that break the broker or the processes cost half a minute or more: without `breaking` they
        are left out, unless the fault's own rule is one of them or there is no fault.
        """
        breakers = {rule.id for rule in catalogue if BREAKING & set(rule.scenarios)}
        every_rule = breaking or not self.fault or self.rule in breakers
        return [rule.id for rule in catalogue if every_rule or rule.id not in breakers]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the template's service needs beside its source: a migrated database, its event schemas."""

    migrated: Path
    released: Path


def every(services: Iterable[str]) -> list[Case]:
    """All faults of these services."""
    return [Case(service, fault.name, fault.law) for service in services for fault in SERVICES[service]]


def tree(service: str) -> str:
    """Sixteen hex digits of the kit's source, and of the service's with its faults."""
    digest = hashlib.sha256()
    for folder in ("conformance", "tests/faults", SOURCES[service]):
        files = (file for file in (ROOT / folder).rglob("*") if file.is_file())
        for file in sorted(file for file in files if "__pycache__" not in file.parts):
            digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def sample(cases: Iterable[Case], size: int | None, seed: int) -> list[Case]:
    """So many of them, spread evenly over the laws and within a law over the services; all for None."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    strata: dict[str, dict[str, list[Case]]] = {}
    for case in cases:
        strata.setdefault(case.law, {}).setdefault(case.service, []).append(case)
    laws = []
    for services in strata.values():
        queues = list(services.values())
        for queue in queues:
            chance.shuffle(queue)
        chance.shuffle(queues)
        laws.append([case for turn in zip_longest(*queues) for case in turn if case])
    chance.shuffle(laws)
    return [case for turn in zip_longest(*laws) for case in turn if case][:size]


def prepare(folder: Path) -> Prepared:
    """Make once what all copies of the template's service share."""
    released = folder / "released"
    released.mkdir()
    service = seeded(None, folder)
    write_schemas(service, released)
    return Prepared(migrate(service), released)


def configuration(case: Case, prepared: Prepared, folder: Path) -> Config:
    """How the service is started with the fault in it; a copy of its source goes into `folder`."""
    if case.service == "flask":
        return flask(case.fault)
    if case.service == "orders":
        return orders(case.fault)
    if case.service == "shop":
        return shop(case.fault)
    fault = next((f for f in SERVICES["template"] if f.name == case.fault), None)
    copy = seeded(fault, folder)
    if fault and any(edit.file.startswith("alembic/") for edit in fault.edits):
        return load(copy / "conformance.toml", copy)
    return template(copy, prepared.migrated, prepared.released)
