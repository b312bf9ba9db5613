"""FastAPI and SQLAlchemy Core, tuned: reads in autocommit, a pool for all clients, serialised once."""

from typing import Annotated, Any

from fastapi import FastAPI, Header, Response
from sqlalchemy import Boolean, DateTime, Integer, String, column, func, insert, select, table
from sqlalchemy.ext.asyncio import create_async_engine

from bench.baselines.shared import CLIENTS, DATABASE_URL, NewPost, Page, Post, bearer

engine = create_async_engine(DATABASE_URL, pool_size=CLIENTS, max_overflow=0)
reads = engine.execution_options(isolation_level="AUTOCOMMIT")
posts = table(
    "posts",
    column("id", Integer),
    column("author_id", Integer),
    column("title", String),
    column("content", String),
    column("published", Boolean),
    column("created_at", DateTime(timezone=True)),
    column("updated_at", DateTime(timezone=True)),
)
users = table("users", column("id", Integer), column("email", String), column("is_active", Boolean))
Authorization = Annotated[str | None, Header()]
app = FastAPI()


def _answer(model: Any, status: int = 200) -> Response:
    return Response(model.__pydantic_serializer__.to_json(model), status, media_type="application/json")


async def _viewer(connection: Any, authorization: str | None) -> int | None:
    user_id = bearer(authorization)
    if user_id is not None:
        (await connection.execute(select(users).where(users.c.id == user_id))).one()
    return user_id


@app.get("/api/v1/posts/{post_id}")
async def read(post_id: int, authorization: Authorization = None) -> Response:
    """Read a post."""
    async with reads.connect() as connection:
        await _viewer(connection, authorization)
        row = (await connection.execute(select(posts).where(posts.c.id == post_id))).one()
    return _answer(Post.model_validate(row))


@app.get("/api/v1/posts")
async def page(limit: int = 10, offset: int = 0, authorization: Authorization = None) -> Response:
    """List posts."""
    async with reads.connect() as connection:
        viewer = await _viewer(connection, authorization)
        visible = posts.c.published | (posts.c.author_id == viewer) if viewer else posts.c.published
        statement = select(posts).where(visible).order_by(posts.c.id).limit(limit).offset(offset)
        rows = (await connection.execute(statement)).all()
        total = (
            await connection.execute(select(func.count()).select_from(posts).where(visible))
        ).scalar_one()
    return _answer(
        Page(items=[Post.model_validate(r) for r in rows], total=total, limit=limit, offset=offset)
    )


@app.post("/api/v1/posts")
async def create(data: NewPost, authorization: Authorization = None) -> Response:
    """Create a post."""
    async with engine.begin() as connection:
        author = await _viewer(connection, authorization)
        now = func.now()
        values = {**data.model_dump(), "author_id": author, "created_at": now, "updated_at": now}
        row = (await connection.execute(insert(posts).values(values).returning(posts))).one()
    return _answer(Post.model_validate(row), 201)
