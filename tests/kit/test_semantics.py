"""HEAD, OPTIONS, origins and media types over real connections: a careful shop, and a careless one."""

from dataclasses import replace
from pathlib import Path

from tests.kit.conftest import ELSEWHERE, REDIRECTED, Cli, findings, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import ALLOW, Shop

RULES = ("API022", "API023", "API039", "ERR011", "SEC010")
ARGS = [part for rule in RULES for part in ("--rule", rule)]


class Careful:
    """A shop that looks at Content-Type and answers HEAD and OPTIONS as it should."""

    def __init__(self, taken: int = 0) -> None:
        self.shop = Shop(taken=taken)

    def __call__(self, seen: Seen) -> Answer:
        if seen.method == "HEAD":
            return self.shop(replace(seen, method="GET"))
        if seen.method == "OPTIONS":
            return Answer(204, None, {"Allow": ALLOW["item" if "/" in seen.path[1:] else "items"]})
        if seen.body and seen.headers.get("content-type") != "application/json":
            return Answer(415, {"code": 415, "message": "JSON only"})
        return self.shop(seen)


class Careless:
    """A shop whose OPTIONS lists what it refuses and whose HEAD finds nothing; it reads text as JSON."""

    def __init__(self) -> None:
        self.shop = Shop()

    def __call__(self, seen: Seen) -> Answer:
        origin = seen.headers.get("origin", "")
        if seen.method == "OPTIONS":
            return Answer(200, None, {"Allow": "GET, PATCH"} if "/" in seen.path[1:] else {})
        if seen.method == "HEAD":
            return Answer(404)
        answer = self.shop(seen)
        if origin.endswith("localhost"):
            allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            return replace(answer, headers={**answer.headers, **allowed})
        return answer


def test_a_service_that_keeps_its_word_is_not_reported(cli: Cli, work: Path) -> None:
    with Server(Careful()) as server:
        ended = cli("audit", "--url", server.url, "--fail-on", "should", "--json", "out.json", *ARGS)
    assert ended.code == 0, findings(read_json(work / "out.json"))
    assert {"HEAD", "OPTIONS"} <= {each.method for each in server.seen}
    assert all(r["outcome"] == "passed" for r in read_json(work / "out.json")["rules"])
    sent = {each.headers.get("content-type") for each in server.seen if each.method == "POST"}
    assert {"text/plain", "application/x-www-form-urlencoded"} <= sent


def test_each_broken_promise_is_reported_once(cli: Cli, work: Path) -> None:
    with Server(Careless()) as server:
        ended = cli("audit", "--url", server.url, "--fail-on", "should", "--json", "out.json", *ARGS)
    result = read_json(work / "out.json")
    assert ended.code == 1
    assert {rule["id"]: len(rule["findings"]) for rule in result["rules"] if rule["findings"]} == {
        "API022": 1,
        "API023": 1,
        "API039": 1,
        "ERR011": 1,
        "SEC010": 1,
    }, findings(result)


def test_nothing_but_safe_methods_leaves_for_another_host(cli: Cli, work: Path) -> None:
    """Read-only, HEAD, OPTIONS and origins are still asked; bodies are not sent."""
    with Server(Careful(taken=3)) as server:
        url = f"http://{ELSEWHERE}:{server.port}"
        ended = cli("audit", "--url", url, "--json", "out.json", *ARGS, before=REDIRECTED)
    result = read_json(work / "out.json")
    assert ended.code == 0, findings(result)
    assert {each.method for each in server.seen} <= {"GET", "HEAD", "OPTIONS"}
    assert {r["id"]: r["outcome"] for r in result["rules"]}["ERR011"] == "not_run"
