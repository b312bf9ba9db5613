"""A service of orders that publishes straight from its handlers, with a fault where FAULT names one.

Run as a program: `orders.py PORT BROKER`. ENVELOPE is `binary` or `structured` (CloudEvents) or `plain`.
It needs the standard library and confluent-kafka only, so that it is up within a moment.
"""

import json
import os
import sys
import threading
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from confluent_kafka import Producer

FAULT = os.environ.get("FAULT", "")
ENVELOPE = os.environ.get("ENVELOPE", "binary")
TOPIC = "orders"
EVENTS = ("OrderCreated", "OrderUpdated", "OrderDeleted")
FIELDS: dict[str, Any] = {
    "reference": {"type": "string", "minLength": 1, "maxLength": 80},
    "note": {"type": "string", "maxLength": 80},
    "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
}
ORDER: dict[str, Any] = {
    "type": "object",
    "title": "Order",
    "required": ["id", *FIELDS, "version"],
    "properties": {"id": {"type": "integer"}, **FIELDS, "version": {"type": "integer"}},
}
DATA: dict[str, Any] = {**ORDER, "title": "OrderData"}
HEADERS = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type")


def openapi() -> dict[str, Any]:
    """The operations, with what they publish."""
    new = {"type": "object", "required": ["reference", "quantity"], "properties": FIELDS}
    some = {"type": "object", "properties": FIELDS, "minProperties": 1}
    place = [{"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    replay = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}]

    def operation(body: Any, ok: str, name: str, *errors: str) -> dict[str, Any]:
        shown = {"application/json": {"schema": ORDER}}
        answers = {ok: {"description": "ok", **({} if ok == "204" else {"content": shown})}}
        return {
            "responses": {**answers, **{status: {"description": "refused"} for status in errors}},
            **(
                {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}}
                if body
                else {}
            ),
            **({"x-publishes": [name]} if name else {}),
        }

    items = {"application/json": {"schema": {"type": "array", "items": ORDER}}}
    several = operation({"type": "array", "items": new}, "201", "OrderCreated", "409", "422")
    several["responses"]["201"]["content"] = items
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": {
            "/orders": {
                "get": {"responses": {"200": {"description": "ok", "content": items}}},
                "post": {**operation(new, "201", "OrderCreated", "409", "422"), "parameters": replay},
            },
            "/orders/bulk": {"post": several},
            "/orders/{order_id}": {
                "parameters": place,
                "get": operation(None, "200", "", "404"),
                "put": operation(new, "200", "OrderUpdated", "404", "409", "422"),
                "patch": operation(some, "200", "OrderUpdated", "404", "409", "422"),
                "delete": operation(None, "204", "OrderDeleted", "404"),
            },
        },
    }


def asyncapi() -> dict[str, Any]:
    """The events, in the envelope that is asked for."""
    messages = {name: _message(name) for name in EVENTS}
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "channels": {
            "orders": {
                "address": TOPIC,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in EVENTS},
            }
        },
        "operations": {
            f"send{name}": {
                "action": "send",
                "channel": {"$ref": "#/channels/orders"},
                "messages": [{"$ref": f"#/channels/orders/messages/{name}"}],
            }
            for name in EVENTS
        },
        "components": {"messages": messages, "schemas": {"Data": DATA}},
    }
    if FAULT == "dangling":
        del document["components"]["schemas"]["Data"]
    if FAULT == "foreign message":
        document["operations"]["sendOrderCreated"]["messages"] = [{"$ref": "#/components/messages/Gone"}]
    if FAULT == "unnamed":
        del document["info"]["version"]
    return document


def _message(name: str) -> dict[str, Any]:
    data = {"$ref": "#/components/schemas/Data"}
    key = {} if FAULT == "no key declared" else {"bindings": {"kafka": {"key": {"type": "string"}}}}
    if ENVELOPE == "structured":
        attributes = {"specversion": {"const": "1.0"}, "type": {"const": name}, "id": {"type": "string"}}
        attributes |= {
            "source": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "data": data,
        }
        payload = {"type": "object", "required": list(attributes), "properties": attributes}
        return {"name": name, "contentType": "application/cloudevents+json", "payload": payload, **key}
    if ENVELOPE == "plain":
        headers = {"type": {"const": name}, "event_id": {"type": "string"}, "time": {"type": "string"}}
    else:
        headers = {header: {"type": "string"} for header in HEADERS} | {"ce_type": {"const": name}}
    schema = {"headers": {"type": "object", "required": list(headers), "properties": headers}}
    if FAULT == "no headers declared":
        schema = {}
    return {"name": name, "contentType": "application/json", "payload": data, **schema, **key}


