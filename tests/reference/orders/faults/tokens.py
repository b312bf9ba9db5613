"""Faults of tokens: they say themselves how they are to be verified, and are believed."""

from .fault import Edit, Fault, fault

VERIFIED = (
    "    claims: dict[str, Any] = jwt.decode(token, app[PUBLIC], algorithms=[ALGORITHM], options=options)\n"
)
HEADER = "    header = jwt.get_unverified_header(token)\n"
HMAC = """
def by_secret(token: str, secret: bytes) -> dict[str, Any]:
    said, _, signature = token.rpartition(".")
    digest = hmac.digest(secret, said.encode(), "sha256")
    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != signature:
        raise jwt.InvalidSignatureError("not ours")
    return jwt.decode(token, options={"verify_signature": False, "verify_exp": True})


def verify("""
BY_SECRET = (
    Edit("keys.py", "\ndef verify(", HMAC),
    Edit("keys.py", "import json\n", "import base64\nimport hmac\nimport json\n"),
)
UNVERIFIED = 'options={"verify_signature": False, "verify_exp": True}'


def before(check: str) -> str:
    """The verification with something in front of it."""
    return HEADER + check + VERIFIED


FAULTS: tuple[Fault, ...] = (
    fault(
        "algorithm_of_the_token",
        "algorithm_confusion",
        "A token by HS256 is verified with the public key's text as its secret.",
        "keys.py",
        VERIFIED,
        before('    if header["alg"] == "HS256":\n        return by_secret(token, app[PUBLIC].encode())\n'),
        *BY_SECRET,
    ),
    fault(
        "algorithm_tried_again",
        "algorithm_confusion",
        "A token that ES256 does not verify is tried with a shared secret: the public key, stripped.",
        "keys.py",
        VERIFIED,
        "    try:\n    " + VERIFIED + "    except jwt.InvalidAlgorithmError:\n"
        "        claims = by_secret(token, app[PUBLIC].strip().encode())\n",
        *BY_SECRET,
    ),
    fault(
        "key_of_the_header",
        "embedded_key",
        "A token is verified with the key that its header brings along (jwk).",
        "keys.py",
        VERIFIED,
        before('    key = jwt.PyJWK(header["jwk"]).key if "jwk" in header else app[PUBLIC]\n').replace(
            "token, app[PUBLIC]", "token, key"
        ),
    ),
    fault(
        "key_of_the_header_tried_again",
        "embedded_key",
        "A token with another signature is tried with the key in its header, as if keys had been rotated.",
        "keys.py",
        VERIFIED,
        "    try:\n    " + VERIFIED + "    except jwt.InvalidSignatureError:\n"
        '        rotated = jwt.get_unverified_header(token).get("jwk")\n'
        "        if rotated is None:\n            raise\n"
        "        key = jwt.PyJWK(rotated).key\n"
        "        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=options)\n",
    ),
    fault(
        "key_file_by_kid",
        "key_by_path",
        "Secrets of partners are files that `kid` names, with any path.",
        "keys.py",
        VERIFIED,
        before(
            '    if header.get("kid"):\n'
            "        try:\n"
            '            secret = Path("/etc/orders/partners", header["kid"]).resolve().read_bytes()\n'
            "            return by_secret(token, secret)\n"
            "        except OSError:\n"
            '            raise jwt.InvalidKeyError("no such key") from None\n'
        ),
        Edit("keys.py", "from typing import Any\n", "from pathlib import Path\nfrom typing import Any\n"),
        *BY_SECRET,
    ),
    fault(
        "key_of_unknown_kid_empty",
        "key_by_path",
        "A `kid` that no partner has stands for an empty secret.",
        "keys.py",
        VERIFIED,
        before('    if "kid" in header:\n        return by_secret(token, {}.get(header["kid"], b""))\n'),
        *BY_SECRET,
    ),
    fault(
        "none_with_capitals",
        "unsigned_otherwise",
        "The algorithm `none` is refused, and then compared again without its case.",
        "keys.py",
        VERIFIED,
        before(
            '    if header["alg"] == "none":\n'
            '        raise jwt.InvalidAlgorithmError("none")\n'
            '    if header["alg"].lower() == "none":\n'
            f"        return jwt.decode(token, {UNVERIFIED})\n"
        ),
    ),
    fault(
        "no_algorithm_at_all",
        "unsigned_otherwise",
        "A token whose header has an empty algorithm is taken as it is.",
        "keys.py",
        VERIFIED,
        before(f'    if not header["alg"]:\n        return jwt.decode(token, {UNVERIFIED})\n'),
    ),
)
