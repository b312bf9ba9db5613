"""Types and bases that the schemas share."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.models.base import MAX_ID


class RequestBody(BaseModel):
    """A request body: known fields only, and no value of another type turned into the right one."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResponseBody(BaseModel):
    """A response, read from a model's attributes."""

    model_config = ConfigDict(from_attributes=True)


def _refuse_blank(value: str) -> str:
    # PostgreSQL cannot store it.
    if "\x00" in value:
        raise ValueError("must not contain the character NUL")
    if not value or value.isspace():
        raise ValueError("must not be blank")
    return value


# Stored as it comes, with the space around it: what a client sent is what it reads back.
Text = Annotated[
    str,
    Field(min_length=1, json_schema_extra={"pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}),
    AfterValidator(_refuse_blank),
]
Identifier = Annotated[int, Field(ge=1, le=MAX_ID)]
