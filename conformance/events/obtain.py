"""Finds out which events a service declares, and which operation publishes what."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from conformance.config import Config
from conformance.config import Events as Settings
from conformance.errors import TargetProblem, Unreachable, UsageProblem
from conformance.events import asyncapi
from conformance.events.convention import publishes as by_convention
from conformance.events.declared import Declared, EventMessage, SaidBy
from conformance.model.operation import Schema
from conformance.model.service import Service
from conformance.target.document import Credentials, fetch
from conformance.target.transport import Transport

DEFAULT = "/asyncapi.json"


def obtain(
    config: Config, service: Service, transport: Transport, credentials: Credentials
) -> Declared | None:
    """The declared events, from the configuration or the usual address; None where there are none.

    Raises `TargetProblem` and `UsageProblem` where what the configuration names is not to be had.
    """
    settings = config.events
    if settings.schemas is not None:
        raw, source = {}, settings.schemas
        messages = _from_folder(config.folder / settings.schemas, settings)
    else:
        document = _document(config, service, transport, credentials)
        if document is None:
            return None
        raw, source = document.raw, document.source
        messages = document.messages()
    messages = tuple(_configured(message, settings) for message in messages)
    publishes, said_by = _publishes(messages, service, settings)
    return Declared(
        messages=messages,
        publishes=publishes,
        said_by=said_by,
        source=source,
        raw=raw,
        released=_schemas(config.folder / settings.released, "released") if settings.released else {},
        compatibility=settings.compatibility,
        timeout=settings.timeout,
    )


def _document(
    config: Config, service: Service, transport: Transport, credentials: Credentials
) -> asyncapi.AsyncApi | None:
    given = config.events.asyncapi
    expected = given is not None or config.events.publishes or any(op.publishes for op in service.operations)
    try:
        body, source = fetch(given or DEFAULT, config.folder, transport, credentials, "an AsyncAPI document")
        return asyncapi.parse(body, source)
    except Unreachable:
        raise
    except TargetProblem as problem:
        if expected:
            raise TargetProblem(
                f"{problem} Operations publish events: name their AsyncAPI document (asyncapi in [events])."
                if given is None
                else str(problem)
            ) from problem
        return None  # a service without events has no such document


def _configured(message: EventMessage, settings: Settings) -> EventMessage:
    said = next((table for name, table in settings.messages.items() if name in message.names), None)
    if said is None:
        return message
    return replace(message, key=said.key or message.key, topic=said.topic or message.topic)


def _publishes(
    messages: tuple[EventMessage, ...], service: Service, settings: Settings
) -> tuple[Mapping[str, tuple[str, ...]], SaidBy]:
    operations = service.document.operations
    if settings.publishes:
        found = {}
        for label, names in settings.publishes.items():
            if not any(op.label == label for op in operations):
                raise UsageProblem(
                    f"`publishes` in [events] names {label!r}, which the document does not have."
                )
            found[label] = names
        return _named(found, messages, "`publishes` in [events]"), "configuration"
    extended = {op.label: op.publishes for op in operations if op.publishes is not None}
    if extended:
        return _named(extended, messages, "x-publishes"), "x-publishes"
    return by_convention(messages, service), "convention"


def _named(
    said: Mapping[str, tuple[str, ...]], messages: tuple[EventMessage, ...], where: str
) -> Mapping[str, tuple[str, ...]]:
    """Names as the messages have them; what no message has stays, for EVT001 to tell."""
    declared = Declared(messages, {}, "configuration", where)
    return {
        label: tuple(found.name if (found := declared.message(name)) else name for name in names)
        for label, names in said.items()
    }


def _from_folder(folder: Path, settings: Settings) -> tuple[EventMessage, ...]:
    """A message for each schema of a folder; its topic is the configuration's to say."""
    found = []
    for name, schema in _schemas(folder, "schemas").items():
        table = settings.messages.get(name)
        if table is None or table.topic is None:
            raise UsageProblem(f"[events.messages.{name}] needs a `topic`: a schema does not tell it.")
        envelope, type_ = asyncapi.envelope_of(None, schema, "")
        found.append(
            EventMessage(name, table.topic, payload=schema, envelope=envelope, type=type_, key=table.key)
        )
    return tuple(found)


def _schemas(folder: Path, key: str) -> dict[str, Schema]:
    """The JSON Schemas of a folder, by the names of their files."""
    if not folder.is_dir():
        raise UsageProblem(f"`{key}` in [events] names no folder: {folder}.")
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageProblem(f"{path} is not a JSON Schema ({type(error).__name__}).") from error
        if not isinstance(schema, dict):
            raise UsageProblem(f"{path} is not a JSON Schema (no object).")
        found[re.sub(r"\.schema$", "", path.stem)] = schema
    if not found:
        raise UsageProblem(f"`{key}` in [events] names a folder without a .json file: {folder}.")
    return found
