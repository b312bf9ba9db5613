"""Joins the declared events to the broker: what is read while the audit goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from conformance.config import Config
from conformance.errors import UsageProblem
from conformance.events.declared import Declared
from conformance.events.observer import Observer
from conformance.events.obtain import obtain
from conformance.model.service import Service
from conformance.target.dependencies import external_broker
from conformance.target.document import Credentials
from conformance.target.process import Running
from conformance.target.transport import Transport

PROBE = "probe"
"""librdkafka looks for the system's certificates itself."""
OWN = '{bootstrap_servers} in the service\'s `env` ([target]), or `broker = "HOST:PORT"` in [events]'
GIVEN = '`broker = "HOST:PORT"` in [events]: the broker that the service at this address uses'


def declare(
    config: Config, service: Service, transport: Transport, credentials: Credentials, running: Running | None
) -> Declared | None:
    """The declared events, and whether their broker can be read; None where none are declared."""
    declared = obtain(config, service, transport, credentials)
    if declared is None:
        return None
    if _bootstrap(config, running) is None:
        return replace(declared, unseen=OWN if running else GIVEN)
    alone = running is not None and external_broker(config.events.broker) is None
    return replace(declared, alone=alone)


@contextmanager
def watching(
    config: Config, service: Service, transport: Transport, running: Running | None
) -> Iterator[Observer | None]:
    """An observer of the declared topics while it lasts; None where there is nothing to see.

    Raises `TargetProblem` where the broker does not answer.
    """
    declared, bootstrap = service.events, _bootstrap(config, running)
    if declared is None or bootstrap is None:
        yield None
        return
    observer = Observer(
        bootstrap,
        _client(config),
        transport.record,
        topics=declared.topics,
        began=transport.began,
        everything=declared.alone,
    )
    observer.start()
    try:
        yield observer
    finally:
        observer.close()


def _client(config: Config) -> dict[str, str]:
    """librdkafka's properties, the files among them beside the configuration. Raises `UsageProblem`."""
    found = dict(config.events.client)
    for name, value in found.items():
        if not name.endswith(".location") or value == PROBE:
            continue
        path = config.folder / value
        if not path.exists():
            raise UsageProblem(f"`{name}` in [events.client] names no file: {path}.")
        found[name] = str(path.resolve())
    return found


def _bootstrap(config: Config, running: Running | None) -> str | None:
    return running.bootstrap_servers if running else external_broker(config.events.broker)
