"""Orders: each customer's own business."""

import sqlite3
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from .auth import Me
from .bodies import Body, Limit, Line, Offset
from .db import Db, now
from .errors import answers, refuse
from .events import CancelledOrder, OrderCancelled, OrderChanged, OrderPlaced
from .events import Order as OrderData
from .outbox import emit

router = APIRouter(prefix="/orders", tags=["orders"])

Quantity = Annotated[int, Field(ge=1, le=1000)]


def _without_default(schema: dict[str, Any]) -> None:
    """A field that may be missing has no default that the document should tell."""
    del schema["default"]


LEFT_OUT: Any = Field(default=None, json_schema_extra=_without_default)
COLUMNS = "id, customer_id, product, quantity, recipient, changed_at"


class OrderForm(Body):
    """What a customer orders."""

    product: Line
    quantity: Quantity
    recipient: Line


class OrderPatch(Body):
    """What a customer changes."""

    product: Line = LEFT_OUT
    quantity: Quantity = LEFT_OUT
    recipient: Line = LEFT_OUT


class Order(BaseModel):
    """An order as it is kept."""

    id: UUID
    customer_id: UUID
    product: str
    quantity: int
    recipient: str
    changed_at: datetime


@router.get("", responses=answers(401))
def list_orders(connection: Db, me: Me, limit: Limit = 20, offset: Offset = 0) -> list[Order]:
    """List your orders, the oldest first."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM purchase WHERE customer_id = ? ORDER BY seq LIMIT ? OFFSET ?",  # noqa: S608 - a constant
        (me, limit, offset),
    )
    return [Order.model_validate(dict(row)) for row in rows]


@router.post("", status_code=201, responses=answers(401))
def place_order(form: OrderForm, me: Me, connection: Db, response: Response) -> Order:
    """Order something."""
    row = {"id": str(uuid4()), "customer_id": me, **form.model_dump(), "changed_at": now()}
    connection.execute(
        "INSERT INTO purchase (id, customer_id, product, quantity, recipient, changed_at)"
        " VALUES (:id, :customer_id, :product, :quantity, :recipient, :changed_at)",
        row,
    )
    emit(connection, OrderPlaced(time=row["changed_at"], data=_told(row)))
    response.headers["Location"] = f"/orders/{row['id']}"
    return Order.model_validate(row)


@router.get("/{order_id}", responses=answers(401, 404))
def read_order(order_id: UUID, me: Me, connection: Db) -> Order:
    """Read an order of yours."""
    return Order.model_validate(_own(connection, order_id, me))


@router.patch("/{order_id}", responses=answers(401, 404))
def change_order(order_id: UUID, form: OrderPatch, me: Me, connection: Db) -> Order:
    """Change an order of yours; to say what it says already changes nothing."""
    row = _own(connection, order_id, me)
    changed = {**row, **form.model_dump(exclude_unset=True)}
    if changed != row:
        changed["changed_at"] = now()
        connection.execute(
            "UPDATE purchase SET product = :product, quantity = :quantity, recipient = :recipient,"
            " changed_at = :changed_at WHERE id = :id",
            changed,
        )
        emit(connection, OrderChanged(time=changed["changed_at"], data=_told(changed)))
    return Order.model_validate(changed)


@router.delete("/{order_id}", status_code=204, responses=answers(401, 404))
def cancel_order(order_id: UUID, me: Me, connection: Db) -> Response:
    """Withdraw an order of yours."""
    row = _own(connection, order_id, me)
    connection.execute("DELETE FROM purchase WHERE id = ?", (row["id"],))
    data = CancelledOrder(id=row["id"], customer_id=me)
    emit(connection, OrderCancelled(time=datetime.fromisoformat(now()), data=data))
    return Response(status_code=204)


def _own(connection: sqlite3.Connection, order_id: UUID, me: str) -> dict[str, Any]:
    """The order, or a 404: whether another customer has it is nobody's business."""
    row = connection.execute(
        f"SELECT {COLUMNS} FROM purchase WHERE id = ? AND customer_id = ?",  # noqa: S608 - a constant
        (str(order_id), me),
    ).fetchone()
    if row is None:
        raise refuse(404, "not_found", "You have no such order.")
    return dict(row)


def _told(row: dict[str, Any]) -> OrderData:
    """What others are told of an order: not who receives it."""
    return OrderData.model_validate({name: row[name] for name in OrderData.model_fields})
