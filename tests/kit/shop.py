"""A service that keeps its word, in memory: items to list, create, read, replace and delete.

`python -m tests.kit.shop PORT [--die-after N]` serves it; after N requests the process is gone at once.
"""

import argparse
import json
import os
import re
import threading
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator

from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop_documents import ITEM, document

FORM = Draft202012Validator(ITEM)
ALLOW = {"items": "GET, POST", "item": "GET, PUT, DELETE"}
PATHS = re.compile(r"/items(?:/([^/]+))?")


class Shop:
    """Its state is `items`; `taken` so many are there before anybody comes. Call it with a request."""

    def __init__(self, version: str = "3.1.0", base: str = "", taken: int = 0) -> None:
        self.document = document(version, base)
        self.base = base
        self.items: dict[int, dict[str, Any]] = {
            number: {"id": number, "name": f"old {number}", "amount": number, "price": 1.5}
            for number in range(1, taken + 1)
        }
        self._next = taken + 1
        self._lock = threading.Lock()

    def __call__(self, seen: Seen) -> Answer:
        with self._lock:
            if seen.path == "/openapi.json" and seen.method == "GET":
                return Answer(200, self.document)
            found = PATHS.fullmatch(seen.path.removeprefix(self.base))
            if not found or not seen.path.startswith(self.base):
                return _error(404, "no such path")
            return self._item(seen, found[1]) if found[1] else self._items(seen)

    def _items(self, seen: Seen) -> Answer:
        match seen.method:
            case "GET":
                return self._page(seen)
            case "QUERY" if self._speaks_32:
                wanted = _read(seen, required=("name",))
                if isinstance(wanted, Answer):
                    return wanted
                return Answer(200, [i for i in self.items.values() if i["name"] == wanted["name"]])
            case "POST":
                new = _read(seen)
                if isinstance(new, Answer):
                    return new
                item = self.items[self._next] = {"id": self._next, **new}
                self._next += 1
                return Answer(201, item)
        return _error(405, "not here", Allow=ALLOW["items"])

    def _page(self, seen: Seen) -> Answer:
        limits = {"limit": (20, 1, 100), "offset": (0, 0, 2**31 - 1)}
        at = {}
        for name, (default, least, most) in limits.items():
            value = seen.query.get(name, str(default))
            if not re.fullmatch(r"\d{1,10}", value, re.ASCII) or not least <= int(value) <= most:
                return _error(422, f"{name} is a number from {least} to {most}")
            at[name] = int(value)
        return Answer(200, list(self.items.values())[at["offset"] :][: at["limit"]])

    def _item(self, seen: Seen, text: str) -> Answer:
        locks = seen.method == "LOCK" and self._speaks_32
        if seen.method not in ("GET", "PUT", "DELETE") and not locks:
            return _error(405, "not here", Allow=ALLOW["item"])
        if not re.fullmatch(r"\d{1,10}", text, re.ASCII):
            return _error(422, "an item is called by its number")
        item = self.items.get(int(text))
        if item is None:
            return _error(404, "no such item")
        if seen.method == "DELETE":
            del self.items[int(text)]
            return Answer(204)
        if seen.method == "PUT":
            new = _read(seen)
            if isinstance(new, Answer):
                return new
            item.update(new)
        return Answer(200, item)

    @property
    def _speaks_32(self) -> bool:
        return str(self.document.get("openapi", "")).startswith("3.2")


def _read(seen: Seen, required: tuple[str, ...] = tuple(ITEM["required"])) -> dict[str, Any] | Answer:
    try:
        data = json.loads(seen.body)
    except (ValueError, RecursionError):
        return _error(400, "that is not JSON")
    form = FORM.evolve(schema={**ITEM, "required": list(required)})
    if not form.is_valid(data):
        return _error(422, "that is no item")
    return {name: data[name] for name in ITEM["properties"] if name in data}


def _error(status: int, message: str, **headers: str) -> Answer:
    return Answer(status, {"code": status, "message": message}, headers)


def mortal(service: Callable[[Seen], Answer], after: int) -> Callable[[Seen], Answer]:
    """The service, whose process is gone when it gets one request more than `after`."""
    count = iter(range(after))

    def answer(seen: Seen) -> Answer:
        if next(count, None) is None:
            os._exit(9)
        return service(seen)

    return answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--die-after", type=int)
    options = parser.parse_args()
    shop: Callable[[Seen], Answer] = Shop()
    if options.die_after is not None:
        shop = mortal(shop, options.die_after)
    Server(shop, port=options.port).serve()


if __name__ == "__main__":
    main()
