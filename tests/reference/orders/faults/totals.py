"""Faults of lists: what is another's is not shown, and counted all the same."""

from .fault import Fault, fault

ANSWER = '    return web.json_response({"items": page, "total": len(rows)}, headers={"Vary": "Accept"})'

FAULTS: tuple[Fault, ...] = (
    fault(
        "orders_counted_in_range",
        "strangers_total",
        "Content-Range of the orders has the number of everybody's orders.",
        "orders.py",
        ANSWER,
        '    every = f"orders {offset}-{offset + limit}/{len(request.app[STORE].orders)}"\n'
        '    fields = {"Vary": "Accept", "Content-Range": every}\n'
        '    return web.json_response({"items": page, "total": len(rows)}, headers=fields)',
    ),
    fault(
        "pages_of_all_orders",
        "strangers_total",
        "The number of pages of the orders is that of everybody's orders.",
        "orders.py",
        ANSWER,
        ANSWER.replace(
            '"total": len(rows)', '"total": len(rows), "pages": -(-len(request.app[STORE].orders) // limit)'
        ),
    ),
)
