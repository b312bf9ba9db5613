"""Secrets are learned where they stand and cleaned in every spelling."""

import base64
import html
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.config import Config, PrincipalTable, Target, Tokens
from conformance.model.record import Request, Response
from conformance.target.credentials import is_secret_name
from conformance.target.secrets import MARK, Secrets

CANARY = 'ca/na+ry "ü" 7&<'
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def knowing(*values: str) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.learn(value)
    return secrets


@pytest.mark.parametrize(
    "spelling",
    [
        CANARY,
        quote(CANARY),
        quote(CANARY, safe=""),
        quote(CANARY, safe="").lower(),
        quote_plus(CANARY),
        urlencode({"password": CANARY}).partition("=")[2],
        json.dumps(CANARY)[1:-1],
        json.dumps(CANARY)[1:-1].replace("00fc", "00FC"),
        json.dumps(CANARY, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        json.dumps(json.dumps(CANARY))[3:-3],
        repr(CANARY)[1:-1],
        repr(CANARY.encode())[2:-1],
        repr(json.dumps({"said": CANARY}).encode())[12:-3],
        html.escape(CANARY),
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode().rstrip("="),
    ],
)
def test_every_spelling_is_cleaned(spelling: str) -> None:
    assert knowing(CANARY).clean(f"<{spelling}>") == f"<{MARK}>"


@given(
    st.text(st.characters(codec="utf-8"), min_size=6, max_size=40), st.text(max_size=9), st.text(max_size=9)
)
def test_a_secret_inside_base64_is_cleaned_at_any_offset(secret: str, before: str, after: str) -> None:
    secrets = knowing(secret)
    if len(secret.strip()) < 6:
        return
    whole = before.encode("utf-8", "replace") + secret.strip().encode() + after.encode("utf-8", "replace")
    assert MARK in secrets.clean(base64.b64encode(whole).decode())


@given(st.lists(st.text(min_size=6, max_size=30), max_size=8), st.data())
def test_no_secret_survives(values: list[str], data: st.DataObject) -> None:
    secrets = knowing(*values)
    known = [value.strip() for value in values if len(value.strip()) >= 6 and value.strip() not in MARK]
    parts = st.one_of(st.text(max_size=10), st.sampled_from([*known, ""]))
    text = "|".join(data.draw(st.lists(parts, max_size=10)))
    cleaned = secrets.clean(text)
    assert not [value for value in known if value in cleaned.replace(MARK, "\0")]


@pytest.mark.parametrize("secret", ['it\'s "7" \\', "back\\slash\\", "tab\tand\nline"])
def test_pythons_own_quoting_is_known_whatever_stands_beside(secret: str) -> None:
    for text in (secret, f"'{secret}", f'"{secret}', f"'\"{secret}"):
        for shown in (repr(text), ascii(text), repr(text.encode())):
            assert MARK in knowing(secret).clean(shown)


def test_the_longest_secret_goes_first() -> None:
    assert knowing("abcdef", "abcdefghijkl").clean("abcdefghijkl abcdef") == f"{MARK} {MARK}"


def test_short_values_are_not_remembered() -> None:
    assert knowing("7", "abcde").clean("7 abcde") == "7 abcde"


def test_nothing_known_changes_nothing() -> None:
    assert Secrets().clean("a user@example.com wrote \ud800") == "a user@example.com wrote \ud800"


@pytest.mark.parametrize("text", [JWT, JWT.rpartition(".")[0] + ".", JWT.rpartition(".")[0]])
def test_a_jwt_is_cleaned_though_unknown(text: str) -> None:
    assert Secrets().clean(f'Bearer%20{text}", 1') == f'Bearer%20{MARK}", 1'


@pytest.mark.parametrize("url", ["postgresql+asyncpg://me:p@ss@db/app", "https://token-only@db/app"])
def test_credentials_in_a_url_are_cleaned(url: str) -> None:
    cleaned = Secrets().clean(f"cannot connect to {url}!")
    assert cleaned == f"cannot connect to {url.partition('://')[0]}://{MARK}@db/app!"


@pytest.mark.parametrize("cut", [f"… {CANARY[:9]}", f"'{CANARY[:9]}…'", f"{CANARY[:9]}..."])
def test_a_secret_cut_short_by_the_end_is_cleaned(cut: str) -> None:
    assert CANARY[:6] not in knowing(CANARY).clean(cut)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *((name, True) for name in ("password", "new-password", "hashedPassword", "Api-Key", "X-Auth-Token")),
        *((name, True) for name in ("accessToken", "client_secret", "PRIVATE_KEY", "credentials", "apikey")),
        *((name, False) for name in ("token_type", "expires_in", "password_changed_at", "next_page_token")),
        *(
            (name, False)
            for name in ("title", "key", "tokenUrl", "secretary", "credential_id", "", "passwords_x_id")
        ),
    ],
)
def test_names_that_announce_a_secret(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


def test_the_configuration_is_learned() -> None:
    config = Config(
        target=Target(
            url="http://admin:canary-url-1@host/",
            proxy="http://u:canary%2Fproxy@p",
            headers={"X-Anything": "canary-target-header", "Accept": "application/json"},
            env={
                "SECRET_KEY": "CANARYLETTERS",
                "OTHER": "canary-env-9",
                "DB": "mysql://u:canary-db@h/d",
                "URL": "http://127.0.0.1:8000",
                "LEVEL": "WARNING",
            },
        ),
        principals={
            "alice": PrincipalTable(
                headers={"Authorization": "Bearer canary-alice", "Cookie": "a=canary-cookie; b=canary%20two"},
                expired_headers={"Authorization": "Basic " + base64.b64encode(b"al:canary-basic").decode()},
            )
        },
        tokens=Tokens(key="canary-signing-key"),
    )
    secrets = Secrets()
    secrets.learn_config(config)
    said = (
        "canary-url-1 canary/proxy canary-target-header CANARYLETTERS canary-env-9 canary-db canary-alice "
        "canary-cookie canary two canary-basic canary-signing-key"
    )
    assert "canary" not in secrets.clean(said).lower()
    harmless = "application/json http://127.0.0.1:8000 WARNING"
    assert secrets.clean(harmless) == harmless


def test_a_placeholder_is_no_secret() -> None:
    secrets = Secrets()
    secrets.learn_environment({"BROKERS": "{bootstrap_servers}", "API": "{bootstrap_servers}x"})
    said = "needs {bootstrap_servers} in [target.env]"
    assert secrets.clean(said) == said
    assert secrets.clean("{bootstrap_servers}x") == "[redacted]"


def test_requests_are_learned() -> None:
    secrets = Secrets()
    url = "http://h/?api_key=canary-query"
    form = (("content-type", "application/x-www-form-urlencoded"),)
    secrets.learn_request(Request("POST", url, form, b"username=alice&password=canary%2Fform"))
    secrets.learn_request(
        Request("POST", url, (("X-Api-Key", "canary-key"),), b'{"u": [{"pwd": "canary-json"}]}')
    )
    assert "canary" not in secrets.clean("canary-query canary/form canary-key canary-json")
    assert secrets.clean("username alice") == "username alice"


def test_a_field_that_tries_a_limit_is_not_learned() -> None:
    secrets = Secrets()
    secrets.learn_request(Request("GET", "http://localhost", (("authorization", f"Bearer {'x' * 20_000}"),)))
    assert secrets.clean("x" * 20_000) == "x" * 20_000
    secrets.learn_request(Request("GET", "http://localhost", (("authorization", f"Bearer {'ab' * 4_000}"),)))
    assert secrets.clean("ab" * 4_000) == MARK


def test_responses_are_learned() -> None:
    headers = (
        ("Set-Cookie", "sid=canary-cookie; Path=/"),
        ("Set-Cookie", "theme=midnight"),
        ("x-token", "canary-h"),
    )
    body = {"access_token": "canary-token", "token_type": "bearer-like", "items": [{"secret": 12345678}]}
    secrets = Secrets()
    secrets.learn_response(Response(200, headers, json.dumps(body).encode()))
    assert "canary" not in secrets.clean("canary-cookie canary-h canary-token")
    assert secrets.clean_data({"n": [12345678, 1, True, None]}) == {"n": [MARK, 1, True, None]}
    assert secrets.clean("midnight bearer-like") == "midnight bearer-like"


def test_what_a_refusal_says_of_a_field_is_no_secret() -> None:
    secrets = Secrets()
    said = {"password": ["This field is required."], "token": "invalid", "secret": "leaked-canary-42"}
    secrets.learn_response(Response(422, (), json.dumps(said).encode()))
    assert secrets.clean("This field is required. invalid") == "This field is required. invalid"
    assert secrets.clean("leaked-canary-42") == MARK


def test_values_that_would_blank_a_report_are_not_learned_from_bodies() -> None:
    secrets = Secrets()
    secrets.learn_body(
        {"password": "000000", "token": "string", "secret": True, "nested": {"token": {"type": "abcdefg"}}}
    )
    text = "1000000 string True abcdefg"
    assert secrets.clean(text) == text


def test_numbered_marks_tell_secrets_apart() -> None:
    secrets = knowing("first-secret", "second-secret")
    assert secrets.clean("second-secret first-secret", numbered=True) == "[redacted-2] [redacted-1]"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_cleaned(data: bytes) -> None:
    assert knowing("canary-1").clean_bytes(data + b"canary-1").endswith(MARK.encode())


def test_a_scheme_alone_is_no_secret() -> None:
    secrets = Secrets()
    secrets.learn_headers({"Authorization": "Bearer"})
    secrets.learn_headers({"Authorization": "Bearer plainwordtoken"})
    assert secrets.clean("HTTPBearer of plainwordtoken") == f"HTTPBearer of {MARK}"


def test_a_plain_word_that_stands_in_a_name_is_spared() -> None:
    secrets = knowing("orders", "hunter", "api-key-1")
    spared = secrets.without(["/orders/{order_id}", "api-key-1"])
    assert spared.clean("orders hunter api-key-1") == f"orders {MARK} {MARK}"
    assert secrets.clean("orders") == MARK
