"""A record in a file, to be judged again later: without any secret, and with the same verdicts."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance.errors import ConformanceError, UsageProblem
from conformance.events import declared
from conformance.events.consumed import Consumed
from conformance.model.message import Message
from conformance.model.operation import Listing
from conformance.model.record import Exchange, Headers, Record, Request, Response
from conformance.model.resources import Resource
from conformance.model.service import Principal, Service
from conformance.report.files import write_whole
from conformance.target.credentials import is_credential_header, read_json
from conformance.target.openapi import parse
from conformance.target.secrets import MARK, Secrets
from conformance.target.undeclared import ASKED, protected

VERSION = 1
OPERATIONS = ("create", "read", "list", "replace", "patch", "delete")
SEVERAL = ("lookups", "actions", "bulk")


@dataclass
class Archive:
    """What a file holds: all that rules are asked with, and of what audit it was.

    `about` is whatever else the audit wants to know again (its target, its seed), as JSON data.
    """

    record: Record
    service: Service
    base: str
    read_only: bool
    about: dict[str, Any] = field(default_factory=dict)


def save(path: Path, archive: Archive, secrets: Secrets) -> None:
    """Write the archive, compressed where the name ends in `.gz`.

    Learns the secrets of the record first; each is replaced by a mark of its own, so that values
    that were equal stay equal. Raises `UsageProblem` where the file cannot be written.
    """
    for exchange in archive.record:
        secrets.learn_exchange(exchange)
    for message in archive.record.messages:
        secrets.learn_message(message)
    for principal in (*archive.service.principals, *archive.service.disabled):
        secrets.learn_headers({**principal.headers, **(principal.expired_headers or {})})
    # Were they blanked, the document would no longer be the one that was judged.
    known = secrets.without(_names(archive.service.document.raw))
    text = json.dumps(_Writer(known).archive(archive), separators=(",", ":"))
    data = text.encode("ascii")
    write_whole(path, gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def load(path: Path) -> Archive:
    """Read an archive. Raises `UsageProblem` where it is none, is damaged, or is of another version."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}.") from error
    try:
        saved = json.loads(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)
        version = saved["archive_version"]
        if version != VERSION:
            raise UsageProblem(f"{path} is a record of version {version}; this kit reads version {VERSION}.")
        return _read(saved)
    except UsageProblem:
        raise
    except (
        ConformanceError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise UsageProblem(f"{path} is no record of an audit, or is damaged.") from error


class _Writer:
    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def archive(self, archive: Archive) -> dict[str, Any]:
        service = archive.service
        return {
            "archive_version": VERSION,
            "base": self._data(archive.base),
            "read_only": archive.read_only,
            "selected": sorted(service.selected),
            "about": self._data(archive.about),
            "document": {
                "source": self._data(service.document.source),
                "raw": self._data(_as_json(service.document.raw)),
            },
            "undeclared": sorted(op.label for op in service.document.operations if ASKED in op.security),
            "resources": [_resource(resource) for resource in service.resources],
            "accounts": service.accounts.label if service.accounts else None,
            "why_no_principals": self._data(service.why_no_principals),
            "principals": [self._principal(p) for p in (*service.principals, *service.disabled)],
            "interrupted": archive.record.interrupted,
            "exchanges": [self._exchange(exchange) for exchange in archive.record],
            "consumes": self._data([asdict(consumed) for consumed in service.consumes]),
            "means": sorted(service.means),
            "events": service.events and self._data(_as_json(declared.as_data(service.events))),
            "messages": [self._message(message) for message in archive.record.messages],
            "waits": archive.record.waits,
            "calm_until": archive.record.calm_until,
        }

    def _message(self, message: Message) -> dict[str, Any]:
        return {
            "number": message.number,
            "topic": message.topic,
            "partition": message.partition,
            "offset": message.offset,
            "timestamp": message.timestamp,
            "seen": message.seen,
            "ours": message.ours,
            "key": None if message.key is None else self._body(message.key),
            "value": None if message.value is None else self._body(message.value),
            "headers": [
                (name, None if value is None else self._body(value)) for name, value in message.headers
            ],
        }

    def _principal(self, principal: Principal) -> dict[str, Any]:
        gone = principal.expired_headers
        return {
            "name": principal.name,
            "state": principal.state,
            "identity": self._data(sorted(principal.identity)),
            "headers": self._credentials(principal.headers),
            "expired_headers": None if gone is None else self._credentials(gone),
        }

    def _exchange(self, exchange: Exchange) -> dict[str, Any]:
        request, response = exchange.request, exchange.response
        return {
            "number": exchange.number,
            "scenario": exchange.scenario,
            "trace": self._data(exchange.trace),
            "step": exchange.step,
            "operation": exchange.operation,
            "principal": exchange.principal,
            "started": exchange.started,
            "facts": self._data(exchange.facts),
            "failure": self._data(exchange.failure),
            "request": {
                "method": request.method,
                "url": self._data(request.url),
                "headers": self._headers(request.headers),
                **self._body(request.body),
            },
            "response": response
            and {
                "status": response.status,
                "elapsed": response.elapsed,
                "headers": self._headers(response.headers),
                **self._body(response.body),
            },
        }

    def _data(self, data: Any) -> Any:
        return self._secrets.clean_data(data, numbered=True)

    def _credentials(self, headers: Mapping[str, str]) -> dict[str, str]:
        return dict(self._headers(tuple(headers.items())))

    def _headers(self, headers: Headers) -> list[tuple[str, str]]:
        """Cleaned; a short credential, which is not remembered as a secret, goes as well."""
        cleaned = []
        for name, value in headers:
            shown = self._secrets.clean(value, numbered=True)
            hide = shown == value and is_credential_header(name) and name.lower() != "set-cookie"
            cleaned.append((name, MARK if hide else shown))
        return cleaned

    def _body(self, body: bytes) -> dict[str, str]:
        cleaned = self._secrets.clean_bytes(body, numbered=True)
        if cleaned != body and (data := read_json(body)) is not None and read_json(cleaned) is None:
            # A secret that was a number: a mark in its place is no JSON, a text with the mark is.
            cleaned = json.dumps(self._data(data)).encode()
        try:
            return {"body": cleaned.decode()}
        except UnicodeDecodeError:
            return {"body_base64": base64.b64encode(cleaned).decode()}


def _names(node: Any) -> Iterator[str]:
    """The keys of a document: paths, fields, components, security schemes."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            yield from map(str, node)
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def _as_json(raw: dict[str, Any]) -> Any:
    """A document as JSON has it: YAML also knows dates, and numbers as keys."""
    return json.loads(json.dumps(raw, default=str))


def _resource(resource: Resource) -> dict[str, Any]:
    operations = {name: getattr(resource, name) for name in OPERATIONS}
    listing = resource.list.listing if resource.list else None
    return {
        "name": resource.name,
        "parameter": resource.parameter,
        "key": resource.key,
        "envelope": resource.envelope,
        **{name: operation and operation.label for name, operation in operations.items()},
        "item": resource.item,
        **{name: [op.label for op in getattr(resource, name)] for name in SEVERAL},
        "unique": list(resource.unique),
        "above": resource.above,
        "listing": asdict(listing) if listing else None,
    }


def _read(saved: dict[str, Any]) -> Archive:
    document = parse(json.dumps(saved["document"]["raw"]), saved["document"]["source"])
    document = protected(document, frozenset(saved.get("undeclared", ())))
    by_label = {operation.label: operation for operation in document.operations}
    for entry in saved["resources"]:
        if entry.get("listing"):
            by_label[entry["list"]] = replace(by_label[entry["list"]], listing=Listing(**entry["listing"]))
    document = replace(document, operations=tuple(by_label.values()))

    def resource(entry: dict[str, Any]) -> Resource:
        values: dict[str, Any] = {name: entry[name] and by_label[entry[name]] for name in OPERATIONS}
        values |= {name: tuple(by_label[label] for label in entry.get(name, ())) for name in SEVERAL}
        values |= {"item": entry.get("item", ""), "unique": tuple(entry.get("unique", ()))}
        values |= {"above": entry.get("above"), "envelope": entry.get("envelope")}
        return Resource(entry["name"], entry["parameter"], entry["key"], **values)

    principals = [_principal(entry) for entry in saved["principals"]]
    service = Service(
        document=document,
        resources=tuple(resource(entry) for entry in saved["resources"]),
        principals=[p for p in principals if p.state == "active"],
        disabled=[p for p in principals if p.state == "disabled"],
        accounts=saved["accounts"] and by_label[saved["accounts"]],
        why_no_principals=saved["why_no_principals"],
        selected=frozenset(saved["selected"]),
        events=declared.from_data(saved["events"]) if saved.get("events") else None,
        consumes=tuple(Consumed(**entry) for entry in saved.get("consumes", ())),
        means=frozenset(saved.get("means", ())),
    )
    return Archive(
        record=Record(
            [_exchange(entry) for entry in saved["exchanges"]],
            saved["interrupted"],
            [_message(entry) for entry in saved.get("messages", ())],
            saved.get("waits", {}),
            _pair(saved.get("calm_until")),
        ),
        service=service,
        base=saved["base"],
        read_only=saved["read_only"],
        about=saved["about"],
    )


def _principal(entry: dict[str, Any]) -> Principal:
    return Principal(**{**entry, "identity": frozenset(entry["identity"])})


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry.pop("request"), entry.pop("response")
    return Exchange(
        request=Request(request["method"], request["url"], _pairs(request), _bytes(request)),
        response=response
        and Response(response["status"], _pairs(response), _bytes(response), response["elapsed"]),
        **entry,
    )


def _message(entry: dict[str, Any]) -> Message:
    def read(part: dict[str, Any] | None) -> bytes | None:
        return None if part is None else _bytes(part)

    headers = tuple((name, read(value)) for name, value in entry["headers"])
    return Message(
        **{**entry, "headers": headers, "key": read(entry["key"]), "value": read(entry["value"])},
    )


def _pair(numbers: list[int] | None) -> tuple[int, int] | None:
    return None if numbers is None else (numbers[0], numbers[1])


def _pairs(entry: dict[str, Any]) -> Headers:
    return tuple((name, value) for name, value in entry["headers"])


def _bytes(entry: dict[str, Any]) -> bytes:
    if "body" in entry:
        return str(entry["body"]).encode()
    return base64.b64decode(entry["body_base64"], validate=True)
