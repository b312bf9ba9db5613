"""Clients that write: what is kept, what is refused, and what is rolled back when it commits."""

import asyncio
from datetime import datetime
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

import httpx2

from tests.chaos.observation import Answers
from tests.chaos.witness import REFUSED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PASSWORD = "correct horse battery"
_OPERATIONS = {
    "create": 40,
    "update": 26,
    "delete": 16,
    "sign up": 3,
    "refuse: blank": 3,
    "refuse: taken": 4,
    "refuse: foreign": 3,
    "refuse: at commit": 5,
}
_LONGEST_PAUSE = 0.25
_TIMEOUT = 60.0


class Author:
    """A user whose posts two clients write at once, so that changes of one post meet."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self.posts: dict[int, str] = {}


class Traffic:
    """Sends until it is stopped, and notes the answers. An answer that never comes is noted as 0."""

    def __init__(self, base_url: str, seed: int) -> None:
        self.answers = Answers()
        self._seed = seed
        self._numbers = count(1)
        self._client = httpx2.AsyncClient(base_url=base_url, timeout=_TIMEOUT)
        self._authors: list[Author] = []
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, authors: int = 4, clients_each: int = 2) -> None:
        """Sign the authors up, and begin."""
        for _ in range(authors):
            email = self._email()
            account = {"email": email, "name": "Author", "password": PASSWORD}
            (await self._client.post("/api/v1/users", json=account)).raise_for_status()
            form = {"username": email, "password": PASSWORD}
            answer = (await self._client.post("/api/v1/auth/token", data=form)).raise_for_status()
            self._authors.append(Author(answer.json()["access_token"]))
        for number, author in enumerate(self._authors * clients_each):
            random = Random(f"{self._seed} {number}")  # noqa: S311 - to be repeated, not for secrets
            self._tasks.append(asyncio.create_task(self._work(author, random)))

    async def stop(self) -> None:
        """Wait for what is under way. Raises what a client failed with."""
        self._stop.set()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            await self._client.aclose()

    async def create(self, author: Author, title: str, name: str = "create") -> None:
        """Write a post."""
        body = {"title": title, "content": "Text.", "published": title.endswith("0")}
        if made := await self._send(author, name, "POST", "/api/v1/posts", body):
            author.posts[made["id"]] = title
            self._acknowledge("PostCreated", made["id"], made["created_at"])

    @property
    def authors(self) -> list[Author]:
        """Those who are signed up."""
        return self._authors

    async def _work(self, author: Author, random: Random) -> None:
        operations: dict[str, Callable[[Author, Random], Awaitable[None]]] = {
            "create": lambda a, _: self.create(a, self._title()),
            "update": self._update,
            "delete": self._delete,
            "sign up": self._sign_up,
            "refuse: blank": lambda a, _: self.create(a, " ", "refuse: blank"),
            "refuse: taken": self._take_title,
            "refuse: foreign": self._delete_foreign,
            "refuse: at commit": self._refuse_at_commit,
        }
        while not self._stop.is_set():
            (name,) = random.choices(list(_OPERATIONS), list(_OPERATIONS.values()))
            await operations[name](author, random)
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE))

    async def _update(self, author: Author, random: Random) -> None:
        if post := _one_of(author, random):
            changes = {"title": self._title(), "published": random.random() < 0.5}
            if changed := await self._send(author, "update", "PATCH", f"/api/v1/posts/{post}", changes):
                self._acknowledge("PostUpdated", post, changed["updated_at"])

    async def _delete(self, author: Author, random: Random) -> None:
        if post := _one_of(author, random):
            # Its other client may change or delete it at the same time.
            if await self._send(author, "delete", "DELETE", f"/api/v1/posts/{post}") is not None:
                self._acknowledge("PostDeleted", post, None)
            author.posts.pop(post, None)

    async def _sign_up(self, author: Author, _random: Random, refused: str = "") -> None:
        account = {"email": self._email(), "name": refused or "Reader", "password": PASSWORD}
        name = "refuse: at commit" if refused else "sign up"
        if made := await self._send(author, name, "POST", "/api/v1/users", account):
            self._acknowledge("UserRegistered", made["id"], None)

    async def _take_title(self, author: Author, random: Random) -> None:
        if post := _one_of(author, random):
            await self.create(author, author.posts[post], "refuse: taken")

    async def _delete_foreign(self, author: Author, random: Random) -> None:
        other = random.choice([one for one in self._authors if one is not author])
        if post := _one_of(other, random):
            await self._send(author, "refuse: foreign", "DELETE", f"/api/v1/posts/{post}")

    async def _refuse_at_commit(self, author: Author, random: Random) -> None:
        title = f"{REFUSED} {next(self._numbers)}"
        post = _one_of(author, random)
        if random.random() < 0.2:
            await self._sign_up(author, random, title)
        elif post and random.random() < 0.5:
            body = {"title": title}
            await self._send(author, "refuse: at commit", "PATCH", f"/api/v1/posts/{post}", body)
        else:
            await self.create(author, title, "refuse: at commit")

    async def _send(
        self, author: Author, name: str, method: str, path: str, body: object = None
    ) -> dict[str, Any] | None:
        """The body of a success (empty for 204), None for all else."""
        try:
            answer = await self._client.request(method, path, json=body, headers=author.headers)
        except httpx2.TransportError:
            self.answers.statuses[name, 0] += 1
            await asyncio.sleep(_LONGEST_PAUSE)
            return None
        self.answers.statuses[name, answer.status_code] += 1
        if not answer.is_success:
            return None
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def _acknowledge(self, type_: str, key: int, moment: str | None) -> None:
        at = datetime.fromisoformat(moment) if moment else None
        self.answers.acknowledged.append((type_, str(key), at))

    def _title(self) -> str:
        return f"Post {next(self._numbers)}"

    def _email(self) -> str:
        return f"user{next(self._numbers)}@example.com"


def _one_of(author: Author, random: Random) -> int | None:
    # Among few, so that two clients often mean the same.
    return random.choice(list(author.posts)[-4:]) if author.posts else None
