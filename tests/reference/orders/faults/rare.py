"""Faults of rare values, nested items and rare orders of requests, which few fixed requests meet."""

from .fault import Edit, Fault, fault

BULK = "    forms = (await read(request, Products)).root\n"
ITEMS = '''\
class Products(RootModel[list[ProductInput]]):
    """Several products at once."""

    root: list[ProductInput] = Field(min_length=1, max_length=50)
'''
SHOWN = '    return Order.model_validate(row).model_dump(mode="json")\n'
KEPT = '        row = {"id": uuid.uuid4(), **form,'
PLACED = '        row = {"id": next(self.numbers), "version": 1, **form,'
VERSION = '    if row["version"] != version:\n'


def loose(field: str) -> Edit:
    """Return the edit by which the items of several products at once have another field."""
    return Edit(
        "models.py",
        "class OrderInput(Taken):",
        f'class LooseProduct(ProductInput):\n    """A product among several."""\n\n    {field}\n\n\n'
        "class LooseProducts(RootModel[list[LooseProduct]]):\n"
        '    """Several products at once."""\n\n'
        "    root: list[LooseProduct] = Field(min_length=1, max_length=50)\n\n\n"
        "class OrderInput(Taken):",
    )


USE = Edit(
    "batches.py",
    "from .models import OrderInput, Products\n",
    "from .models import LooseProducts, OrderInput\n",
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "bulk_price_unbounded",
        "invalid_refused",
        "The products that are added together may cost more than the declared maximum.",
        "batches.py",
        BULK,
        BULK.replace("Products", "LooseProducts"),
        USE,
        loose("cents: int = Field(ge=0)"),
    ),
    fault(
        "last_day_overflows",
        "no_server_error",
        "A day is added to the day of release: the last day that there is has no next one, a 500.",
        "store.py",
        KEPT,
        '        if form["released_at"] is not None:\n            form["released_at"] + timedelta(days=1)\n'
        + KEPT,
        Edit(
            "store.py",
            "from datetime import UTC, datetime\n",
            "from datetime import UTC, datetime, timedelta\n",
        ),
    ),
    fault(
        "shelf_unknown",
        "no_server_error",
        "Quantities that have no shelf make placing an order fail: a 500.",
        "store.py",
        PLACED,
        '        if 700 <= form["quantity"] < 720:\n            raise KeyError("shelf")\n' + PLACED,
    ),
    fault(
        "gift_with_long_note_is_null",
        "responses_match",
        "The notes of a gift are null where they are longer than a card has room for.",
        "orders.py",
        SHOWN,
        '    shown = Order.model_validate(row).model_dump(mode="json")\n'
        '    if row["gift"] and len(row["notes"]) > 200:\n        shown["notes"] = None\n    return shown\n',
    ),
    fault(
        "dozens_in_words",
        "responses_match",
        "Quantities of some hundreds that are whole dozens are shown in words.",
        "orders.py",
        SHOWN,
        '    shown = Order.model_validate(row).model_dump(mode="json")\n'
        '    if row["quantity"] > 100 and row["quantity"] % 12 == 0:\n'
        '        shown["quantity"] = f"{row[\'quantity\'] // 12} dozen"\n    return shown\n',
    ),
    fault(
        "third_change_of_long_notes_fails",
        "no_server_error",
        "The history of an order has no room for long notes at its third change: a 500.",
        "orders.py",
        VERSION,
        '    if row["version"] >= 3 and len(form.get("notes", "")) > 300:\n'
        '        raise OverflowError("no room")\n' + VERSION,
    ),
)
