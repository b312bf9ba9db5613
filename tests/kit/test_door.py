"""What may leave is decided at the door: by the host, by the method, by whose objects are named."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import UsageProblem
from conformance.model.operation import Operation
from conformance.model.record import Record
from conformance.target.ownership import Ownership
from conformance.target.transport import Door, Transport, is_local
from tests.kit.conftest import ELSEWHERE, REDIRECTED, Cli
from tests.kit.serving import Answer, Server
from tests.kit.shop import Shop

SAFE = ("GET", "HEAD", "OPTIONS")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE", "QUERY", "LOCK")
TEMPLATES = (
    "/items",
    "/items/{item_id}",
    "/items/{item_id}/tags/{tag}",
    "/users/{id}",
    "/users/{id}/items/{item_id}",
    "/items/{item_id}/publish",
    "/items/clear",
    "/items/{item_id}/delete-all",
    "/restart",
)
COLLECTIONS = ("/items", "/users", "/items/{x}/tags", "/users/{x}/items")
identifiers = st.one_of(
    st.sampled_from(["1", "2", "", ".", "..", "2147480000", "not-a-number", "a/../b", "%2e%2e", "x y"]),
    st.text(),
)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.8.9.1", "https://localhost", "http://[::1]:80"]
)
def test_this_machine(url: str) -> None:
    assert is_local(url)


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "api.localhost", "[::ffff:127.0.0.1]"])
def test_this_machine_by_another_name(host: str) -> None:
    assert is_local(f"http://{host}:8000/api")


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "10.0.0.1",
        "localhost.example.org",
        "127.0.0.1.nip.io",
        "[::]",
        "notlocalhost",
    ],
)
def test_another_machine(host: str) -> None:
    assert not is_local(f"http://{host}")
    assert not is_local(f"http://localhost@{host}/127.0.0.1#localhost")


def test_what_is_no_url_is_nowhere() -> None:
    with pytest.raises(UsageProblem, match="'b:x' is no HTTP address"):
        is_local("http://me:secret@b:x")


@st.composite
def _known(draw: st.DrawFn) -> tuple[Ownership, set[tuple[str, str]], set[str]]:
    """Objects that an audit made, and identifiers that it made up."""
    made = draw(st.sets(st.tuples(st.sampled_from(COLLECTIONS), identifiers), max_size=5))
    invented = draw(st.sets(identifiers, max_size=3))
    objects = Ownership()
    for collection, identifier in made:
        objects.own(collection, identifier)
    for identifier in invented:
        objects.invent(identifier)
    return objects, made, invented


def _is_ours(template: str, names: dict[str, str], made: set[tuple[str, str]], invented: set[str]) -> bool:
    """Said in another way than in the kit: each segment that is a parameter, with the path above it."""
    above = ""
    for segment in template.split("/")[1:]:
        if not segment.startswith("{"):
            above += f"/{segment}"
            continue
        value = names.get(segment[1:-1], "")
        if value in ("", ".", "..") or not ((above, value) in made or value in invented):
            return False
        above += "/{x}"
    return True


@given(_known(), st.sampled_from(TEMPLATES), st.sampled_from(UNSAFE), st.data())
def test_an_unsafe_request_names_only_what_this_audit_made_or_made_up(
    known: tuple[Ownership, set[tuple[str, str]], set[str]], template: str, method: str, data: st.DataObject
) -> None:
    objects, made, invented = known
    somebody = st.sampled_from(sorted({identifier for _, identifier in made} | invented | {"3"}))
    wanted = re.findall(r"\{(\w+)\}", template)
    names = data.draw(st.dictionaries(st.sampled_from(["item_id", "id", "tag", "x"]), somebody | identifiers))
    names |= {name: data.draw(somebody | identifiers) for name in wanted if data.draw(st.booleans())}
    if objects.allows(method, template, names):
        assert _is_ours(template, names, made, invented)
        assert not re.search("clear|delete-all|restart", template)
        assert method != "DELETE" or wanted


@given(st.sampled_from(COLLECTIONS), identifiers.filter(lambda name: name not in ("", ".", "..")))
def test_what_this_audit_made_may_be_changed_and_deleted(collection: str, identifier: str) -> None:
    objects = Ownership()
    objects.own(collection, identifier)
    objects.invent("2147480000")
    names = {"x": "2147480000", "name": identifier}
    for method in UNSAFE:
        assert objects.allows(method, f"{collection}/{{name}}", names)


@pytest.mark.parametrize("identifier", ["1", "99", "999999999", "-5", "ab", "en-GB", "", "..", "true"])
def test_what_somebody_may_have_is_not_made_up(identifier: str) -> None:
    objects = Ownership()
    objects.invent(identifier)
    assert not objects.allows("DELETE", "/items/{id}", {"id": identifier})
    assert objects.allows("GET", "/items/{id}", {"id": identifier})


@pytest.mark.parametrize("identifier", ["", ".", ".."])
@pytest.mark.parametrize("method", UNSAFE)
def test_what_climbs_out_of_a_collection_is_no_object_of_it(identifier: str, method: str) -> None:
    """RFC 3986 §5.2.4: `DELETE /items/..` would arrive as `DELETE /`."""
    objects = Ownership()
    objects.own("/items", identifier)
    objects.invent(identifier)
    assert not objects.allows(method, "/items/{id}", {"id": identifier})


def test_each_way_out_is_guarded_by_itself(server: Server) -> None:
    """Scenarios ask before they prepare a request, and some send to paths that no operation has."""
    said: dict[str, Any] = {"scenario": "", "trace": "", "step": "", "principal": "anonymous"}
    before = len(server.seen)
    for door in (Door(read_only=True), Door(read_only=False, exclude=("POST /items",))):
        transport = Transport(server.url, Record(), door)
        assert not transport.allowed(Operation("POST", "/items"), {})
        assert not transport.allowed(Operation("GET", "/items"), {}, "POST")
        assert transport.send("POST", "/items", **said) is None
        assert transport.allowed(Operation("POST", "/items"), {}, "GET")
        transport.close()
    assert len(server.seen) == before


def test_an_identifier_belongs_to_its_collection() -> None:
    objects = Ownership()
    objects.own("/api/items", "7")
    assert objects.allows("PUT", "/api/items/{item_id}", {"item_id": "7"})
    assert not objects.allows("PUT", "/api/users/{item_id}", {"item_id": "7"})
    assert not objects.allows("DELETE", "/api/items", {"item_id": "7"})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(lambda _: Answer(200, {})) as running:
        yield running


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_known(), st.sampled_from(TEMPLATES), st.sampled_from(UNSAFE + SAFE), st.booleans(), identifiers)
def test_what_arrives_is_what_was_allowed(
    server: Server,
    known: tuple[Ownership, set[tuple[str, str]], set[str]],
    template: str,
    method: str,
    read_only: bool,
    value: str,
) -> None:
    """No identifier climbs out of its segment, and a door that is read-only lets nothing else out."""
    transport = Transport(server.url, Record(), Door(read_only=read_only, exclude=("PATCH *", "* /users/*")))
    transport.objects = known[0]
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", template), value)
    before = len(server.seen)
    transport.call(
        Operation(method, template), path=names, scenario="", trace="", step="", principal="anonymous"
    )
    transport.close()
    for seen in server.seen[before:]:
        assert seen.method == method
        assert method != "PATCH"
        assert not template.startswith("/users")
        assert method in SAFE or not read_only
        if method not in SAFE:
            segments = [unquote(part) for part in seen.target.split("?")[0].split("/")]
            assert segments == [names.get(part.strip("{}"), part) for part in template.split("/")]


def test_on_another_host_nothing_is_changed(cli: Cli) -> None:
    shop = Shop(taken=5)
    before = {number: dict(item) for number, item in shop.items.items()}
    with Server(shop) as running:
        ended = cli("audit", "--url", f"http://{ELSEWHERE}:{running.port}", before=REDIRECTED)
    assert {each.method for each in running.seen} <= set(SAFE)
    assert shop.items == before
    assert ended.err.splitlines()[0] == (
        f"auditing http://{ELSEWHERE}:{running.port} read-only: "
        "only GET, HEAD and OPTIONS leave (--write lets the others)"
    )
    assert any(each.path == "/items/1" for each in running.seen)


def test_with_write_it_is(cli: Cli) -> None:
    with Server(Shop()) as running:
        ended = cli("audit", "--url", f"http://{ELSEWHERE}:{running.port}", "--write", before=REDIRECTED)
    assert ended.code == 0
    assert {"POST", "PUT", "DELETE"} <= {each.method for each in running.seen}
    assert ended.err.splitlines()[0] == f"auditing http://{ELSEWHERE}:{running.port}"
