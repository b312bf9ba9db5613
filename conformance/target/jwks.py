"""Where a service shows the keys that verify its tokens."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.errors import TargetProblem
from conformance.model.service import Service
from conformance.target.confusion import public_keys
from conformance.target.transport import Transport

SETS = ("/.well-known/jwks.json",)
DISCOVERY = "/.well-known/openid-configuration"
WORDS = ("jwks", "jwk_set", "certs", "public_key", "public-key")


def shown_keys(service: Service, transport: Transport, headers: Mapping[str, str]) -> list[str]:
    """The public keys (PEM) at the operations and the addresses that are usual, each once.

    What is on another host is not asked. Raises `Stopped` where the time is up.
    """
    found: list[str] = []
    for url in dict.fromkeys(_addresses(service, transport)):
        found += public_keys(_text(transport, url, headers))
    return list(dict.fromkeys(found))


def _addresses(service: Service, transport: Transport) -> Iterator[str]:
    """Sets of keys: by the document, at the usual places, where OpenID Connect's discovery leads (§4.2)."""
    for operation in service.document.operations:
        asked = operation.method == "GET" and not operation.path_names
        if asked and any(word in operation.path.lower() for word in WORDS):
            yield transport.base + operation.path
    yield from (base + path for base in (transport.origin, transport.base) for path in SETS)
    schemes = service.document.security_schemes.values()
    declared = [str(s["openIdConnectUrl"]) for s in schemes if s.get("openIdConnectUrl")]
    for url in dict.fromkeys((*declared, transport.origin + DISCOVERY)):
        try:
            told: Any = json.loads(_text(transport, url, {}))
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict) and isinstance(told.get("jwks_uri"), str):
            yield told["jwks_uri"]


def _text(transport: Transport, url: str, headers: Mapping[str, str]) -> str:
    """What an address of the target answers; empty where that is no success."""
    try:
        answer = transport.fetch(url, headers)
    except TargetProblem:
        return ""
    return answer.body.decode(errors="replace") if answer.ok else ""