class Orders:
    """The orders, and the producer of their events."""

    def __init__(self, broker: str) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.lock = threading.RLock()
        self.replays: dict[str, dict[str, Any]] = {}
        self.last = 0
        self.count = 0
        self.held: list[tuple[Any, ...]] = []
        self.producer = Producer({"bootstrap.servers": broker, "linger.ms": 0, "log_level": 0})

    def publish(self, name: str, order: dict[str, Any]) -> None:
        """Send one event of an order, or what the fault makes of it."""
        self.count += 1
        data, id_ = dict(order), str(uuid.uuid4())
        time, key, topic, type_ = datetime.now(UTC).isoformat(), str(order["id"]), TOPIC, name
        if FAULT == "lost":
            return
        if FAULT == "every third lost" and self.count % 3 == 0:
            return
        if FAULT == "no update told" and name == "OrderUpdated":
            return
        match FAULT:
            case "no key":
                key = None  # type: ignore[assignment]
            case "random key":
                key = uuid.uuid4().hex
            case "one key":
                key = "orders"
            case "stale data" if name == "OrderUpdated":
                data["quantity"] = data["quantity"] % 1000 + 1
            case "shortened data":
                data["reference"] = data["reference"][:3]
            case "wrong type":
                data["quantity"] = str(data["quantity"])
            case "field missing":
                del data["note"]
            case "same id":
                id_ = "42"
            case "id of the order":
                id_ = str(order["id"])
            case "no zone":
                time = datetime.now(UTC).replace(tzinfo=None).isoformat()
            case "time in words":
                time = datetime.now(UTC).strftime("%a %d %b %Y")
            case "time goes back":
                time = datetime.fromtimestamp(4_000_000_000 - self.count, UTC).isoformat()
            case "password told":
                data["owner"] = {"password_hash": "$2b$12$abcdefghijklmnopqrstuv"}
            case "address told":
                data["contact"] = "someone@example.com"
            case "unknown type" if name == "OrderUpdated":
                self._send("OrderTouched", data, id_, time, key, TOPIC)
                id_ = str(uuid.uuid4())
            case "unknown topic":
                self._send(name, data, id_, time, key, "orders-internal")
                id_ = str(uuid.uuid4())
            case "another type":
                type_ = "OrderCreated"
        self._send(type_, data, id_, time, key, topic)
        if FAULT == "sent twice":
            self._send(type_, data, id_, time, key, topic)
        if FAULT == "told twice" and name == "OrderCreated":
            self._send(type_, data, str(uuid.uuid4()), time, key, topic)

    def _send(self, type_: str, data: Any, id_: str, time: str, key: str | None, topic: str) -> None:
        source = "" if FAULT == "no source" else "/orders"
        version = "0.3" if FAULT == "old version" else "1.0"
        headers: list[tuple[str, str | bytes | None]]
        if ENVELOPE == "structured":
            event = {
                "specversion": version,
                "id": id_,
                "source": source,
                "type": type_,
                "time": time,
                "data": data,
            }
            headers, value = [("content-type", "application/cloudevents+json")], json.dumps(event)
        elif ENVELOPE == "plain":
            headers, value = [("type", type_), ("event_id", id_), ("time", time)], json.dumps(data)
        else:
            attributes = {"specversion": version, "id": id_, "source": source, "type": type_, "time": time}
            headers = [(f"ce_{k}", v) for k, v in attributes.items()]
            headers, value = [*headers, ("content-type", "application/json")], json.dumps(data)
        if FAULT == "header missing":
            headers = [h for h in headers if h[0] not in ("ce_time", "time")]
        if FAULT == "swapped":
            # Every other event waits for the one after it.
            self.held.append((topic, value, key, headers))
            if len(self.held) == 2:
                for held in reversed(self.held):
                    self._produce(*held)
                self.held.clear()
            return
        self._produce(topic, value, key, headers)

    def _produce(self, topic: str, value: str, key: str | None, headers: Any) -> None:
        self.producer.produce(topic, value, key, headers=headers)
        self.producer.flush(10)

    def taken(self, reference: Any, but: int = 0) -> bool:
        """Whether another order has the reference."""
        return any(o["reference"] == reference for i, o in self.rows.items() if i != but)

    def create(self, body: dict[str, Any], replay: str | None) -> tuple[int, Any]:
        """A new order, or the one that the same key made."""
        if not _whole(body):
            if FAULT == "refused told":
                self.publish("OrderCreated", self._row(body))
            return 422, {"detail": "invalid"}
        if replay in self.replays and FAULT != "key forgotten":
            if FAULT == "replay told":
                self.publish("OrderCreated", self.replays[replay or ""])
            return 201, self.replays[replay or ""]
        if self.taken(body["reference"]) and replay not in self.replays:
            if FAULT == "told before it is stored":
                self.publish("OrderCreated", self._row(body))
            return 409, {"detail": "taken"}
        order = self._row(body)
        self.rows[order["id"]] = order
        if replay:
            self.replays[replay] = order
        self.publish("OrderCreated", order)
        if FAULT == "told of nobody's order" and self.last % 2:
            self.publish("OrderDeleted", {**order, "id": 900_000 + self.last})
        if FAULT == "invented":
            self.publish(
                "OrderCreated", {**order, "id": order["id"] + 100_000, "reference": uuid.uuid4().hex}
            )
        return 201, order

    def create_all(self, bodies: list[Any]) -> tuple[int, Any]:
        """All of them, or none where one is refused."""
        if FAULT == "half of a bulk told":
            for body in bodies:
                if not _whole(body):
                    break
                self.publish("OrderCreated", self._row(body))
        if not all(map(_whole, bodies)):
            return 422, {"detail": "invalid"}
        if any(self.taken(body["reference"]) for body in bodies):
            return 409, {"detail": "taken"}
        return 201, [self.create(body, None)[1] for body in bodies]

    def _row(self, body: dict[str, Any]) -> dict[str, Any]:
        self.last += 1
        return {"note": "", "quantity": 1, "reference": "", **body, "id": self.last, "version": 1}

    def update(self, number: int, body: dict[str, Any], *, whole: bool) -> tuple[int, Any]:
        """The order with other values."""
        order = self.rows.get(number)
        if order is None:
            if FAULT == "gone told":
                blank = {"id": number, "reference": "?", "note": "", "quantity": 1, "version": 1}
                self.publish("OrderUpdated", blank)
            return 404, {"detail": "no such order"}
        if not body or not (_whole(body) if whole else _valid(body)):
            if FAULT == "refused update told":
                self.publish("OrderUpdated", order)
            return 422, {"detail": "invalid"}
        if self.taken(body.get("reference"), but=number):
            return 409, {"detail": "taken"}
        changed = {**order, **({"note": ""} if whole else {}), **body}
        if changed == order and FAULT != "unchanged told":
            if FAULT == "told without a change":
                self.publish("OrderUpdated", order)
            return 200, order
        changed["version"] += 1
        self.rows[number] = changed
        self.publish("OrderUpdated", changed)
        return 200, changed

    def delete(self, number: int) -> tuple[int, Any]:
        """Without the order."""
        order = self.rows.pop(number, None)
        if order is None:
            return 404, {"detail": "no such order"}
        self.publish("OrderDeleted", order)
        return 204, None

    def read(self, number: int) -> tuple[int, Any]:
        """One order."""
        order = self.rows.get(number)
        if order is not None and FAULT == "read told":
            self.publish("OrderUpdated", order)
        return (200, order) if order else (404, {"detail": "no such order"})


