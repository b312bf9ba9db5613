"""What the baselines have in common: settings from the environment, and whom a token names."""

import os
from datetime import datetime

import jwt
from pydantic import BaseModel, ConfigDict

DATABASE_URL = os.environ["DATABASE_URL"]
CLIENTS = int(os.environ["DATABASE_POOL_SIZE"])
SECRET = os.environ["JWT_SECRET"]
ISSUER = AUDIENCE = "app"

POST_COLUMNS = ("id", "author_id", "title", "content", "published", "created_at", "updated_at")


class NewPost(BaseModel):
    """The body of a POST."""

    title: str
    content: str
    published: bool = False


class Post(BaseModel):
    """A post as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    author_id: int
    title: str
    content: str
    published: bool
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    """Ten posts and how many there are."""

    model_config = ConfigDict(from_attributes=True)

    items: list[Post]
    total: int
    limit: int
    offset: int


def bearer(authorization: str | None) -> int | None:
    """The identifier of the token's user; None where there is no token. Raises `jwt.InvalidTokenError`."""
    if not authorization:
        return None
    token = authorization.removeprefix("Bearer ")
    return int(jwt.decode(token, SECRET, algorithms=["HS256"], issuer=ISSUER, audience=AUDIENCE)["sub"])
