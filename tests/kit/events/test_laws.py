"""Each law of the event contract on a service with a broker: kept, and broken in several ways."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.config import Config
from conformance.judge.runner import Verdict
from conformance.target.dependencies import provided
from tests.faults.harness import audit

SERVICE = Path(__file__).with_name("orders.py")
RULES = [f"EVT{number:03}" for number in range(1, 19)]

FAULTS = [
    ("EVT001", "dangling"),
    ("EVT001", "foreign message"),
    ("EVT001", "unnamed"),
    ("EVT002", "no key declared"),
    ("EVT002", "no headers declared"),
    ("EVT003", "lost"),
    ("EVT003", "every third lost"),
    ("EVT003", "no update told"),
    ("EVT003", "sent twice"),
    ("EVT003", "told twice"),
    ("EVT004", "no key"),
    ("EVT004", "random key"),
    ("EVT004", "one key"),
    ("EVT005", "stale data"),
    ("EVT005", "shortened data"),
    ("EVT006", "refused told"),
    ("EVT006", "told before it is stored"),
    ("EVT006", "refused update told"),
    ("EVT006", "gone told"),
    ("EVT006", "half of a bulk told"),
    ("EVT007", "read told"),
    ("EVT007", "list told"),
    ("EVT008", "unchanged told"),
    ("EVT008", "told without a change"),
    ("EVT009", "no source"),
    ("EVT009", "old version"),
    ("EVT009", "header missing"),
    ("EVT010", "wrong type"),
    ("EVT010", "field missing"),
    ("EVT011", "same id"),
    ("EVT011", "id of the order"),
    ("EVT012", "no zone"),
    ("EVT012", "time in words"),
    ("EVT012", "time goes back"),
    ("EVT013", "random key"),
    ("EVT013", "swapped"),
    ("EVT014", "password told"),
    ("EVT014", "address told"),
    ("EVT015", "unknown type"),
    ("EVT015", "unknown topic"),
    ("EVT017", "invented"),
    ("EVT017", "told of nobody's order"),
    ("EVT018", "replay told"),
    ("EVT018", "key forgotten"),
]


def config(folder: Path, fault: str = "", envelope: str = "binary", broker: str = "embedded") -> Config:
    """The service of orders on the kit's broker."""
    return Config.model_validate(
        {
            "target": {
                "command": f"{sys.executable} {SERVICE} {{port}} {{bootstrap_servers}}",
                "env": {"FAULT": fault, "ENVELOPE": envelope},
            },
            "events": {"broker": broker, "timeout": 3},
            "folder": folder,
        }
    )


def verdicts(settings: Config) -> dict[str, Verdict]:
    """What became of the rules of publishing."""
    return {verdict.rule.id: verdict for verdict in audit(settings, RULES).verdicts}


@pytest.mark.parametrize("envelope", ["binary", "structured", "plain"])
def test_a_service_that_keeps_them_conforms(tmp_path: Path, envelope: str) -> None:
    found = verdicts(config(tmp_path, envelope=envelope))
    outcomes = {rule: (v.outcome, v.reason) for rule, v in found.items() if v.outcome != "passed"}
    assert outcomes == {"EVT016": ("not_applicable", "the document declares nothing of it")}
    assert found["EVT003"].exercised == 5
    assert found["EVT003"].requests >= 10


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "fault"), FAULTS, ids=[f"{r}-{f.replace(' ', '-')}" for r, f in FAULTS])
def test_a_fault_is_caught(tmp_path: Path, rule: str, fault: str) -> None:
    assert verdicts(config(tmp_path, fault))[rule].outcome == "failed"


def test_a_service_and_a_broker_that_run_already(tmp_path: Path) -> None:
    with provided({"bootstrap_servers"}, "embedded", lambda _text: None) as values:
        broker, port = values["bootstrap_servers"], free_port()
        service = subprocess.Popen([sys.executable, SERVICE, str(port), broker])
        try:
            until_it_answers(port)
            settings = {"target": {"url": f"http://127.0.0.1:{port}"}, "events": {"broker": broker}}
            found = verdicts(Config.model_validate({**settings, "folder": tmp_path}))
            without = verdicts(Config.model_validate({"target": settings["target"], "folder": tmp_path}))
        finally:
            service.kill()
            service.wait()
    # Somebody else may publish on such a broker: what nobody here asked for is not judged.
    others = {"EVT016": "not_applicable", "EVT017": "not_applicable"}
    assert {rule: v.outcome for rule, v in found.items() if v.outcome != "passed"} == others
    assert without["EVT003"].outcome == "not_run"
    assert 'broker = "HOST:PORT"' in (without["EVT003"].requirement or "")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_answers(port: int) -> None:
    """Wait for a server."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError


@pytest.mark.docker
@pytest.mark.slow
def test_a_service_conforms_on_apache_kafka(tmp_path: Path) -> None:
    found = verdicts(config(tmp_path, broker="kafka"))
    assert {rule for rule, v in found.items() if v.outcome != "passed"} == {"EVT016"}
