"""Users and sign-in over HTTP."""

from datetime import timedelta
from unittest.mock import Mock, patch

import jwt
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from httpx2 import AsyncClient
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.models.base import utc_now
from app.models.user import User
from app.services.notification_service import NotificationService
from app.utils.auth import create_access_token, verify_password
from tests.conftest import PASSWORD
from tests.test_posts import BODY, POSTS, is_problem

USERS = "/api/v1/users"
TOKEN = "/api/v1/auth/token"
ACCOUNT = {"email": "Carol@Example.com", "name": "Carol", "password": PASSWORD}


async def sign_in(client: AsyncClient, email: str = "carol@example.com", password: str = PASSWORD) -> int:
    """The status of a sign-in."""
    response = await client.post(TOKEN, data={"username": email, "password": password})
    return response.status_code


async def test_sign_up_shows_no_secret(client: AsyncClient) -> None:
    response = await client.post(USERS, json=ACCOUNT)
    assert response.status_code == 201
    made = response.json()
    assert set(made) == {"id", "email", "name", "created_at", "updated_at"}
    assert (made["email"], made["name"]) == ("carol@example.com", "Carol")
    assert response.headers["location"] == f"{USERS}/{made['id']}"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "carol"}, "body.email"),
        ({"email": "carol\x00@example.com"}, "body.email"),
        ({"name": "  "}, "body.name"),
        ({"password": "too short"}, "body.password"),
        ({"password": "x" * 129}, "body.password"),
        ({"is_active": False}, "body.is_active"),
    ],
)
async def test_sign_up_refuses_bad_fields(client: AsyncClient, change: dict[str, object], field: str) -> None:
    response = await client.post(USERS, json={**ACCOUNT, **change})
    assert is_problem(response, 422)
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert str(change.get("password", PASSWORD)) not in response.text


async def test_an_address_signs_up_once(client: AsyncClient) -> None:
    await client.post(USERS, json=ACCOUNT)
    response = await client.post(USERS, json={**ACCOUNT, "email": "CAROL@example.com"})
    assert is_problem(response, 409)


async def test_sign_up_sends_a_welcome(client: AsyncClient) -> None:
    sent = []

    async def send(_self: NotificationService, address: str, subject: str, _text: str) -> None:
        sent.append((address, subject))

    with patch.object(NotificationService, "send", send):
        await client.post(USERS, json=ACCOUNT)
    assert sent == [("carol@example.com", "Welcome")]


