"""What is kept, in memory. Between a look and a write nothing is awaited, so that nothing comes between."""

import itertools
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

Row = dict[str, Any]


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def closed() -> dict[str, Row]:
    """Return the accounts that are there from the start: one that was closed, and is let in no more."""
    carol = {
        "id": uuid.UUID("5c1d0000-0000-4000-8000-00000000d15a"),
        "email": "carol@orders.example",
        "name": "Carol",
    }
    return {
        "carol@orders.example": {**carol, "created_at": now(), "salt": b"", "hash": b"", "disabled": True}
    }


@dataclass
class Store:
    """Accounts by e-mail address, products, orders and complaints by identifier, answers by key.

    `answered` has (account, key) → (digest of the body, answer); `failures` the times of failed sign-ins
    by e-mail address.
    """

    accounts: dict[str, Row] = field(default_factory=closed)
    products: dict[uuid.UUID, Row] = field(default_factory=dict)
    orders: dict[int, Row] = field(default_factory=dict)
    complaints: dict[int, Row] = field(default_factory=dict)
    answered: dict[tuple[str, str], tuple[bytes, Row]] = field(default_factory=dict)
    failures: dict[str, list[float]] = field(default_factory=dict)
    looked_up: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add_product(self, owner: uuid.UUID, form: Row) -> Row:
        """Keep a product and return it."""
        at = now()
        row = {"id": uuid.uuid4(), **form, "created_by": owner, "created_at": at, "updated_at": at}
        self.products[row["id"]] = row
        return row

    def sku_taken(self, sku: str, but: uuid.UUID | None = None) -> bool:
        """Tell whether another product has the SKU."""
        return any(row["sku"] == sku and row["id"] != but for row in self.products.values())

    def add_order(self, owner: uuid.UUID, form: Row) -> Row:
        """Keep an order and return it."""
        at = now()
        row = {"id": next(self.numbers), "version": 1, **form, "created_at": at, "updated_at": at}
        self.orders[row["id"]] = {**row, "owner": owner}
        return self.orders[row["id"]]

    def orders_of(self, owner: uuid.UUID) -> list[Row]:
        """Return an account's orders, oldest first."""
        return [row for row in self.orders.values() if row["owner"] == owner]

    def change(self, row: Row, form: Row) -> Row:
        """Change a product or an order and return it."""
        row.update(form)
        row["updated_at"] = now()
        return row

    def failed_lately(self, email: str, within: float) -> list[float]:
        """Return the times of the sign-ins that failed within so many seconds."""
        since = time.monotonic() - within
        self.failures[email] = [at for at in self.failures.get(email, []) if at > since]
        return self.failures[email]


STORE = web.AppKey("store", Store)
