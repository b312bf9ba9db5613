"""A broker that asks for a password or speaks TLS, as `[events.client]` has it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from conformance.config import Config
from conformance.errors import ConformanceError, TargetProblem
from conformance.events.observer import Observer
from conformance.model.record import Record
from tests.faults.harness import SHOP, audit, shop, with_env
from tests.kit.conftest import Cli
from tests.kit.secure_kafka import PASSWORD, USER, Secured, hide, secure_kafka
from tests.kit.test_dependencies import engine

PATIENT = 60.0
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
WRONG = "another-password-0123"
SHOP_RULES = ["EVT003", "EVT004", "EVT005"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def kafka(authority: trustme.CA) -> Iterator[Secured]:
    client = engine()
    if client is None:
        pytest.skip("no Docker engine answers")
    with secure_kafka(client, authority) as found:
        yield found


@pytest.fixture
def ca(authority: trustme.CA, work: Path) -> Path:
    """The certificate of the broker's authority, beside the configuration."""
    authority.cert_pem.write_to_path(work / "ca.pem")
    return work / "ca.pem"


def signed_in(protocol: str, mechanism: str, password: str = PASSWORD) -> dict[str, str]:
    return {
        "security.protocol": protocol,
        "sasl.mechanism": mechanism,
        "sasl.username": USER,
        "sasl.password": password,
    }


def reading(kafka: Secured, protocol: str, client: dict[str, str]) -> Observer:
    """An observer at the listener of that protocol, not yet started."""
    return Observer(kafka[protocol], client, Record(), topics=["posts"], began=time.monotonic())


def refusal(observer: Observer) -> str:
    with pytest.raises(TargetProblem) as caught:
        observer.start()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.docker
@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_messages_come_and_go_where_a_password_is_asked_for(
    kafka: Secured, ca: Path, protocol: str, mechanism: str
) -> None:
    client = signed_in(protocol, mechanism)
    if protocol == "SASL_SSL":
        client["ssl.ca.location"] = str(ca)
    observer = reading(kafka, protocol, client)
    observer.start()
    try:
        observer.produce("posts", b"k", mechanism.encode())
        assert observer.wait_for(lambda m: m.value == mechanism.encode(), PATIENT) is not None
    finally:
        observer.close()


@pytest.mark.docker
@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_a_wrong_password_is_named(kafka: Secured, ca: Path, protocol: str, mechanism: str) -> None:
    client = {**signed_in(protocol, mechanism, WRONG), "ssl.ca.location": str(ca)}
    said = refusal(reading(kafka, protocol, client))
    assert "SASL authentication error: Authentication failed" in said
    assert WRONG not in said


