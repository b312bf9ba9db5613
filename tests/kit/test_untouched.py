"""An audit of a service in use: what was there before is there after, and nothing of the audit is left."""

import copy
import json
import re
from contextlib import suppress
from pathlib import Path

from tests.kit.conftest import Cli, findings, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop

NOTES = {
    "type": "object",
    "required": ["item_id", "text"],
    "properties": {"item_id": {"type": "integer"}, "text": {"type": "string", "minLength": 1}},
}
SHOWN = {**NOTES, "properties": {"id": {"type": "integer"}, **NOTES["properties"]}}  # type: ignore[dict-item]


def content(schema: object) -> dict[str, object]:
    return {"description": "done", "content": {"application/json": {"schema": schema}}}


class Busy(Shop):
    """A shop in use, in which requests can name an item in the path, in the body and in the query."""

    def __init__(self) -> None:
        super().__init__(taken=5)
        self.touched: list[str] = []
        self.made: set[int] = set()
        item = {"name": "item_id", "in": "query", "required": True, "schema": {"type": "integer"}}
        refused = {
            "422": {"description": "refused"},
            "404": {"description": "none"},
            "400": {"description": "no"},
        }
        self.document["paths"] |= {
            "/notes": {
                "post": {"requestBody": content(NOTES), "responses": {"201": content(SHOWN), **refused}}
            },
            "/promote": {
                "post": {"parameters": [item], "responses": {"204": {"description": "ok"}, **refused}}
            },
            "/items/clear": {"post": {"responses": {"204": {"description": "all are gone"}}}},
            "/items/bulk-delete": {"delete": {"responses": {"204": {"description": "all are gone"}}}},
        }
        self.document["paths"]["/items"]["delete"] = {"responses": {"204": {"description": "all are gone"}}}

    def __call__(self, seen: Seen) -> Answer:
        named: set[int] = set()
        body: object = None
        if seen.method not in ("GET", "HEAD", "OPTIONS"):
            texts = re.findall(r"^/items/(\d+)$", seen.path) + re.findall(r"item_id=(\d+)", seen.target)
            named = {int(text) for text in texts}
            with suppress(ValueError, RecursionError):
                body = json.loads(seen.body)
            if isinstance(body, dict) and type(body.get("item_id")) is int:
                named.add(body["item_id"])
            # A number that no table has reached is nobody's.
            strange = {number for number in named if 0 < number < 10**9} - self.made
            if strange or "clear" in seen.path or "bulk" in seen.path:
                self.touched.append(f"{seen.method} {seen.target} {seen.body!r}")
        if (seen.method, seen.path) == ("DELETE", "/items"):
            self.items.clear()
        if seen.path in ("/notes", "/promote") and seen.method == "POST":
            if not named or not named <= set(self.items):
                return Answer(422, {"code": 422, "message": "no such item"})
            return (
                Answer(204) if seen.path == "/promote" else Answer(201, {"id": 1, "item_id": 1, "text": "a"})
            )
        answer = super().__call__(seen)
        if answer.status == 201:
            self.made.add(answer.data["id"])
        return answer


def test_what_was_there_is_untouched_and_what_was_made_is_gone(cli: Cli) -> None:
    shop = Busy()
    before = copy.deepcopy(shop.items)
    with Server(shop) as server:
        ended = cli(
            "audit",
            "--url",
            server.url,
        )
    assert shop.touched == []
    assert shop.items == before
    assert len(server.seen) > 50
    assert len(shop.made) > 10
    assert ended.code in (0, 1), ended


def test_a_plain_shop_in_use(cli: Cli, work: Path) -> None:
    shop = Shop(taken=30)
    before = copy.deepcopy(shop.items)
    with Server(shop) as server:
        ended = cli("audit", "--url", server.url, "--json", "out.json")
    assert ended.code == 0, findings(read_json(work / "out.json"))
    assert shop.items == before
    changed = {each.path for each in server.seen if each.method in ("PUT", "DELETE")}
    assert not changed & {f"/items/{number}" for number in before}
    assert len([each for each in server.seen if each.method == "DELETE"]) > 5
