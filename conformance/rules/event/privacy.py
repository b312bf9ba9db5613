"""What must not be in a message: secrets, and personal data that nobody declared."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.events.asyncapi import shape
from conformance.judge.rule import Observation, broken, held, rule
from conformance.model.operation import Schema
from conformance.model.record import Record
from conformance.model.service import Service
from conformance.rules.event.common import NEEDS, SCENARIOS, SECTION, each, named, title, where
from conformance.target.credentials import is_secret_name

NEVER = re.compile(r"passw|passwd|_hash$|^hash|hashed|secret|private_?key", re.IGNORECASE)
"""Names of fields that no event has, declared or not."""
HASH = re.compile(r"^(\$(2[aby]|argon2\w*|scrypt|pbkdf2\w*|[156])\$|pbkdf2_|scrypt:|argon2)")
PERSONAL = re.compile(
    r"(^|_)(e?_?mail|phone|mobile|telephone|birth\w*|ssn|iban|passport|(first|last|full)_?name|street)(_|$)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]+\.[a-z]{2,}", re.IGNORECASE)
SHORTEST = 8
"""Characters of a password or token that is looked for: a shorter one may be a word like any other."""


@rule(
    "EVT014",
    contract="event",
    level="MUST",
    title="No secret or undeclared personal data in an event",
    section=SECTION,
    mend="Give events a model of their own, with the fields that consumers need and no others.",
    applies=named,
    needs=NEEDS,
    scenarios=SCENARIOS,
    silent="no event has data",
)
def private(record: Record, service: Service) -> Iterator[Observation]:
    """No message has a password, a hash of one or a token, nor personal data that its schema does not name.

    A field is secret by its name (`password_hash`), by a value that is a hash of a password, or by being a
    password or token of this audit's own; personal by its name (`email`, `phone`), or by an e-mail address
    as its value. Values are never shown.
    """
    known = _own_secrets(record)
    for event, message in each(record, service):
        headers = {n: (v or b"").decode(errors="replace") for n, v in event.message.headers}
        told = [*_leaves(event.value, message.payload), *((n, v, True) for n, v in headers.items())]
        found = next((w for name, value, own in told if (w := _what(name, value, own, known))), None)
        if found is None:
            yield held(title(message))
            continue
        what, field = found
        yield broken(
            title(message),
            cause=f"{field} {what}",
            message=f"{message.name} carries {what} in `{field}`",
            expected="an event without it",
            actual=f"{what}, not repeated here, in {where(event)}",
        )


def _what(name: str, value: Any, declared: bool, known: frozenset[str]) -> tuple[str, str] | None:
    """What is wrong with a field, and its name; None where nothing is."""
    field = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    text = value if isinstance(value, str) else ""
    if isinstance(value, bool) or value in (None, ""):
        return None
    if text in known or HASH.match(text) or NEVER.search(field):
        return "a secret", name
    if not declared and is_secret_name(field):
        return "a secret", name
    if not declared and (PERSONAL.search(field) or ADDRESS.fullmatch(text)):
        return "personal data that is not declared", name
    return None


def _leaves(data: Any, schema: Schema | None) -> Iterator[tuple[str, Any, bool]]:
    """Each value below names, with the last of them and whether the schema declares it."""
    definitions = (schema or {}).get("$defs") or {}
    stack: list[tuple[str, Any, Schema, bool]] = [("", data, schema or {}, schema is None)]
    while stack:
        name, node, about, declared = stack.pop()
        about = shape({**about, "$defs": definitions})
        variants = [about, *(p for k in ("allOf", "anyOf", "oneOf") for p in about.get(k) or ())]
        shapes = [shape({**v, "$defs": definitions}) for v in variants if isinstance(v, dict)]
        if isinstance(node, dict):
            fields = {k: v for s in shapes for k, v in (s.get("properties") or {}).items()}
            for key, value in node.items():
                below = fields.get(key)
                stack.append((str(key), value, below if isinstance(below, dict) else {}, key in fields))
        elif isinstance(node, list):
            items: Schema = next((s["items"] for s in shapes if isinstance(s.get("items"), dict)), {})
            stack += [(name, item, items, declared) for item in node]
        elif name:
            yield name, node, declared


def _own_secrets(record: Record) -> frozenset[str]:
    """Passwords that were sent, and credentials that requests carried."""
    found: set[str] = set()
    for exchange in record:
        sent = exchange.facts.get("sent")
        if isinstance(sent, dict):
            found |= {v for k, v in sent.items() if is_secret_name(str(k)) and isinstance(v, str)}
        for name, value in exchange.request.headers:
            if name.lower() == "authorization":
                found.add(value.rpartition(" ")[2])
    return frozenset(text for text in found if len(text) >= SHORTEST)
