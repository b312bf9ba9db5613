"""Pages of a list: a bounded number of items from an offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.models.base import MAX_ID

MAX_LIMIT = 100
T = TypeVar("T")


class PageQuery(BaseModel):
    """The query of a list; unknown parameters are refused, so that a misspelt filter is noticed."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=10, ge=1, le=MAX_LIMIT)
    offset: int = Field(default=0, ge=0, le=MAX_ID)


class Page(BaseModel, Generic[T]):
    """Items from `offset` on, and how many there are in `total`."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A page of models, as services return it."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int
