"""Faults of references: what a body names is taken, whosever it is."""

from .fault import Edit, Fault, fault

OWN = 'if order_id not in [row["id"] for row in request.app[STORE].orders_of(account["id"])]:'
ANY = "if not account or order_id not in request.app[STORE].orders:"

FAULTS: tuple[Fault, ...] = (
    fault(
        "complaint_about_any_order",
        "own_references",
        "A complaint may be about anybody's order, which it then shows.",
        "complaints.py",
        OWN,
        ANY,
    ),
    fault(
        "complaint_moved_unchecked",
        "own_references",
        "PATCH of a complaint takes any number of an order, and shows the order if there is one.",
        "complaints.py",
        "        check_order(request, account, form.order_id)\n    return",
        "        account = account or {}\n    return",
    ),
    fault(
        "complaint_about_hidden_order",
        "own_references",
        "A complaint may be about anybody's order, of which it shows nothing.",
        "complaints.py",
        OWN,
        ANY,
        Edit(
            "complaints.py", "if about else None", 'if about and about["owner"] == row.get("owner") else None'
        ),
    ),
)
