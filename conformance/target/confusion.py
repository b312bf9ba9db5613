"""Tokens that say themselves how they are to be verified, which nobody may ask of them (RFC 8725 §3.1)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NOWHERE = "../../../../../../../../dev/null"
"""A file that is empty on every Unix: as a key it is known to all."""
MOST_KEYS = 3
CURVES: Mapping[str, type[ec.EllipticCurve]] = {
    "ES256": ec.SECP256R1,
    "ES384": ec.SECP384R1,
    "ES512": ec.SECP521R1,
}
SHARED = b"a key that travels in the header of its own token 0123456789"


def confused(
    header: dict[str, Any], payload: dict[str, Any], keys: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Tokens with the same claims, and what each tries; `keys` are the service's public keys (PEM).

    `confused`: signed with the text of a public key as the secret of HS256. `embedded key`: with a key that
    the header brings along (`jwk`, RFC 7515 §4.1.3). `key by path`: with an empty secret, by a `kid` that
    leads out of a folder of keys, or is empty. `unsigned otherwise`: not at all, by an `alg` like `nOnE`.
    """
    own = {k: v for k, v in header.items() if k not in ("alg", "jwk")}
    for pem in list(keys)[:MOST_KEYS]:
        for secret in dict.fromkeys((pem, pem.strip(), pem.strip() + "\n")):
            yield "confused", signed(own | {"alg": "HS256"}, payload, secret.encode())
    yield "embedded key", _embedded(own, payload, str(header.get("alg", "")))
    for kid in (NOWHERE, ""):
        yield "key by path", signed(own | {"alg": "HS256", "kid": kid}, payload, b"")
    for name in ("None", "NONE", "nOnE", ""):
        yield "unsigned otherwise", f"{_parts(own | {'alg': name}, payload)}."


def signed(header: dict[str, Any], payload: dict[str, Any], secret: bytes) -> str:
    """A token by HMAC with SHA-256 (RFC 7518 §3.2) and any secret, which PyJWT rightly refuses some of."""
    said = _parts(header, payload)
    return f"{said}.{_coded(hmac.digest(secret, said.encode(), hashlib.sha256))}"


def foreign(header: dict[str, Any], payload: dict[str, Any], shared: str) -> str:
    """The same claims, signed by the algorithm that the token names with a key that no service knows."""
    algorithm = str(header.get("alg", ""))
    extra = {k: v for k, v in header.items() if k not in ("alg", "typ")}
    key = _private(algorithm)
    if key is not None:
        return jwt.encode(payload, key, algorithm=algorithm, headers=extra)
    return jwt.encode(payload, shared, algorithm if algorithm.startswith("HS") else "HS256", headers=extra)


def public_keys(text: str) -> Iterator[str]:
    """The public keys (SubjectPublicKeyInfo, PEM) of a key in PEM, or of a JWK Set (RFC 7517 §5)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        listed = data.get("keys")
        for jwk in listed if isinstance(listed, list) else [data]:
            key = _of_jwk(jwk) if isinstance(jwk, dict) else None
            if key:
                yield key
        return
    for load in (
        lambda raw: serialization.load_pem_private_key(raw, None).public_key(),
        serialization.load_pem_public_key,
    ):
        try:
            yield _pem(load(text.encode()))
            return
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue


def _of_jwk(jwk: dict[str, Any]) -> str | None:
    kinds: Mapping[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm}
    kind = kinds.get(str(jwk.get("kty")))
    known = {k: v for k, v in jwk.items() if k in ("kty", "n", "e", "crv", "x", "y")}
    try:
        return _pem(kind.from_jwk(known)) if kind else None
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None


def _pem(key: Any) -> str:
    shape = serialization.PublicFormat.SubjectPublicKeyInfo
    text: bytes = key.public_bytes(serialization.Encoding.PEM, shape)
    return text.decode()


@lru_cache
def _private(algorithm: str) -> Any:
    """A fresh private key for an algorithm; None where it has none, or none that is made here."""
    if algorithm[:2] in ("RS", "PS"):
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(CURVES[algorithm]()) if algorithm in CURVES else None


def _embedded(header: dict[str, Any], payload: dict[str, Any], algorithm: str) -> str:
    key = _private(algorithm)
    if key is None:
        jwk = {"kty": "oct", "k": _coded(SHARED)}
        return signed(header | {"alg": "HS256", "jwk": jwk}, payload, SHARED)
    maker: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    known = json.loads(maker.to_jwk(key.public_key()))
    extra = {k: v for k, v in header.items() if k != "typ"}
    return jwt.encode(payload, key, algorithm=algorithm, headers=extra | {"jwk": known})


def _parts(header: dict[str, Any], payload: dict[str, Any]) -> str:
    return ".".join(_coded(json.dumps(part).encode()) for part in (header, payload))


def _coded(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