async def test_a_welcome_that_fails_harms_nothing(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(NotificationService, "send", side_effect=OSError("no mail server")):
        response = await client.post(USERS, json=ACCOUNT)
    assert response.status_code == 201
    assert await sign_in(client) == 200
    assert "notification failed" in caplog.text


async def test_sign_in(client: AsyncClient) -> None:
    await client.post(USERS, json=ACCOUNT)
    response = await client.post(TOKEN, data={"username": "CAROL@example.com", "password": PASSWORD})
    assert response.status_code == 200
    answer = response.json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 900)
    me = await client.get(f"{USERS}/me", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert (me.status_code, me.json()["email"]) == (200, "carol@example.com")


async def test_sign_in_tells_nothing_about_who_exists(client: AsyncClient) -> None:
    await client.post(USERS, json=ACCOUNT)
    answers = []
    for email in ("carol@example.com", "nobody@example.com", "a\x00b"):
        response = await client.post(TOKEN, data={"username": email, "password": "wrong"})
        assert is_problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        answers.append(response.json() | {"request_id": None})
    assert answers[0] == answers[1] == answers[2]


async def test_who_does_not_exist_costs_a_hash_as_well() -> None:
    """Else the time of an answer would tell."""
    verify = Mock(side_effect=VerifyMismatchError)
    with patch("app.utils.auth.hasher", Mock(verify=verify)):
        for stored in (PasswordHasher(1, 8, 1).hash(PASSWORD), None):
            assert not await verify_password("wrong", stored)
    known, unknown = verify.call_args_list
    assert known.args[0].startswith("$argon2id$")
    assert unknown.args[0].startswith("$argon2id$")
    # And nobody signs in with the password of the stand-in's hash.
    assert not await verify_password("nobody has this password", None)


async def test_sign_in_needs_a_form(client: AsyncClient) -> None:
    assert is_problem(await client.post(TOKEN, json={"username": "a", "password": "b"}), 422)


async def test_sign_in_renews_an_old_hash(client: AsyncClient, session: AsyncSession) -> None:
    await client.post(USERS, json=ACCOUNT)
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await session.execute(update(User).values(password_hash=old))
    await session.commit()
    assert await sign_in(client) == 200
    await session.rollback()
    assert await session.scalar(select(User.password_hash)) != old
    assert await sign_in(client) == 200


async def test_a_disabled_user_is_nobody(alice: AsyncClient, session: AsyncSession) -> None:
    await session.execute(update(User).values(is_active=False))
    await session.commit()
    assert is_problem(await alice.get(f"{USERS}/me"), 401)
    assert await sign_in(alice, "alice@example.com") == 401


async def test_bad_tokens(client: AsyncClient, alice: AsyncClient, settings: Settings) -> None:
    good = alice.headers["authorization"].removeprefix("Bearer ")
    secret = settings.jwt_secret.get_secret_value()
    claims = jwt.decode(good, secret, algorithms=["HS256"], audience="app")
    changes = {
        "expired": claims | {"exp": utc_now() - timedelta(seconds=1)},
        "other audience": claims | {"aud": "other"},
        "other issuer": claims | {"iss": "other"},
        "no expiry": {name: value for name, value in claims.items() if name != "exp"},
        "no such user": claims | {"sub": "999"},
        "no identifier": claims | {"sub": "x"},
        "huge identifier": claims | {"sub": str(2**63)},
    }
    bad = {name: jwt.encode(changed, secret, "HS256") for name, changed in changes.items()}
    bad["unsigned"] = jwt.encode(claims, "", "none")
    bad["foreign"] = jwt.encode(claims, "another secret of at least 32 bytes", "HS256")
    bad["truncated"] = good[:-10]
    bad["other algorithm"] = jwt.encode(claims, secret * 2, "HS512")
    for name, token in bad.items():
        for path in (f"{USERS}/me", POSTS):
            response = await client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert is_problem(response, 401), name
            assert response.headers["www-authenticate"] == "Bearer", name


async def test_read_and_list_show_no_address(alice: AsyncClient, bob: AsyncClient) -> None:
    me = (await bob.get(f"{USERS}/me")).json()
    public = {name: value for name, value in me.items() if name != "email"}
    assert (await alice.get(f"{USERS}/{me['id']}")).json() == public
    page = (await alice.get(USERS, params={"limit": 1, "offset": 1})).json()
    assert page == {"items": [public], "total": 2, "limit": 1, "offset": 1}


async def test_read_and_list_need_a_token(client: AsyncClient) -> None:
    for path in (USERS, f"{USERS}/me", f"{USERS}/1"):
        assert is_problem(await client.get(path), 401)


async def test_read_of_a_missing_user(alice: AsyncClient) -> None:
    assert is_problem(await alice.get(f"{USERS}/999"), 404)


async def test_list_refuses_bad_queries(alice: AsyncClient) -> None:
    assert is_problem(await alice.get(f"{USERS}?limit=1000"), 422)


async def test_update(alice: AsyncClient) -> None:
    me = (await alice.get(f"{USERS}/me")).json()
    response = await alice.patch(f"{USERS}/{me['id']}", json={"name": "Alice B."})
    assert response.status_code == 200
    changed = response.json()
    assert changed == {**me, "name": "Alice B.", "updated_at": changed["updated_at"]}
    assert (await alice.get(f"{USERS}/me")).json() == changed


async def test_update_refuses_taken_and_unknown(alice: AsyncClient, bob: AsyncClient) -> None:
    me = (await alice.get(f"{USERS}/me")).json()
    taken = (await bob.get(f"{USERS}/me")).json()["email"]
    assert is_problem(await alice.patch(f"{USERS}/{me['id']}", json={"email": taken}), 409)
    assert is_problem(await alice.patch(f"{USERS}/{me['id']}", json={"is_active": False}), 422)
    assert (await alice.get(f"{USERS}/me")).json() == me


async def test_only_users_themselves_change_and_delete(alice: AsyncClient, bob: AsyncClient) -> None:
    me = (await alice.get(f"{USERS}/me")).json()
    assert is_problem(await bob.patch(f"{USERS}/{me['id']}", json={"name": "Bob"}), 403)
    assert is_problem(await bob.delete(f"{USERS}/{me['id']}"), 403)
    assert (await alice.get(f"{USERS}/me")).json() == me


async def test_delete_ends_the_account(alice: AsyncClient) -> None:
    me = (await alice.get(f"{USERS}/me")).json()
    assert (await alice.delete(f"{USERS}/{me['id']}")).status_code == 204
    assert is_problem(await alice.get(f"{USERS}/me"), 401)
    assert await sign_in(alice, "alice@example.com") == 401


async def test_a_user_with_posts_is_not_deleted(alice: AsyncClient) -> None:
    me = (await alice.get(f"{USERS}/me")).json()
    await alice.post(POSTS, json=BODY)
    assert is_problem(await alice.delete(f"{USERS}/{me['id']}"), 409)
    assert (await alice.get(f"{USERS}/me")).status_code == 200


def test_a_token_names_its_user_only(settings: Settings) -> None:
    claims = jwt.decode(create_access_token(7, settings), options={"verify_signature": False})
    assert set(claims) == {"sub", "iss", "aud", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == 900
