"""The AsyncAPI document: valid, complete, and true of the messages that are sent."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from httpx2 import AsyncClient
from jsonschema_rs import Draft7Validator

from app.asyncapi import asyncapi_document
from app.kafka.consumers_registry import CONSUMERS
from app.kafka.settings import KafkaSettings
from app.kafka.topics import topic_names
from app.schemas.events import PUBLISHED, Event, PostCreated, PostDeleted, PostUpdated, UserRegistered
from tests.events_support import NOW, FakeProducer, Sent, post_created
from tests.test_events_relay import make_relay, publish

PARSER = "@asyncapi/parser@3.6.3"
# Severities of the parser: 0 is an error, 1 a warning; 2 and 3 are advice.
WARNING = 1
SETTINGS = KafkaSettings(kafka_client_id="blog")
DOCUMENT = asyncapi_document(SETTINGS, "Blog", "1.2.3")
EVENTS: tuple[Event, ...] = (
    post_created(),
    PostUpdated(id=1, author_id=3, title="x", published=False, updated_at=NOW),
    PostDeleted(id=1, author_id=3),
    UserRegistered(id=3, created_at=NOW),
)


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What a `$ref` of the document points to. Raises KeyError where it dangles."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def references(part: Any) -> Iterator[str]:
    """All `$ref`s."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def errors_of(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value, by a schema of the document."""
    whole = {**DOCUMENT, **schema, "$schema": "http://json-schema.org/draft-07/schema#"}
    validator = Draft7Validator(whole, validate_formats=True)
    return [error.message for error in validator.iter_errors(value)]


async def test_it_is_served_beside_the_api(client: AsyncClient) -> None:
    response = await client.get("/asyncapi.json")
    assert response.status_code == 200
    document = response.json()
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["title"] == (await client.get("/openapi.json")).json()["info"]["title"]
    assert "/asyncapi.json" not in (await client.get("/openapi.json")).json()["paths"]


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 10
    for reference in found:
        assert resolve(DOCUMENT, reference)


def test_every_event_is_declared_with_all_that_a_consumer_needs() -> None:
    messages = DOCUMENT["components"]["messages"]
    assert set(messages) == {event.__name__ for event in PUBLISHED} | {"DeadLetter"}
    sent = {
        reference.rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == "send"
        for reference in references(operation["messages"])
    }
    assert sent == set(messages)
    for event in PUBLISHED:
        message = messages[event.__name__]
        assert set(message["headers"]["required"]) == {
            "ce_id",
            "ce_source",
            "ce_specversion",
            "ce_time",
            "ce_type",
            "content-type",
        }
        assert message["bindings"]["kafka"]["key"]["type"] == "string"
        assert event.__name__ in DOCUMENT["channels"][event.topic]["messages"]
        assert set(resolve(DOCUMENT, message["payload"]["$ref"])["properties"]) == set(event.model_fields)


def test_every_topic_and_group_is_declared() -> None:
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == set(topic_names())
    groups = {
        operation["bindings"]["kafka"]["groupId"]["enum"][0]
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == "receive"
    }
    assert groups == {consumer.group_id("blog") for consumer in CONSUMERS}
    read = {
        reference.rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == "receive"
        for reference in references(operation["messages"])
    }
    assert read == {"PostCreated", "PostDeleted", "UserRegistered"}


def test_the_servers_are_those_of_the_settings() -> None:
    settings = KafkaSettings(kafka_bootstrap_servers="a:1,b:2", kafka_security_protocol="SSL")
    assert asyncapi_document(settings, "Blog", "1")["servers"] == {
        "kafka1": {"host": "a:1", "protocol": "kafka-secure"},
        "kafka2": {"host": "b:2", "protocol": "kafka-secure"},
    }


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_payloads_are_as_declared(event: Event) -> None:
    schema = DOCUMENT["components"]["schemas"][type(event).__name__]
    payload = event.model_dump(mode="json")
    assert errors_of(schema, payload) == []
    for field in payload:
        assert errors_of(schema, {name: value for name, value in payload.items() if name != field})
        assert errors_of(schema, payload | {field: ["of another type"]})


async def test_messages_are_as_declared(app: Any) -> None:
    await publish(app.state.session_factory, 1)
    producer = FakeProducer()
    relay = make_relay(app.state.session_factory, producer, SETTINGS)
    await relay.lease.acquire()
    await relay.send_batch()
    (sent,) = producer.sent
    message = DOCUMENT["components"]["messages"]["PostCreated"]
    assert errors_of(message["headers"], headers_of(sent)) == []
    assert PostCreated.model_validate_json(sent.value or b"")
    for name in headers_of(sent):
        assert errors_of(message["headers"], headers_of(sent) | {name: "\n"}) or name == "ce_id"


def headers_of(sent: Sent) -> dict[str, str]:
    return {name: (value or b"").decode() for name, value in sent.headers}


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where the official parser is installed: once, in the user's cache."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("the official AsyncAPI parser needs node and npm, which are not here")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "asyncapi-parser" / PARSER.rpartition("@")[2]
    if not (folder / "node_modules/@asyncapi/parser/package.json").is_file():
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
        folder.mkdir(parents=True, exist_ok=True)
        installed = subprocess.run(  # noqa: S603 - fixed arguments
            [npm, "install", *options, "--prefix", str(folder), PARSER], capture_output=True, text=True
        )
        if installed.returncode:
            pytest.skip(f"npm cannot install {PARSER}: {installed.stderr.strip().splitlines()[-1:]}")
    return folder / "node_modules"


def official_verdict(node_modules: Path, document: dict[str, Any]) -> list[str]:
    """The errors and warnings of the official parser."""
    script = Path(__file__).with_name("asyncapi_parser.mjs")
    node = shutil.which("node") or "node"
    run = subprocess.run(  # noqa: S603 - fixed arguments
        [node, str(script), str(node_modules)],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        f"{item['code']} at {item['path']}" for item in json.loads(run.stdout) if item["severity"] <= WARNING
    ]


def test_the_official_parser_accepts_it(node_modules: Path) -> None:
    assert official_verdict(node_modules, DOCUMENT) == []


def test_the_official_parser_would_notice(node_modules: Path) -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    broken["operations"]["publishPostCreated"]["channel"]["$ref"] = "#/channels/nowhere"
    assert official_verdict(node_modules, broken)


def test_the_official_schema_accepts_it(node_modules: Path) -> None:
    path = node_modules / "@asyncapi/specs/schemas/3.0.0-without-$id.json"
    schema = cast("dict[str, Any]", json.loads(path.read_text()))
    validator = Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []
    assert not validator.is_valid({**DOCUMENT, "channels": []})
