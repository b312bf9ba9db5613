"""What bodies and queries have in common."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

LARGEST = 2**31 - 1

Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=LARGEST)]
Line = Annotated[str, Field(min_length=1, max_length=80)]


class Body(BaseModel):
    """The base of what is sent: known fields only, of the very types."""

    model_config = ConfigDict(extra="forbid", strict=True)
