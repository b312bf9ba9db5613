"""FastAPI and SQLAlchemy's ORM as tutorials write it: a session a request, `response_model`, defaults."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import DateTime, ForeignKey, String, Text, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.baselines import shared

engine = create_async_engine(shared.DATABASE_URL)
sessions = async_sessionmaker(engine)
oauth2 = OAuth2PasswordBearer(tokenUrl="token", auto_error=False)
app = FastAPI()


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The base of the models."""


class User(Base):
    """A user."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool]


class Post(Base):
    """A post."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    published: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)


async def get_db() -> AsyncIterator[AsyncSession]:
    """A session a request."""
    async with sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_db)]


async def get_user(db: Db, token: Annotated[str | None, Depends(oauth2)]) -> User | None:
    """Whom the token names."""
    user_id = shared.bearer(token)
    if user_id is None:
        return None
    return (await db.execute(select(User).where(User.id == user_id))).scalar_one()


Viewer = Annotated[User | None, Depends(get_user)]


@app.get("/api/v1/posts/{post_id}", response_model=shared.Post)
async def read(post_id: int, db: Db, user: Viewer) -> Post:
    """Read a post."""
    post = (await db.execute(select(Post).where(Post.id == post_id))).scalar_one_or_none()
    if post is None:
        raise HTTPException(404)
    return post


@app.get("/api/v1/posts", response_model=shared.Page)
async def page(db: Db, user: Viewer, limit: int = 10, offset: int = 0) -> dict[str, object]:
    """List posts."""
    visible = or_(Post.published, Post.author_id == user.id) if user else Post.published
    statement = select(Post).where(visible).order_by(Post.id).limit(limit).offset(offset)
    items = (await db.execute(statement)).scalars().all()
    total = (await db.execute(select(func.count()).select_from(Post).where(visible))).scalar()
    return {"items": items, "total": total, "limit": limit, "offset": offset}


@app.post("/api/v1/posts", response_model=shared.Post, status_code=201)
async def create(data: shared.NewPost, db: Db, user: Viewer) -> Post:
    """Create a post."""
    if user is None:
        raise HTTPException(401)
    post = Post(**data.model_dump(), author_id=user.id)
    db.add(post)
    await db.commit()
    await db.refresh(post)
    return post
