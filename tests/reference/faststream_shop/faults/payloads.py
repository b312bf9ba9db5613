"""Faults of what the shop's events hold."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    EMIT_ARTICLE,
    EMIT_ORDER,
    EVENT_ID,
    STORED_KEY,
)

CHANGE_BODY = "event.model_dump_json())"
IMPORT_JSON = Edit("outbox.py", "import fcntl\n", "import fcntl\nimport json\n")

FAULTS: tuple[Fault, ...] = (
    fault(
        "order_keyed_by_customer",
        "event_key",
        "Orders are keyed by their customer.",
        "outbox.py",
        STORED_KEY,
        '(event.topic, getattr(event.data, "customer_id", event.data.id), event.model_dump_json())',
    ),
    fault(
        "shop_key_missing",
        "event_key",
        "The shop's relay sends without a key.",
        "outbox.py",
        '            key=row["key"].encode(),\n',
        "",
    ),
    fault(
        "article_changed_stale",
        "event_agrees",
        "ArticleChanged tells the article as it was before the change.",
        "articles.py",
        EMIT_ARTICLE,
        EMIT_ARTICLE.replace("model_validate(changed)", "model_validate(row)"),
    ),
    fault(
        "order_changed_with_defaults",
        "event_agrees",
        "OrderChanged tells the form, not the order: a quantity that was left out is 1.",
        "orders.py",
        EMIT_ORDER,
        '        quantity = changed["quantity"] if "quantity" in form.model_fields_set else 1\n'
        + EMIT_ORDER.replace("_told(changed)", '_told({**changed, "quantity": quantity})'),
    ),
    fault(
        "article_of_another_seller",
        "event_agrees",
        "ArticleChanged names the article where it should name the seller.",
        "articles.py",
        EMIT_ARTICLE,
        EMIT_ARTICLE.replace(
            "model_validate(changed)", 'model_validate({**changed, "seller_id": row["id"]})'
        ),
    ),
    fault(
        "quantity_as_text",
        "event_matches_schema",
        "Numbers in the shop's events are texts.",
        "outbox.py",
        CHANGE_BODY,
        "_spelt(event))",
        IMPORT_JSON,
        Edit(
            "outbox.py",
            "async def relay() -> None:\n",
            "def _spelt(event: Event[Any]) -> str:\n"
            '    body = event.model_dump(mode="json")\n'
            '    body["data"] = {k: str(v) for k, v in body["data"].items()}\n'
            "    return json.dumps(body)\n\n\n"
            "async def relay() -> None:\n",
        ),
    ),
    fault(
        "changed_at_left_out",
        "event_matches_schema",
        "`changed_at` is required by the schemas and left out of the events.",
        "outbox.py",
        CHANGE_BODY,
        'event.model_dump_json(exclude={"data": {"changed_at"}}))',
    ),
    fault(
        "customer_email_undeclared",
        "event_private",
        "CustomerJoined also carries the address of the customer's mail, of which the schema says nothing.",
        "outbox.py",
        CHANGE_BODY,
        "_with_mail(connection, event))",
        IMPORT_JSON,
        Edit(
            "outbox.py",
            "async def relay() -> None:\n",
            "def _with_mail(connection: sqlite3.Connection, event: Event[Any]) -> str:\n"
            '    body = event.model_dump(mode="json")\n'
            '    row = connection.execute("SELECT email FROM customer WHERE id = ?", '
            "(event.data.id,)).fetchone()\n"
            "    if row:\n"
            '        body["data"]["email"] = row["email"]\n'
            "    return json.dumps(body)\n\n\n"
            "async def relay() -> None:\n",
        ),
    ),
    fault(
        "order_recipient_undeclared",
        "event_private",
        "OrderPlaced and OrderChanged carry the recipient, of whom the schema says nothing.",
        "orders.py",
        "    return OrderData.model_validate({name: row[name] for name in OrderData.model_fields})\n",
        '    return OrderData.model_validate({k: v for k, v in row.items() if k != "seq"})\n',
        Edit(
            "events.py",
            "    customer_id: str\n    product: str\n",
            '    model_config = ConfigDict(extra="allow", '
            'json_schema_extra={"additionalProperties": False})\n\n'
            "    customer_id: str\n    product: str\n",
        ),
    ),
    fault(
        "customer_password_hash_told",
        "event_private",
        "CustomerJoined carries the password's hash, and the schema even says so.",
        "customers.py",
        "    data = CustomerData(id=str(customer.id), joined_at=customer.joined_at)\n",
        "    data = CustomerData(\n"
        "        id=str(customer.id), joined_at=customer.joined_at, "
        "password_hash=hash_password(form.password)\n"
        "    )\n",
        Edit(
            "events.py",
            "    joined_at: AwareDatetime\n",
            "    joined_at: AwareDatetime\n    password_hash: str\n",
        ),
    ),
    fault(
        "customer_password_told",
        "event_private",
        "CustomerJoined carries the password itself, under a name that does not tell.",
        "customers.py",
        "    data = CustomerData(id=str(customer.id), joined_at=customer.joined_at)\n",
        "    data = CustomerData(id=str(customer.id), joined_at=customer.joined_at, note=form.password)\n",
        Edit("events.py", "    joined_at: AwareDatetime\n", "    joined_at: AwareDatetime\n    note: str\n"),
    ),
    fault(
        "sku_removed",
        "payload_compatible",
        "`sku` is gone from the events of articles, and from their schema.",
        "events.py",
        "    sku: str\n",
        "",
        Edit(
            "articles.py",
            EMIT_ARTICLE,
            EMIT_ARTICLE.replace("model_validate(changed)", "model_validate(_told(changed))"),
        ),
        Edit(
            "articles.py",
            'ArticleListed(time=row["changed_at"], data=ArticleData.model_validate(row))',
            'ArticleListed(time=row["changed_at"], data=ArticleData.model_validate(_told(row)))',
        ),
        Edit(
            "articles.py",
            "def _own(",
            "def _told(row: dict[str, Any]) -> dict[str, Any]:\n"
            "    return {name: row[name] for name in ArticleData.model_fields}\n\n\n"
            "def _own(",
        ),
    ),
    fault(
        "quantity_is_text_now",
        "payload_compatible",
        "The quantity of an order has become a text in the events and the schemas.",
        "events.py",
        "    quantity: int\n",
        "    quantity: Annotated[str, BeforeValidator(str)]\n",
        Edit("events.py", "from typing import Any, ClassVar", "from typing import Annotated, Any, ClassVar"),
        Edit(
            "events.py",
            "import AwareDatetime, BaseModel,",
            "import AwareDatetime, BaseModel, BeforeValidator,",
        ),
        Edit(
            "loyalty.py",
            "                event.data.quantity if",
            "                int(event.data.quantity) if",
        ),
    ),
    fault(
        "customer_tier_required",
        "payload_compatible",
        "CustomerJoined has a new field that is required: consumers cannot read what was told before.",
        "events.py",
        "    joined_at: AwareDatetime\n",
        "    joined_at: AwareDatetime\n    tier: int\n",
        Edit(
            "customers.py",
            "joined_at=customer.joined_at)\n    emit(",
            "joined_at=customer.joined_at, tier=1)\n    emit(",
        ),
    ),
    fault(
        "specversion_left_out",
        "envelope_declared",
        "The envelope has no specversion.",
        "outbox.py",
        CHANGE_BODY,
        'event.model_dump_json(exclude={"specversion"}))',
    ),
    fault(
        "envelope_as_plain_json",
        "envelope_declared",
        "content-type says application/json: nothing tells that the payload is an envelope.",
        "outbox.py",
        '{"content-type": CONTENT_TYPE}',
        '{"content-type": "application/json"}',
    ),
    fault(
        "data_without_envelope",
        "envelope_declared",
        "Only the data are sent: no type, no id, no time.",
        "outbox.py",
        CHANGE_BODY,
        "event.data.model_dump_json())",
    ),
    fault(
        "shop_event_id_once",
        "event_ids_unique",
        "The default of an event's id is made once, when its class is.",
        "events.py",
        EVENT_ID,
        "    id: str = Field(min_length=1, default=str(uuid4()))\n",
    ),
    fault(
        "shop_event_id_of_aggregate",
        "event_ids_unique",
        "An event has the id of what it tells of.",
        "outbox.py",
        CHANGE_BODY,
        'event.model_copy(update={"id": event.data.id}).model_dump_json())',
    ),
    fault(
        "shop_time_without_zone",
        "event_times",
        "Times of the shop's events have no zone.",
        "outbox.py",
        CHANGE_BODY,
        'event.model_copy(update={"time": event.time.replace(tzinfo=None)}).model_dump_json())',
    ),
    fault(
        "cancelled_at_midnight",
        "event_times",
        "An order is cancelled on a day, that is at its midnight, before it was placed.",
        "orders.py",
        "OrderCancelled(time=datetime.fromisoformat(now()), data=data)",
        "OrderCancelled(time=datetime.fromisoformat(now()).replace(hour=0, minute=0, second=0), data=data)",
    ),
)
