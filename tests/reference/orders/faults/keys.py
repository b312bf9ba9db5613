"""Faults of Idempotency-Key: what is sent again is done again, or another's answer is given."""

from .fault import Edit, Fault, fault

REMEMBER = "        idempotency.remember(request, key, body, answer)\n"
DIGEST = """\
    if digest != hashlib.sha256(body).digest():
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "This key was used with another body.")
"""
MAKE = '        answer = shown(store.add_order(account["id"], form.model_dump()))\n'
AWAIT = Edit("orders.py", "import csv\n", "import asyncio\nimport csv\n")

FAULTS: tuple[Fault, ...] = (
    fault(
        "key_ignored",
        "replay",
        "The key is checked for its length and then forgotten: an order that is sent again is placed again.",
        "orders.py",
        REMEMBER,
        "",
    ),
    fault(
        "key_answer_kept_work_done",
        "replay",
        "The first answer is given again, after the order has been placed a second time.",
        "orders.py",
        "    if answer is None:\n" + MAKE,
        '    made = shown(store.add_order(account["id"], form.model_dump()))\n'
        "    if answer is None:\n        answer = made\n",
    ),
    fault(
        "key_again_refused",
        "replay",
        "A key that was used is refused with 409, so that a client never learns what became of its order.",
        "idempotency.py",
        "    return answer\n",
        '    raise Refused(HTTPStatus.CONFLICT, "This key was used.")\n',
    ),
    fault(
        "key_body_not_compared",
        "other_body",
        "A key with another body is given the old answer: the new order is never placed.",
        "idempotency.py",
        DIGEST,
        "",
    ),
    fault(
        "key_body_overwritten",
        "other_body",
        "A key with another body is taken for a new request, and its answer replaces the old one.",
        "idempotency.py",
        DIGEST,
        "    if digest != hashlib.sha256(body).digest():\n        return None\n",
    ),
    fault(
        "key_refused_after_work",
        "other_body",
        "A key with another body is refused when its order has been placed already.",
        "orders.py",
        "    answer = idempotency.answered_before(request, key, body)\n    if answer is None:\n" + MAKE,
        '    made = shown(store.add_order(account["id"], form.model_dump()))\n'
        "    answer = idempotency.answered_before(request, key, body)\n"
        "    if answer is None:\n        answer = made\n",
    ),
    fault(
        "key_of_everybody",
        "key_own",
        "Keys are kept without their account: who guesses one is given another's order.",
        "idempotency.py",
        '    return str(account["id"]), key\n',
        '    return "", key\n',
    ),
    fault(
        "key_by_body",
        "key_own",
        "Answers are found by the digest of the body, whoever sent it.",
        "idempotency.py",
        "    found = request.app[STORE].answered.get(key) if key else None\n",
        "    of = hashlib.sha256(body).digest()\n"
        "    kept = request.app[STORE].answered.items()\n"
        "    found = next((v for k, v in kept if key and k[1] == key[1] and v[0] == of), None)\n"
        "    found = found or (request.app[STORE].answered.get(key) if key else None)\n",
    ),
    fault(
        "key_race",
        "one_object",
        "The key is looked for, the order placed a moment later, and the key kept only then.",
        "orders.py",
        MAKE,
        "        await asyncio.sleep(0.1)\n" + MAKE,
        AWAIT,
    ),
    fault(
        "key_race_crashes",
        "one_object",
        "A key that came twice at once breaks a constraint that nobody handles: the loser gets a 500.",
        "orders.py",
        MAKE,
        "        await asyncio.sleep(0.1)\n"
        "        if key is not None and key in store.answered:\n"
        "            raise KeyError(key)\n" + MAKE,
        AWAIT,
    ),
)
