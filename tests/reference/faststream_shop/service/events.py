"""What the shop publishes: CloudEvents 1.0 in structured mode, so that the payload is the whole envelope.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

CONTENT_TYPE = "application/cloudevents+json"
DataT = TypeVar("DataT", bound=BaseModel)


class Data(BaseModel):
    """The base of what an event is about: `id` names the aggregate, and is the message's key."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)


class Customer(Data):
    """A customer, of whom no more is told than that they are there."""

    joined_at: AwareDatetime


class Article(Data):
    """An article as it is after the change."""

    seller_id: str
    sku: str
    name: str
    price_cents: int
    changed_at: AwareDatetime


class Order(Data):
    """An order as it is after the change; who receives it stays with the shop."""

    customer_id: str
    product: str
    quantity: int
    changed_at: AwareDatetime


class Gone(Data):
    """What is no more."""


class CancelledOrder(Data):
    """An order that is no more."""

    customer_id: str


def _all_there(schema: dict[str, Any]) -> None:
    """What has a default is sent all the same: consumers may count on it."""
    schema["required"] = list(schema["properties"])


class Event(BaseModel, Generic[DataT]):
    """The envelope of all events."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_all_there)

    topic: ClassVar[str]

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, default_factory=lambda: str(uuid4()))
    source: Literal["/shop"] = "/shop"
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: DataT


class CustomerJoined(Event[Customer]):
    """Somebody has opened an account."""

    topic = "shop.customers"
    type: Literal["com.example.shop.customer.joined"] = "com.example.shop.customer.joined"


class ArticleListed(Event[Article]):
    """A seller offers an article."""

    topic = "shop.articles"
    type: Literal["com.example.shop.article.listed"] = "com.example.shop.article.listed"


class ArticleChanged(Event[Article]):
    """A seller has changed an article."""

    topic = "shop.articles"
    type: Literal["com.example.shop.article.changed"] = "com.example.shop.article.changed"


class ArticleRemoved(Event[Gone]):
    """A seller offers an article no longer."""

    topic = "shop.articles"
    type: Literal["com.example.shop.article.removed"] = "com.example.shop.article.removed"


class OrderPlaced(Event[Order]):
    """A customer has ordered."""

    topic = "shop.orders"
    type: Literal["com.example.shop.order.placed"] = "com.example.shop.order.placed"


class OrderChanged(Event[Order]):
    """A customer has changed an order."""

    topic = "shop.orders"
    type: Literal["com.example.shop.order.changed"] = "com.example.shop.order.changed"


class OrderCancelled(Event[CancelledOrder]):
    """A customer has withdrawn an order."""

    topic = "shop.orders"
    type: Literal["com.example.shop.order.cancelled"] = "com.example.shop.order.cancelled"


PUBLISHED: tuple[type[Event[Any]], ...] = (
    CustomerJoined,
    ArticleListed,
    ArticleChanged,
    ArticleRemoved,
    OrderPlaced,
    OrderChanged,
    OrderCancelled,
)
