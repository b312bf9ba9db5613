"""No framework: an ASGI function over asyncpg, with statements written by hand. What the machine could do."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import asyncpg

from bench.baselines.shared import CLIENTS, DATABASE_URL, POST_COLUMNS, bearer

COLUMNS = ", ".join(POST_COLUMNS)
READ = f"SELECT {COLUMNS} FROM posts WHERE id = $1"
LIST = f"SELECT {COLUMNS} FROM posts WHERE published OR author_id = $1 ORDER BY id LIMIT $2 OFFSET $3"
COUNT = "SELECT count(*) FROM posts WHERE published OR author_id = $1"
CREATE = (
    "INSERT INTO posts (author_id, title, content, published, created_at, updated_at)"
    f" VALUES ($1, $2, $3, $4, now(), now()) RETURNING {COLUMNS}"
)
USER = "SELECT id, email, name, is_active FROM users WHERE id = $1"
pool: asyncpg.Pool


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer GET /api/v1/posts/{id}, GET /api/v1/posts?limit=10 and POST /api/v1/posts."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    headers = dict(scope["headers"])
    user_id = bearer(headers.get(b"authorization", b"").decode())
    async with pool.acquire() as connection:
        if user_id:
            await connection.fetchrow(USER, user_id)
        status, body = 200, b""
        if scope["method"] == "POST":
            data = json.loads((await receive())["body"])
            values = user_id, data["title"], data["content"], data.get("published", False)
            status, body = 201, _json(dict(await connection.fetchrow(CREATE, *values)))
        elif scope["path"].endswith("/posts"):
            query = parse_qs(scope["query_string"].decode())
            limit, offset = int(query["limit"][0]), int(query.get("offset", ["0"])[0])
            rows = await connection.fetch(LIST, user_id, limit, offset)
            total = await connection.fetchval(COUNT, user_id)
            body = _json(
                {"items": [dict(row) for row in rows], "total": total, "limit": limit, "offset": offset}
            )
        else:
            row = await connection.fetchrow(READ, int(scope["path"].rpartition("/")[2]))
            body = _json(dict(row))
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Any, send: Any) -> None:
    global pool
    await receive()
    pool = await asyncpg.create_pool(DATABASE_URL.replace("+asyncpg", ""), min_size=CLIENTS, max_size=CLIENTS)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


def _json(value: Any) -> bytes:
    return json.dumps(value, default=_moment, separators=(",", ":")).encode()


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
