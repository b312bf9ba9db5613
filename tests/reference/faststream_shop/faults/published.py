"""Faults of which events the shop publishes."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    EMIT_ARTICLE,
    EMIT_CANCELLED,
    EMIT_ORDER,
    EMIT_PLACED,
    EMIT_REMOVED,
    PUBLISH,
    PUBLISH_NOW,
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "article_removed_untold",
        "event_published",
        "DELETE of an article publishes nothing: catalogues go on to offer it.",
        "articles.py",
        EMIT_REMOVED,
        "",
    ),
    fault(
        "order_quantity_untold",
        "event_published",
        "PATCH of an order publishes only where the product changes.",
        "orders.py",
        EMIT_ORDER,
        '        if changed["product"] != row["product"]:\n    ' + EMIT_ORDER,
    ),
    fault(
        "order_cancelled_to_articles",
        "event_published",
        "OrderCancelled goes to the topic of the articles, where nobody waits for it.",
        "outbox.py",
        PUBLISH,
        PUBLISH.replace(
            'row["topic"],', '"shop.articles" if "order.cancelled" in row["body"] else row["topic"],'
        ),
    ),
    fault(
        "order_placed_twice",
        "event_once",
        "POST of an order publishes OrderPlaced for the order and again for the stock, with two ids.",
        "orders.py",
        EMIT_PLACED,
        EMIT_PLACED * 2,
    ),
    fault(
        "relay_sends_to_be_sure",
        "event_once",
        "The relay sends everything a second time, to be sure.",
        "outbox.py",
        PUBLISH,
        PUBLISH * 2,
    ),
    fault(
        "article_put_refused_told",
        "refused_publishes_none",
        "PUT publishes at once what it is about to store, and then finds the SKU taken: 409.",
        "articles.py",
        '        changed["changed_at"] = now()\n',
        '        changed["changed_at"] = now()\n'
        "        publish_now(\n"
        '            ArticleChanged(time=changed["changed_at"], data=ArticleData.model_validate(changed))\n'
        "        )\n",
        Edit("articles.py", EMIT_ARTICLE, ""),
        *PUBLISH_NOW,
    ),
    fault(
        "order_cancel_refused_told",
        "refused_publishes_none",
        "DELETE of another's order answers 404 by a return: what was emitted before is committed.",
        "orders.py",
        '    """Withdraw an order of yours."""\n    row = _own(connection, order_id, me)\n',
        '    """Withdraw an order of yours."""\n'
        "    data = CancelledOrder(id=str(order_id), customer_id=me)\n" + EMIT_CANCELLED + "    try:\n"
        "        row = _own(connection, order_id, me)\n"
        "    except HTTPException as error:\n"
        '        return JSONResponse({"errors": error.detail}, error.status_code)\n',
        Edit("orders.py", '    data = CancelledOrder(id=row["id"], customer_id=me)\n' + EMIT_CANCELLED, ""),
        Edit(
            "orders.py",
            "from fastapi import APIRouter, Response\n",
            "from fastapi import APIRouter, HTTPException, Response\n"
            "from fastapi.responses import JSONResponse\n",
        ),
    ),
    fault(
        "order_read_told",
        "safe_publishes_none",
        "GET of an order publishes OrderChanged.",
        "orders.py",
        "    return Order.model_validate(_own(connection, order_id, me))\n",
        "    row = _own(connection, order_id, me)\n"
        '    emit(connection, OrderChanged(time=row["changed_at"], data=_told(row)))\n'
        "    return Order.model_validate(row)\n",
    ),
    fault(
        "loyalty_read_told",
        "safe_publishes_none",
        "GET of a customer's loyalty publishes CustomerJoined, to open what may be missing.",
        "loyalty.py",
        "    row = connection.execute(\n",
        "    joined = datetime.now(UTC)\n"
        "    data = Customer(id=me, joined_at=joined)\n"
        "    emit(connection, CustomerJoined(time=joined, data=data))\n"
        "    row = connection.execute(\n",
        Edit(
            "loyalty.py",
            "from .events import OrderCancelled, OrderPlaced\n",
            "from .events import Customer, CustomerJoined, OrderCancelled, OrderPlaced\n"
            "from .outbox import emit\n",
        ),
        Edit(
            "loyalty.py",
            "from typing import Annotated\n",
            "from datetime import UTC, datetime\nfrom typing import Annotated\n",
        ),
    ),
    fault(
        "article_same_again_told",
        "replay_publishes_once",
        "PUT of an article as it is publishes ArticleChanged each time.",
        "articles.py",
        "    if changed != row:\n",
        "    if changed:\n",
    ),
    fault(
        "order_same_again_told",
        "replay_publishes_once",
        "PATCH of an order sets changed_at before it looks for a change, and so always finds one.",
        "orders.py",
        "    changed = {**row, **form.model_dump(exclude_unset=True)}\n",
        '    changed = {**row, **form.model_dump(exclude_unset=True), "changed_at": now()}\n',
    ),
    fault(
        "order_audited_undeclared",
        "event_declared",
        "POST of an order also publishes com.example.shop.order.audited, of which no document tells.",
        "orders.py",
        EMIT_PLACED,
        EMIT_PLACED + '    emit(connection, OrderAudited(time=row["changed_at"], data=_told(row)))\n',
        Edit(
            "orders.py",
            "import CancelledOrder, OrderCancelled",
            "import CancelledOrder, OrderAudited, OrderCancelled",
        ),
        Edit(
            "events.py",
            "PUBLISHED: tuple",
            "class OrderAudited(Event[Order]):\n"
            '    """Somebody in the back office has a look."""\n\n'
            '    topic = "shop.orders"\n'
            '    type: Literal["com.example.shop.order.audited"] = "com.example.shop.order.audited"\n\n\n'
            "PUBLISHED: tuple",
        ),
    ),
    fault(
        "heartbeat_on_topic",
        "event_declared",
        "After each event the relay sends `ping` to the topic of the articles, to keep it warm.",
        "outbox.py",
        PUBLISH,
        PUBLISH + '        await broker.publish(b"ping", "shop.articles")\n',
    ),
)
