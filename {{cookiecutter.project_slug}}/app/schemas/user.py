"""Users and their tokens as clients send and see them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, EmailStr, Field, SecretStr

from app.schemas.common import RequestBody, ResponseBody, Text

Email = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]
Name = Annotated[Text, Field(max_length=100)]
# The upper bound keeps the cost of hashing bounded.
Password = Annotated[SecretStr, Field(min_length=12, max_length=128)]


class UserCreate(RequestBody):
    """A sign-up."""

    email: Email
    name: Name
    password: Password


class UserUpdate(RequestBody):
    """What changes: fields left out stay as they are."""

    # The defaults are never read: only fields that were sent are applied.
    email: Email = Field(default_factory=str)
    name: Name = Field(default_factory=str)


class UserResponse(ResponseBody):
    """A user as every signed-in user sees them."""

    id: int
    name: str
    created_at: datetime
    updated_at: datetime


class AccountResponse(UserResponse):
    """A user as they see themself."""

    email: str


class TokenRequest(BaseModel):
    """The form of a sign-in (RFC 6749 §4.3.2): the email address is the user name.

    Fields that it does not know are ignored, as RFC 6749 §3.2 asks.
    """

    grant_type: Literal["password"] = "password"
    username: Annotated[str, Field(min_length=1, max_length=254)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=128)]


class TokenResponse(BaseModel):
    """A bearer token (RFC 6749 §5.1); `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme, not a token
    expires_in: int
