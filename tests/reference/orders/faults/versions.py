"""Faults of versions: of two changes of one state the first is lost."""

from .fault import Edit, Fault, fault

# The pauses stand for the network between a service and its database.
LOOK = '    if row["version"] != version:\n'
STORE = (
    '    return web.json_response(shown(request.app[STORE].change(row, {**form, "version": version + 1})))'
)
MATCH = "    require_match(request, tag(row, JSON))\n    if"


def awaited(file: str, *calls: str) -> tuple[Edit, ...]:
    """Return the edits that make `changed` of a file a coroutine; `calls` are its calls' last arguments."""
    return (
        Edit(file, "def changed(", "async def changed("),
        *(Edit(file, f"    return changed({call}", f"    return await changed({call}") for call in calls),
        Edit(file, "from http import HTTPStatus\n", "import asyncio\nfrom http import HTTPStatus\n"),
    )


ORDERS = awaited(
    "orders.py",
    'request, row, form.version, form.model_dump(exclude={"version"}))',
    "request, row, form.version, given(form))",
)
PRODUCTS = awaited("products.py", "request, row, form.model_dump())", "request, row, given(form))")

FAULTS: tuple[Fault, ...] = (
    fault(
        "version_not_compared",
        "old_version_noticed",
        "The version of a body is required and not compared: whoever writes last wins.",
        "orders.py",
        LOOK,
        "    if version < 1:\n",
    ),
    fault(
        "version_of_future_only",
        "old_version_noticed",
        "The version is refused only where it is higher than the present one.",
        "orders.py",
        LOOK,
        '    if version > row["version"]:\n',
    ),
    fault(
        "version_stands_still",
        "old_version_noticed",
        "A change does not move the version, so that no later one can be told from it.",
        "orders.py",
        '"version": version + 1})))',
        '"version": version})))',
    ),
    fault(
        "match_optional",
        "old_version_noticed",
        "A change without If-Match is done, though the document asks for the field.",
        "conditions.py",
        '        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, "Send the product\'s ETag in If-Match.")\n',
        "        return\n",
    ),
    fault(
        "order_race_lost",
        "one_change_wins",
        "An order's version is compared, and written a moment later: all who ask at once win.",
        "orders.py",
        STORE,
        "    await asyncio.sleep(0.1)\n" + STORE,
        *ORDERS,
    ),
    fault(
        "product_race_lost",
        "one_change_wins",
        "A product's tag is compared before the database is asked for the SKU, and not again.",
        "products.py",
        MATCH,
        MATCH.replace("    if", "    await asyncio.sleep(0.1)\n    if"),
        *PRODUCTS,
    ),
    fault(
        "order_race_crashes",
        "one_change_wins",
        "An order that was changed meanwhile fails an assertion, and the loser gets a 500.",
        "orders.py",
        STORE,
        '    await asyncio.sleep(0.1)\n    assert row["version"] == version\n' + STORE,
        *ORDERS,
    ),
)