@pytest.mark.docker
@pytest.mark.parametrize(
    ("listener", "client", "why"),
    [
        ("SSL", {"security.protocol": "SSL", "ssl.ca.location": "other"}, "certificate verify failed"),
        ("SSL", {"security.protocol": "SSL"}, "certificate verify failed"),
        ("SSL", {}, "no answer to `security.protocol` plaintext"),
        ("SASL_SSL", {}, "no answer to `security.protocol` plaintext"),
        ("SASL_PLAINTEXT", {}, "no answer to `security.protocol` plaintext"),
        # Whether the client gets to say that it may be a PLAINTEXT listener is a matter of moments.
        ("PLAINTEXT", {"security.protocol": "SSL"}, "SSL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.values()),
)
def test_what_is_wrong_with_the_way_to_the_broker_is_named(
    kafka: Secured, tmp_path: Path, listener: str, client: dict[str, str], why: str
) -> None:
    if "ssl.ca.location" in client:
        client = {**client, "ssl.ca.location": str(tmp_path / "other.pem")}
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    assert why in refusal(reading(kafka, listener, client))


@pytest.mark.docker
def test_a_topic_that_may_not_be_read_is_named(kafka: Secured) -> None:
    hide(kafka["PLAINTEXT"], "hidden")
    client = signed_in("SASL_PLAINTEXT", "PLAIN")
    observer = Observer(kafka["SASL_PLAINTEXT"], client, Record(), topics=["hidden"], began=time.monotonic())
    observer.start()
    try:
        with pytest.raises(TargetProblem, match="does not let hidden be read"):
            observer.wait_for(lambda _message: True, PATIENT)
    finally:
        observer.close()


def configured(kafka: Secured, folder: Path, **client: str) -> Config:
    """The shop with its own way to the broker, and another for the kit."""
    config = with_env(shop(), KAFKA_BOOTSTRAP_SERVERS=kafka["PLAINTEXT"])
    found: dict[str, Any] = {"broker": kafka["SASL_SSL"], "client": client}
    events = config.events.model_copy(update={**found, "released": None})
    target = config.target.model_copy(update={"cwd": str(SHOP.parents[3])})
    return config.model_copy(update={"events": events, "folder": folder, "target": target})


@pytest.mark.slow
@pytest.mark.docker
def test_a_service_is_audited_through_sasl_and_tls(kafka: Secured, ca: Path) -> None:
    client = {**signed_in("SASL_SSL", "SCRAM-SHA-512"), "ssl.ca.location": ca.name}
    found = audit(configured(kafka, ca.parent, **client), SHOP_RULES)
    assert {v.rule.id: v.outcome for v in found.verdicts} == dict.fromkeys(SHOP_RULES, "passed")


@pytest.mark.slow
@pytest.mark.docker
def test_without_the_password_there_is_no_audit(kafka: Secured, ca: Path) -> None:
    client = {**signed_in("SASL_SSL", "SCRAM-SHA-512", WRONG), "ssl.ca.location": ca.name}
    with pytest.raises(ConformanceError, match="Authentication failed"):
        audit(configured(kafka, ca.parent, **client), SHOP_RULES)


FILE = """
[target]
command = "python -m tests.reference.faststream_shop --port {{port}}"
cwd = "{cwd}"
env = {{ SHOP_DATABASE = "{{tmp}}/shop.db", KAFKA_BOOTSTRAP_SERVERS = "{plain}" }}

[accounts]
sign_up = "POST /customers"
sign_in = "POST /sign-in"

[events]
asyncapi = "/asyncapi.json"
broker = "{secure}"
publishes = {{ "POST /articles" = ["ArticleListed"] }}

[events.client]
"security.protocol" = "SASL_SSL"
"sasl.mechanism" = "SCRAM-SHA-256"
"sasl.username" = "{user}"
"sasl.password" = "{password}"
"ssl.ca.location" = "{ca}"
"""


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize(
    ("password", "ca_name", "code", "said"),
    [
        (PASSWORD, "ca.pem", 0, ""),
        (WRONG, "ca.pem", 3, "Authentication failed"),
        (PASSWORD, "other.pem", 3, "certificate verify failed"),
        (PASSWORD, "missing.pem", 2, "`ssl.ca.location` in [events.client] names no file"),
    ],
    ids=["right", "wrong password", "wrong authority", "no file"],
)
def test_the_command_line_says_it_in_one_sentence(
    cli: Cli, kafka: Secured, ca: Path, password: str, ca_name: str, code: int, said: str
) -> None:
    trustme.CA().cert_pem.write_to_path(ca.parent / "other.pem")
    text = FILE.format(
        cwd=SHOP.parents[3],
        plain=kafka["PLAINTEXT"],
        secure=kafka["SASL_SSL"],
        user=USER,
        password=password,
        ca=ca_name,
    )
    (ca.parent / "conformance.toml").write_text(text, encoding="utf-8")
    ended = cli("audit", "--rule", "EVT004", own=True)
    assert ended.code == code
    assert password not in ended.out + ended.err
    if said:
        assert said in ended.sentence
        assert "Traceback" not in ended.err
