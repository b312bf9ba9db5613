"""What is taken and given, as pydantic models."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

Text = Annotated[str, Field(max_length=500)]


class Taken(BaseModel):
    """The base of what is taken: known fields only, of the types declared."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SignUp(Taken):
    """A new account."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=200)
    password: str = Field(min_length=10, max_length=200)
    name: str = Field(min_length=1, max_length=80)


class SignIn(Taken):
    """An e-mail address and its password."""

    email: str = Field(max_length=200)
    password: str = Field(max_length=200)


class ProductInput(Taken):
    """A product."""

    sku: str = Field(pattern=r"^[A-Za-z0-9-]{3,20}$")
    name: str = Field(min_length=1, max_length=80)
    cents: int = Field(ge=0, le=100_000_000)
    barcode: int | None = Field(default=None, ge=0, le=2**63 - 1)
    description: Text | None = None
    released_at: AwareDatetime | None = None


class ProductPatch(Taken):
    """Changes of a product."""

    sku: str = Field(default_factory=str, pattern=r"^[A-Za-z0-9-]{3,20}$")
    name: str = Field(default_factory=str, min_length=1, max_length=80)
    cents: int = Field(default_factory=int, ge=0, le=100_000_000)
    barcode: int | None = Field(default=None, ge=0, le=2**63 - 1)
    description: Text | None = None
    released_at: AwareDatetime | None = None


class OrderInput(Taken):
    """An order."""

    reference: str = Field(min_length=1, max_length=60)
    quantity: int = Field(ge=1, le=1000)
    gift: bool = False
    notes: Text = ""
    deliver_at: AwareDatetime | None = None


class OrderReplace(OrderInput):
    """An order, and the version that it replaces."""

    version: int = Field(ge=1, le=2**31 - 1)


class OrderPatch(Taken):
    """Changes of an order, and the version that they change."""

    version: int = Field(ge=1, le=2**31 - 1)
    reference: str = Field(default_factory=str, min_length=1, max_length=60)
    quantity: int = Field(default_factory=int, ge=1, le=1000)
    gift: bool = False
    notes: Text = ""
    deliver_at: AwareDatetime | None = None


class ComplaintInput(Taken):
    """A complaint about an order."""

    order_id: int = Field(ge=1, le=10**18 - 1)
    text: Text = Field(min_length=1)


class ComplaintPatch(Taken):
    """Changes of a complaint."""

    order_id: int = Field(default_factory=int, ge=1, le=10**18 - 1)
    text: Text = Field(default_factory=str, min_length=1)


class Products(RootModel[list[ProductInput]]):
    """Several products at once."""

    root: list[ProductInput] = Field(min_length=1, max_length=50)


class Orders(RootModel[list[OrderInput]]):
    """Several orders at once, each of which stands for itself."""

    root: list[OrderInput] = Field(min_length=1, max_length=50)


class Account(BaseModel):
    """An account, as its owner sees it."""

    id: UUID
    email: str
    name: str
    created_at: datetime


class Token(BaseModel):
    """A bearer token and the seconds that it lasts."""

    token: str
    expires_in: int


class Product(BaseModel):
    """A product as it is kept."""

    id: UUID
    sku: str
    name: str
    cents: int
    barcode: int | None
    description: str | None
    released_at: datetime | None
    created_by: UUID
    created_at: datetime
    updated_at: datetime


class ProductList(RootModel[list[Product]]):
    """Products that were added together."""


class ProductPage(BaseModel):
    """Products, newest first; `next_cursor` is null on the last page."""

    items: list[Product]
    next_cursor: str | None


class Order(BaseModel):
    """An order as it is kept."""

    id: int
    version: int
    reference: str
    quantity: int
    gift: bool
    notes: str
    deliver_at: datetime | None
    created_at: datetime
    updated_at: datetime


class OrderPage(BaseModel):
    """Orders, oldest first; `total` counts all of them."""

    items: list[Order]
    total: int


class Ordered(BaseModel):
    """What was ordered, in short."""

    reference: str
    quantity: int


class Complaint(BaseModel):
    """A complaint as it is kept, with its order while that is there."""

    id: int
    order_id: int
    text: str
    order: Ordered | None
    created_at: datetime
    updated_at: datetime


class Result(BaseModel):
    """What became of one of several orders."""

    status: int
    order: Order | None = None
    problem: "Error | None" = None


class Results(BaseModel):
    """What became of several orders, in their order."""

    results: list[Result]


class Tracking(BaseModel):
    """Where an order is."""

    carrier: str
    state: str


class Violation(BaseModel):
    """What is wrong, and where."""

    at: str
    why: str


class Error(BaseModel):
    """What every error looks like."""

    code: str
    message: str
    violations: list[Violation] | None = None
