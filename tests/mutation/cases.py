"""The faults of all reference services, and how each service is started with one of them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from conformance.config import Config, load
from tests.faults.conftest import migrate
from tests.faults.harness import flask, shop
from tests.faults.laws import rule_of
from tests.faults.template import EVENT_FAULTS, FAULTS, seeded
from tests.faults.test_events import template, write_schemas
from tests.reference.faststream_shop.faults import FAULTS as SHOP_FAULTS
from tests.reference.flask_library.faults import FAULTS as FLASK_FAULTS
from tests.reference.flask_library.faults import Fault

SERVICES: dict[str, tuple[Fault, ...]] = {
    "flask": FLASK_FAULTS,
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the template's service needs beside its source: a migrated database, its event schemas."""

    migrated: Path
    released: Path


def every(services: Iterable[str]) -> list[Case]:
    """All faults of these services."""
    return [Case(service, fault.name, fault.law) for service in services for fault in SERVICES[service]]


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
    if case.service == "shop":
        return shop(case.fault)
    fault = next((f for f in SERVICES["template"] if f.name == case.fault), None)
    copy = seeded(fault, folder)
    if fault and any(edit.file.startswith("alembic/") for edit in fault.edits):
        return load(copy / "conformance.toml", copy)
    return template(copy, prepared.migrated, prepared.released)
