"""The header fields in which a granted token is presented."""

from typing import Any

import pytest

from conformance.model.record import Exchange, Request, Response
from conformance.target.granted import granted
from conformance.target.openapi import Document

TOKEN = "0123456789abcdef"
BEARER = {"type": "http", "scheme": "bearer"}
BASIC = {"type": "http", "scheme": "basic"}
COOKIE = {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def key(description: str = "", name: str = "Authorization") -> dict[str, Any]:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}


def shown(*schemes: dict[str, Any], body: bytes = b'{"token": "0123456789abcdef"}', **more: Any) -> Any:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"securitySchemes": {f"s{at}": scheme for at, scheme in enumerate(schemes)}},
    }
    request = Request("POST", "http://127.0.0.1/token")
    response = Response(more.pop("status", 200), tuple(more.pop("headers", ())), body)
    exchange = Exchange(1, "principals", "t", "sign-in", None, "-", request, response)
    return granted(Document(document, "-", ()), exchange, more.pop("account", {}))


@pytest.mark.parametrize(
    ("schemes", "expected"),
    [
        ([], {"authorization": f"Bearer {TOKEN}"}),
        ([BEARER], {"authorization": f"Bearer {TOKEN}"}),
        ([{"type": "oauth2", "flows": {}}], {"authorization": f"Bearer {TOKEN}"}),
        (
            [key('Token-based authentication with required prefix "Token"')],
            {"Authorization": f"Token {TOKEN}"},
        ),
        ([BASIC, COOKIE, key("Send `Token <key>`.")], {"Authorization": f"Token {TOKEN}"}),
        ([key('Example: "Authorization: Bearer {token}"')], {"Authorization": f"Bearer {TOKEN}"}),
        ([key("The prefix of the key is told by the operator.")], {"Authorization": f"Bearer {TOKEN}"}),
        ([key(), BEARER], {"authorization": f"Bearer {TOKEN}"}),
        ([{"type": "http", "scheme": "DPoP"}], {"authorization": f"DPoP {TOKEN}"}),
        ([key(name="X-API-Key")], {"X-API-Key": TOKEN}),
    ],
)
def test_a_token_is_presented_as_the_document_says(
    schemes: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    assert shown(*schemes) == expected


def test_a_token_is_never_what_was_sent() -> None:
    assert shown(BEARER, account={"nickname": TOKEN}) is None


def test_a_token_may_stand_deeper() -> None:
    assert shown(BEARER, body=b'{"data": {"access_token": "0123456789"}}') == {
        "authorization": "Bearer 0123456789"
    }


def test_cookies_are_sent_back() -> None:
    cookies = [("set-cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")]
    assert shown(COOKIE, body=b"{}", headers=cookies) == {"cookie": "a=1; b=2"}


@pytest.mark.parametrize("more", [{"status": 401}, {"body": b"{}"}])
def test_a_refusal_and_an_answer_without_a_token_grant_nothing(more: dict[str, Any]) -> None:
    assert shown(BEARER, **more) is None
