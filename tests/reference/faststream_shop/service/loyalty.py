"""Counts each customer's orders, from the shop's own events.

It needs no note of what it has handled: a row an order, written once, says the same the second time.
"""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from faststream import AckPolicy
from faststream.confluent import Topic
from pydantic import BaseModel, Field

from . import db
from .auth import Me
from .broker import broker
from .db import Db
from .errors import answers, refuse
from .events import OrderCancelled, OrderPlaced
from .sieve import Sieve, read_json

router = APIRouter(tags=["loyalty"])
broker.add_middleware(Sieve)

Counted = Annotated[OrderPlaced | OrderCancelled, Field(discriminator="type")]


class Loyalty(BaseModel):
    """What a customer has ordered, a moment behind the orders themselves."""

    customer_id: UUID
    orders: int
    items: int


@broker.subscriber(
    # Without an administrator's rights the broker makes it when it is named.
    Topic(OrderPlaced.topic, declare=False),
    group_id="shop.loyalty",
    title="CountOrders",
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    decoder=read_json,
)
async def count(event: Counted) -> None:
    """Count an order, or count it no longer."""
    await asyncio.to_thread(_count, event)


def _count(event: OrderPlaced | OrderCancelled) -> None:
    placed = isinstance(event, OrderPlaced)
    with db.transaction() as connection:
        connection.execute(
            "INSERT INTO counted (order_id, customer_id, quantity, cancelled) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (order_id) DO UPDATE SET cancelled = max(cancelled, excluded.cancelled)",
            (
                event.data.id,
                event.data.customer_id,
                event.data.quantity if isinstance(event, OrderPlaced) else 0,
                not placed,
            ),
        )


@router.get("/customers/{customer_id}/loyalty", responses=answers(401, 403))
def read_loyalty(customer_id: UUID, me: Me, connection: Db) -> Loyalty:
    """Read how much you have ordered."""
    if str(customer_id) != me:
        raise refuse(403, "not_yours", "Only the customer may see this.")
    row = connection.execute(
        "SELECT count(*), coalesce(sum(quantity), 0) FROM counted WHERE customer_id = ? AND NOT cancelled",
        (me,),
    ).fetchone()
    return Loyalty(customer_id=customer_id, orders=row[0], items=row[1])