def _whole(body: Any) -> bool:
    return _valid(body) and {"reference", "quantity"} <= body.keys()


def _valid(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    for name in ("reference", "note"):
        value = body.get(name, "x")
        if not isinstance(value, str) or len(value) > 80 or (name == "reference" and not value):
            return False
    quantity = body.get("quantity", 1)
    return isinstance(quantity, int) and not isinstance(quantity, bool) and 1 <= quantity <= 1000


class Handler(BaseHTTPRequestHandler):
    """HTTP before it."""

    protocol_version = "HTTP/1.1"
    orders: Orders

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _do(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = None
        status, data = self._answer(self.path.partition("?")[0].strip("/").split("/"), body)
        content = b"" if data is None else json.dumps(data).encode()
        self.send_response(status)
        if content:
            self.send_header("content-type", "application/json")
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, path: list[str], body: Any) -> tuple[int, Any]:
        orders, method = self.orders, self.command
        if path in (["openapi.json"], ["asyncapi.json"]):
            return 200, openapi() if path == ["openapi.json"] else asyncapi()
        if path == ["orders", "bulk"] and method == "POST":
            with orders.lock:
                return orders.create_all(body) if isinstance(body, list) else (422, {"detail": "no array"})
        if path[0] != "orders" or len(path) > 2 or (len(path) == 2 and not path[1].isdigit()):
            return 404, {"detail": "nothing here"}
        if method in ("POST", "PUT", "PATCH") and not isinstance(body, dict):
            return 422, {"detail": "no object"}
        with orders.lock:
            if len(path) == 1:
                if method == "POST":
                    return (
                        orders.create(body, self.headers.get("idempotency-key"))
                        if isinstance(body, dict)
                        else (422, {})
                    )
                if method == "GET" and FAULT == "list told":
                    for order in list(orders.rows.values())[:1]:
                        orders.publish("OrderUpdated", order)
                return (200, list(orders.rows.values())) if method == "GET" else (405, {})
            number = int(path[1])
            if method in ("PUT", "PATCH"):
                return (
                    orders.update(number, body, whole=method == "PUT")
                    if isinstance(body, dict)
                    else (422, {})
                )
            if method == "DELETE":
                return orders.delete(number)
            return orders.read(number) if method == "GET" else (405, {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - the library's names


if __name__ == "__main__":
    Handler.orders = Orders(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
