"""The key that signs tokens (ES256), and its public part, which whoever reads tokens may have."""

import json
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "ES256"
PRIVATE = web.AppKey("private", ec.EllipticCurvePrivateKey)
PUBLIC = web.AppKey("public", str)
ROUTES = web.RouteTableDef()


def keep(app: web.Application, pem: str | None) -> None:
    """Keep the key that a PEM text has, or a fresh one, on the application."""
    key = (
        serialization.load_pem_private_key(pem.encode(), None)
        if pem
        else ec.generate_private_key(ec.SECP256R1())
    )
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("Tokens are signed by ES256: the key must be one of P-256.")
    app[PRIVATE] = key
    shape = serialization.PublicFormat.SubjectPublicKeyInfo
    app[PUBLIC] = key.public_key().public_bytes(serialization.Encoding.PEM, shape).decode()


def sign(app: web.Application, claims: dict[str, Any]) -> str:
    """Return a token with these claims."""
    return jwt.encode(claims, app[PRIVATE], algorithm=ALGORITHM)


def verify(app: web.Application, token: str) -> dict[str, Any]:
    """Return the claims of a token. Raises `jwt.InvalidTokenError`."""
    options: Any = {"require": ["sub", "exp"]}
    claims: dict[str, Any] = jwt.decode(token, app[PUBLIC], algorithms=[ALGORITHM], options=options)
    return claims


@ROUTES.get("/.well-known/jwks.json")
async def jwks(request: web.Request) -> web.Response:
    """Return the public key as a JWK Set (RFC 7517 §5)."""
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(request.app[PRIVATE].public_key()))
    return web.json_response({"keys": [{**key, "use": "sig", "alg": ALGORITHM}]})
