"""The bound on sign-ins."""

from fastapi import FastAPI
from httpx2 import AsyncClient

from app.utils.rate_limit import SlidingWindow
from tests.conftest import PASSWORD, make_client
from tests.test_posts import is_problem
from tests.test_users import TOKEN

WRONG = "not the password"


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_window_slides() -> None:
    clock = Clock()
    window = SlidingWindow(2, 10, clock)
    assert window.hit("a") == 0
    clock.now += 4
    assert window.hit("a") == 0
    assert window.hit("a") == 6
    clock.now += 5.5
    assert window.hit("a") == 0.5
    clock.now += 0.5
    # What was refused has not been counted.
    assert window.hit("a") == 0
    assert window.hit("a") == 4


def test_keys_are_counted_apart_and_forgotten() -> None:
    clock = Clock()
    window = SlidingWindow(1, 10, clock)
    assert [window.hit(key) for key in "aba"] == [0, 0, 10]
    clock.now += 5
    assert window.hit("c") == 0
    assert len(window) == 3
    clock.now += 6
    assert window.hit("d") == 0
    assert len(window) == 2


def test_no_limit() -> None:
    window = SlidingWindow(0, 10)
    assert [window.hit("a") for _ in range(100)] == [0] * 100
    assert len(window) == 0


async def sign_in(client: AsyncClient, email: str, password: str = WRONG) -> int:
    """The status of a sign-in; a refusal for its number is a problem that says when to come back."""
    response = await client.post(TOKEN, data={"username": email, "password": password})
    if response.status_code == 429:
        assert is_problem(response, 429)
        assert 1 <= int(response.headers["retry-after"]) <= 60
    return response.status_code


async def test_too_many_sign_ins(app: FastAPI, alice: AsyncClient, client: AsyncClient) -> None:
    clock = Clock()
    app.state.sign_ins = SlidingWindow(3, 60, clock)
    for _ in range(3):
        assert await sign_in(client, "alice@example.com") == 401
    # Also the right password: else the answer would tell which it is.
    assert await sign_in(client, "Alice@example.com", PASSWORD) == 429
    assert await sign_in(client, "bob@example.com") == 401
    async with make_client(app, client=("192.0.2.7", 1)) as other:
        assert await sign_in(other, "alice@example.com", PASSWORD) == 200
    # Who is signed in stays so.
    assert (await alice.get("/api/v1/users/me")).status_code == 200
    clock.now += 60
    assert await sign_in(client, "alice@example.com", PASSWORD) == 200


async def test_the_settings_bound_them(client: AsyncClient) -> None:
    statuses = [await sign_in(client, "nobody@example.com") for _ in range(21)]
    assert statuses == [401] * 20 + [429]
