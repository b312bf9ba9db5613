"""Faults of bulk: a part is stored, or what became of an item is not what is said."""

from .fault import Fault, fault

CHECK = '    taken = {f"{i}.sku": "is taken" for i, sku in enumerate(skus)'
ADD = """\
    rows = [store.add_product(account["id"], form.model_dump()) for form in forms]
"""
WRONG = '            results.append({"status": 422, "problem": problem})\n'

FAULTS: tuple[Fault, ...] = (
    fault(
        "bulk_without_transaction",
        "bulk_whole",
        "Products are added one by one until one is taken: the 409 leaves those before it behind.",
        "batches.py",
        "    if taken:\n",
        "    for form in forms if taken else ():\n"
        "        if not store.sku_taken(form.sku):\n"
        '            store.add_product(account["id"], form.model_dump())\n'
        "    if taken:\n",
    ),
    fault(
        "bulk_skips_taken",
        "bulk_whole",
        "Products whose SKU is taken are passed over, and the answer shows only the others.",
        "batches.py",
        "    if taken:\n",
        "    forms = [form for form in forms if not store.sku_taken(form.sku)]\n"
        "    if taken and not forms:\n",
    ),
    fault(
        "bulk_loses_last",
        "bulk_whole",
        "The last product of several is answered and not kept.",
        "batches.py",
        ADD,
        ADD + '    if len(rows) > 1:\n        del store.products[rows[-1]["id"]]\n',
    ),
    fault(
        "batch_all_well",
        "bulk_whole",
        "Each order of a batch is said to be placed, those that were refused as well.",
        "batches.py",
        WRONG,
        WRONG.replace("422", "201").replace('"problem": problem', '"order": None'),
    ),
    fault(
        "batch_refused_and_placed",
        "bulk_whole",
        "An order after an invalid one is said to be refused, and placed all the same.",
        "batches.py",
        '            results.append({"status": 201, "order": orders.shown(row)})\n',
        '            failed = any(result["status"] != 201 for result in results)\n'
        '            results.append({"status": 422 if failed else 201, "order": orders.shown(row)})\n',
    ),
)
