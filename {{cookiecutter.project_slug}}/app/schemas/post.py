"""Posts as clients send and see them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.schemas.common import Identifier, RequestBody, ResponseBody, Text
from app.utils.pagination import PageQuery

Title = Annotated[Text, Field(max_length=200)]
Content = Annotated[Text, Field(max_length=10_000)]


class PostCreate(RequestBody):
    """A new post, or the whole of one that replaces another."""

    title: Title
    content: Content
    published: bool = False


class PostUpdate(RequestBody):
    """What changes: fields left out stay as they are."""

    # The defaults are never read: only fields that were sent are applied.
    title: Title = Field(default_factory=str)
    content: Content = Field(default_factory=str)
    published: bool = Field(default_factory=bool)


class PostResponse(ResponseBody):
    """A post."""

    id: int
    author_id: int
    title: str
    content: str
    published: bool
    created_at: datetime
    updated_at: datetime


class PostQuery(PageQuery):
    """Which posts to list."""

    author_id: Identifier | None = None
    published: bool | None = None
