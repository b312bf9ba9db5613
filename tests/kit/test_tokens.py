"""Spoiled credentials: each is refused by a service that looks, and nothing else is changed."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance.model.service import Principal
from conformance.target.confusion import public_keys
from conformance.target.tokens import bad_tokens, expired, misdirected, self_verified, signs_in_private
from tests.faults.harness import orders, verdicts

KEY = "a key that is long enough for the algorithm HS256 0123456789"
# A whole run of the tests may lie between the import and the last of them.
CLAIMS: dict[str, Any] = {"sub": "alice", "exp": int(time.time()) + 86_400, "iat": int(time.time())}
TOKEN = jwt.encode(CLAIMS, KEY, algorithm="HS256", headers={"kid": "k1"})


def spoiled(headers: dict[str, str], **more: Any) -> dict[str, dict[str, str]]:
    return {who.name: dict(who.headers) for who in bad_tokens(Principal("alice", headers, **more))}


def test_a_jwt_is_spoiled_in_each_way() -> None:
    found = spoiled({"Authorization": f"Bearer {TOKEN}", "X-Client": "1.2.3"})
    assert {"forged", "truncated", "unsigned", "foreign"} <= set(found)
    for name, headers in found.items():
        assert headers["X-Client"] == "1.2.3"
        scheme, _, token = headers["Authorization"].partition(" ")
        assert scheme == "Bearer"
        assert token != TOKEN
        with pytest.raises(jwt.PyJWTError):
            jwt.decode(token, KEY, algorithms=["HS256"])
        if name in ("forged", "unsigned", "foreign"):
            assert jwt.decode(token, options={"verify_signature": False}) == CLAIMS
    tokens = {name: headers["Authorization"].partition(" ")[2] for name, headers in found.items()}
    assert jwt.get_unverified_header(tokens["unsigned"])["alg"] == "none"
    assert tokens["unsigned"].endswith(".")
    assert jwt.get_unverified_header(tokens["foreign"]) == jwt.get_unverified_header(TOKEN)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer opaque-0123456789"},
        {"authorization": "Bearer x"},
        {"X-Api-Key": "0123456789abcdef"},
        {"X-Api-Key": "A"},
        {"Authorization": "Basic YWxpY2U6cGFzcw=="},
        {"X-Anything": "value"},
    ],
)
def test_an_opaque_credential_is_altered_and_its_scheme_is_kept(headers: dict[str, str]) -> None:
    found = spoiled(headers)
    assert found["forged"].keys() == headers.keys()
    (_, value), (_, forged) = *headers.items(), *found["forged"].items()
    assert forged != value
    assert len(forged) == len(value)
    assert forged.rpartition(" ")[0] == value.rpartition(" ")[0]


def test_what_is_no_credential_stays_as_it_is() -> None:
    headers = {"Authorization": "Bearer opaque-0123456789", "X-Tenant": "7", "Accept-Language": "de"}
    for name, changed in spoiled(headers).items():
        assert changed["Authorization"] != headers["Authorization"], name
        assert changed["Authorization"] == changed["Authorization"].strip()
        assert changed | {"Authorization": ""} == headers | {"Authorization": ""}


@pytest.mark.parametrize(
    "cookie", ["sid=0123456789; theme=dark", "theme=d; sid=x", f"a=1; session={TOKEN}; b=2"]
)
def test_every_cookie_is_altered_under_its_name(cookie: str) -> None:
    forged = spoiled({"Cookie": cookie})["forged"]["Cookie"]
    before, after = ([pair.split("=", 1) for pair in text.split("; ")] for text in (cookie, forged))
    assert [name for name, _ in before] == [name for name, _ in after]
    assert all(one != other for (_, one), (_, other) in zip(before, after, strict=True))


def test_a_jwt_in_a_cookie_is_found() -> None:
    found = spoiled({"Cookie": f"theme=dark; session={TOKEN}; b=2"})
    foreign = found["foreign"]["Cookie"]
    assert foreign.startswith("theme=dark; session=ey")
    assert foreign.endswith("; b=2")
    assert TOKEN not in foreign


def test_the_expired_headers_of_the_configuration_come_last() -> None:
    found = spoiled({"Authorization": "Bearer opaque-01"}, expired_headers={"Authorization": "Bearer old"})
    assert found["expired"] == {"Authorization": "Bearer old"}


def test_an_expired_token_is_right_but_for_its_time() -> None:
    headers = expired({"Authorization": f"Bearer {TOKEN}", "X-Tenant": "7"}, KEY, "HS256")
    assert headers is not None
    assert headers["X-Tenant"] == "7"
    token = headers["Authorization"].removeprefix("Bearer ")
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, KEY, algorithms=["HS256"])
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["sub"] == "alice"
    assert claims["iat"] < claims["exp"] < time.time()
    assert jwt.get_unverified_header(token)["kid"] == "k1"


@pytest.mark.parametrize("value", ["Bearer opaque", "Basic YTpi", "", "Bearer a.b.c", "Bearer eyJ.eyJ."])
def test_what_is_no_jwt_cannot_expire(value: str) -> None:
    assert expired({"Authorization": value}, KEY, "HS256") is None


@pytest.mark.parametrize("algorithm", ["RS256", "none-such", "ES256"])
def test_a_key_that_does_not_suit_is_a_value_error(algorithm: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        expired({"Authorization": f"Bearer {TOKEN}"}, KEY, algorithm)


def test_a_claim_is_changed_where_the_good_token_carries_it() -> None:
    claims = {**CLAIMS, "aud": "shop", "iss": "login", "nbf": CLAIMS["iat"], "purpose": "session"}
    token = jwt.encode(claims, KEY, algorithm="HS256", headers={"kid": "k1"})
    found = {
        who.name: jwt.decode(
            who.headers["authorization"].removeprefix("Bearer "),
            KEY,
            algorithms=["HS256"],
            options={"verify_aud": False, "verify_nbf": False},
        )
        for who in misdirected({"authorization": f"Bearer {token}"}, KEY, "HS256")
    }
    assert found.pop("resigned") == claims
    changed = {name: {k for k in claims if found[name][k] != claims[k]} for name in found}
    assert changed == {
        "other audience": {"aud"},
        "other issuer": {"iss"},
        "not yet valid": {"nbf"},
        "other kind": {"purpose"},
    }


def test_a_token_that_names_nothing_is_signed_again_alone() -> None:
    assert [who.name for who in misdirected({"x-token": TOKEN}, KEY, "HS256")] == ["resigned"]
    assert list(misdirected({"x-token": "opaque"}, KEY, "HS256")) == []
    with pytest.raises(ValueError, match="key"):
        list(misdirected({"x-token": TOKEN}, "no key of RSA", "RS256"))


PRIVATE: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}


def pem(algorithm: str) -> str:
    shape = serialization.PublicFormat.SubjectPublicKeyInfo
    text: bytes = PRIVATE[algorithm].public_key().public_bytes(serialization.Encoding.PEM, shape)
    return text.decode()


def jwks(algorithm: str) -> str:
    maker: Any = jwt.algorithms.ECAlgorithm if algorithm == "ES256" else jwt.algorithms.RSAAlgorithm
    key = json.loads(maker.to_jwk(PRIVATE[algorithm].public_key()))
    return json.dumps({"keys": [{**key, "kid": "1", "use": "sig"}, {"kty": "oct", "k": "AAAA"}, 7]})


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_public_key_is_read_from_all_that_has_it(algorithm: str) -> None:
    shapes = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = PRIVATE[algorithm].private_bytes(*shapes).decode()
    for text in (private, pem(algorithm), f"\n{pem(algorithm).strip()}", jwks(algorithm)):
        assert list(public_keys(text)) == [pem(algorithm)]


@pytest.mark.parametrize(
    "text", ["", "a shared secret", "[]", "{}", '{"keys": 5}', '{"keys": [{"kty": "EC"}]}', "["]
)
def test_what_holds_no_public_key_gives_none(text: str) -> None:
    assert list(public_keys(text)) == []


def by_secret(token: str, secret: bytes) -> bool:
    said, _, signature = token.rpartition(".")
    return (
        urlsafe_b64encode(hmac.digest(secret, said.encode(), hashlib.sha256)).decode().rstrip("=")
        == signature
    )


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_token_says_itself_how_to_verify_it(algorithm: str) -> None:
    token = jwt.encode(CLAIMS, PRIVATE[algorithm], algorithm, headers={"kid": "k1"})
    found: dict[str, list[str]] = {}
    for who in self_verified({"authorization": f"Bearer {token}"}, [pem(algorithm)]):
        found.setdefault(who.name, []).append(who.headers["authorization"].removeprefix("Bearer "))
    for one in (one for tokens in found.values() for one in tokens):
        assert jwt.decode(one, options={"verify_signature": False}) == CLAIMS
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(one, pem(algorithm), algorithms=[algorithm])
    headers = {name: [jwt.get_unverified_header(one) for one in tokens] for name, tokens in found.items()}
    assert any(by_secret(one, pem(algorithm).encode()) for one in found["confused"])
    assert any(by_secret(one, pem(algorithm).strip().encode()) for one in found["confused"])
    assert {head["kid"] for head in headers["confused"]} == {"k1"}
    (embedded,) = found["embedded key"]
    (head,) = headers["embedded key"]
    assert jwt.decode(embedded, jwt.PyJWK(head["jwk"]).key, algorithms=[algorithm]) == CLAIMS
    assert [by_secret(one, b"") for one in found["key by path"]] == [True, True]
    assert {head["alg"] for head in headers["unsigned otherwise"]} == {"None", "NONE", "nOnE", ""}


def test_a_token_by_a_shared_secret_has_no_public_key() -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert not signs_in_private(headers)
    assert not signs_in_private({"x-key": "opaque"})
    assert signs_in_private({"cookie": f"s={jwt.encode(CLAIMS, PRIVATE['RS256'], 'RS256')}; a=b"})
    names = [who.name for who in self_verified(headers, [])]
    assert "confused" not in names
    assert "embedded key" in names
    assert list(self_verified({"x-key": "opaque"}, [])) == []


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_a_strangers_token_is_of_the_same_algorithm(algorithm: str) -> None:
    token = jwt.encode(CLAIMS, PRIVATE[algorithm], algorithm)
    foreign = spoiled({"authorization": f"Bearer {token}"})["foreign"]["authorization"].removeprefix(
        "Bearer "
    )
    assert jwt.get_unverified_header(foreign)["alg"] == algorithm
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(foreign, pem(algorithm), algorithms=[algorithm])


def test_the_public_key_is_found_where_the_service_shows_it() -> None:
    config = orders("algorithm_of_the_token").model_copy(update={"tokens": None})
    (finding,) = verdicts(config, ["SEC002"])["SEC002"].findings
    assert finding.cause == "confused accepted"
