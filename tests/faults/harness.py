"""Audits a reference service in this process, with a fault or without."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from conformance.audit import Audit, Order, carry_out
from conformance.config import Config, load
from conformance.judge.runner import Verdict
from conformance.model.record import Exchange
from conformance.rules import catalogue
from conformance.scenarios import deep
from conformance.scenarios.quarries import Quarry

REFERENCE = Path(__file__).parents[1] / "reference"
FLASK = REFERENCE / "flask_library" / "conformance.toml"
SHOP = REFERENCE / "faststream_shop" / "conformance.toml"
ORDERS = REFERENCE / "orders" / "conformance.toml"


LONG = pytest.mark.skipif(
    "FAULT_TABLE" not in os.environ, reason="takes long, and others stand for its rule: nox -s faults runs it"
)
"""Marks what is run for the table of faults alone."""


class Silent:
    """A listener that tells nobody."""

    def phase(self, name: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""

    def exchange(self, exchange: Exchange) -> None:
        """Nothing."""


def end_with_first_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the deep lane end with what it finds first."""
    go_on = deep.Hunt.round

    def once(hunt: deep.Hunt, quarry: Quarry) -> None:
        go_on(hunt, quarry)
        hunt.until = 0.0 if hunt.new else hunt.until

    monkeypatch.setattr(deep.Hunt, "round", once)


def with_env(config: Config, **env: str) -> Config:
    """The same configuration with more in the environment of what it starts."""
    target = config.target.model_copy(update={"env": {**config.target.env, **env}})
    return config.model_copy(update={"target": target})


def on_kafka(config: Config) -> Config:
    """The same configuration with Apache Kafka in a container as broker."""
    return config.model_copy(update={"events": config.events.model_copy(update={"broker": "kafka"})})


def audit(config: Config, rules: Iterable[str] = ()) -> Audit:
    """Audit by these rules, or by all."""
    wanted = tuple(rules)
    chosen = tuple(rule for rule in catalogue if not wanted or rule.id in wanted)
    return carry_out(Order(config, chosen), Silent())


def verdicts(config: Config, rules: Iterable[str] = ()) -> dict[str, Verdict]:
    """What became of each rule."""
    return {verdict.rule.id: verdict for verdict in audit(config, rules).verdicts}


def flask(fault: str = "") -> Config:
    """The Flask library with a fault, or as it should be."""
    return with_env(load(FLASK, FLASK.parent), FAULT=fault)


def shop(fault: str = "") -> Config:
    """The FastStream shop with a fault, or as it should be."""
    return with_env(load(SHOP, SHOP.parent), FAULT=fault)


def orders(fault: str = "") -> Config:
    """The orders service with a fault, or as it should be."""
    return with_env(load(ORDERS, ORDERS.parent), FAULT=fault)
