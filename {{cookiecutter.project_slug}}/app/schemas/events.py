"""The events that this service publishes. AsyncAPI is generated from here.

An event carries what a consumer needs to act, and no more: no secret, no personal data beyond ids, and no
long text (a broker refuses messages above its limit); the API has the rest.
"""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PostId = Annotated[int, Field(description="The post's id; the message's key.", ge=1, examples=[7])]
AuthorId = Annotated[int, Field(description="The id of the user who wrote the post.", ge=1, examples=[3])]


class Event(BaseModel):
    """The base of all events: its class name is the CloudEvents type, `id` names the aggregate.

    Unknown fields are ignored, so that a publisher may add some before its consumers know them.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    topic: ClassVar[str]

    id: int

    @property
    def aggregate_id(self) -> str:
        """The message's key: events of one aggregate keep their order."""
        return str(self.id)


class PostCreated(Event):
    """A user has written a post."""

    topic: ClassVar[str] = "posts"

    id: PostId
    author_id: AuthorId
    title: str = Field(description="The post's title.", min_length=1, max_length=200, examples=["Hello"])
    published: bool = Field(description="Whether the post is public.", examples=[True])
    created_at: AwareDatetime = Field(description="When the post was created.")


class PostUpdated(Event):
    """A post's author has changed it; the fields are those after the change."""

    topic: ClassVar[str] = "posts"

    id: PostId
    author_id: AuthorId
    title: str = Field(
        description="The post's title.", min_length=1, max_length=200, examples=["Hello again"]
    )
    published: bool = Field(description="Whether the post is public.", examples=[False])
    updated_at: AwareDatetime = Field(description="When the post was changed.")


class PostDeleted(Event):
    """A post's author has deleted it."""

    topic: ClassVar[str] = "posts"

    id: PostId
    author_id: AuthorId


class UserRegistered(Event):
    """A person has signed up. Who it is stays with this service: only the id is published."""

    topic: ClassVar[str] = "users"

    id: int = Field(description="The user's id; the message's key.", ge=1, examples=[3])
    created_at: AwareDatetime = Field(description="When the user signed up.")


PUBLISHED: tuple[type[Event], ...] = (PostCreated, PostUpdated, PostDeleted, UserRegistered)
