"""The document is proven to belong to the target before anything is judged by it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import TargetProblem
from conformance.model.record import Record
from conformance.target.document import Proven, obtain
from conformance.target.transport import Door, Transport
from tests.kit.conftest import Cli
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop
from tests.kit.shop_documents import document

Serve = Callable[[Seen], Answer]


def proven(server: Server, base: str = "", given: str | None = None, **door: Any) -> Proven:
    transport = Transport(server.url + base, Record(), Door(read_only=True, **door))
    try:
        return obtain(given, Path("/nonexistent"), transport, {"Authorization": "Bearer alice"})
    finally:
        transport.close()


def mounted(where: str, wrong: bool = True) -> Serve:
    """The shop below a path, whose document at the root names paths that do not answer there."""
    shop = Shop()

    def answer(seen: Seen) -> Answer:
        if seen.path == "/openapi.json" and not wrong:
            return Answer(404)
        if seen.path.startswith(f"{where}/"):
            return shop(Seen(seen.method, seen.target.removeprefix(where), seen.headers, seen.body))
        return Answer(200, shop.document) if seen.path == "/openapi.json" else Answer(404, {"code": 404})

    return answer


@pytest.mark.parametrize("wrong", [True, False], ids=["a document of another base", "no document"])
def test_the_document_and_the_base_that_would_work_are_named(cli: Cli, wrong: bool) -> None:
    with Server(mounted("/api", wrong)) as server:
        ended = cli("audit", "--url", server.url)
        assert ended.code == 3
        advice = f"--url {server.url}/api --openapi {server.url}/api/openapi.json"
        assert ended.sentence.endswith(f"This would work: {advice}")
        assert cli("audit", *advice.split(), "--rule", "API001").code == 0


def test_a_path_in_the_url_is_the_base_of_all_operations() -> None:
    with Server(Shop(base="/api")) as server:
        assert proven(server).base == f"{server.url}/api"
        assert proven(server, "/api", f"{server.url}/openapi.json").base == f"{server.url}/api"
        with pytest.raises(TargetProblem, match=r"This would work: --url http://127\.0\.0\.1:\d+/api "):
            proven(server, "/v2")


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ([{"url": "/api"}], "/api"),
        ([{"url": "https://example.org/api/"}], "/api"),
        ([{"url": "http://["}, {"url": "/{v}", "variables": {"v": {"default": "api"}}}], "/api"),
        ([{"url": "/wrong"}, {"url": "api"}], "/api"),
        ([], ""),
    ],
)
def test_the_base_is_what_servers_say_and_where_operations_answer(servers: list[Any], base: str) -> None:
    shop = Shop(base=base)
    shop.document["servers"] = servers
    with Server(shop) as server:
        assert proven(server).base == server.url + base


def test_a_document_that_is_refused_is_asked_for_as_a_principal() -> None:
    shop = Shop()

    def guarded(seen: Seen) -> Answer:
        known = seen.headers.get("authorization") == "Bearer alice"
        return shop(seen) if known else Answer(401, {"code": 401})

    with Server(guarded) as server:
        assert proven(server).by == "GET /items"
    assert "authorization" not in server.seen[0].headers


def test_a_page_for_every_path_proves_nothing() -> None:
    """A single-page application answers 200 to whatever is asked."""
    page = Answer(200, b"<!doctype html>", {"Content-Type": "text/html"})
    text = Shop().document
    with (
        Server(lambda seen: Answer(200, text) if seen.path == "/openapi.json" else page) as server,
        pytest.raises(
            TargetProblem, match=r"as documented .*, where a path that was made up is answered with 200"
        ),
    ):
        proven(server)


@pytest.mark.parametrize("keep", ["post", "put", "delete"])
def test_an_operation_that_is_no_get_proves_itself_by_its_405(keep: str) -> None:
    shop = Shop()
    shop.document["paths"] = {
        path: {name: node for name, node in item.items() if name in (keep, "parameters")}
        for path, item in document("3.1.0")["paths"].items()
    }
    shop.document["paths"] = {p: item for p, item in shop.document["paths"].items() if keep in item}

    def only(seen: Seen) -> Answer:
        return Answer(405, {"code": 405}) if seen.path.startswith("/items") else shop(seen)

    with Server(only) as server:
        assert proven(server).by.startswith(keep.upper())
    assert {each.method for each in server.seen} == {"GET"}


def test_what_is_excluded_is_no_proof() -> None:
    with Server(Shop()) as server:
        assert proven(server, exclude=("GET /items",)).by != "GET /items"
    assert "GET /items" not in server.lines


def test_an_event_stream_without_end_is_not_waited_for() -> None:
    """Its status and media type say all that is asked."""
    shop = Shop()
    stream = {"200": {"description": "events", "content": {"text/event-stream": {}}}}
    shop.document["paths"] = {"/events": {"get": {"responses": stream}}}

    def streams(seen: Seen) -> Answer:
        if seen.path == "/events":
            return Answer(200, b"data: 1\n\n", {"Content-Type": "text/event-stream", "X-More": "1"})
        return shop(seen)

    with Server(streams) as server:
        assert proven(server, timeout=3).by == "GET /events"
