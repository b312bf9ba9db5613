"""The line of a case of several requests, run in a shell: it makes an object of its own and works on it."""

import json
import os
import subprocess
from typing import Any

from conformance.model.record import STORY, Exchange, Request, Response
from conformance.report.story import story
from conformance.target.secrets import Secrets
from tests.kit.serving import Answer, Seen, Server

JSON = (("content-type", "application/json"),)
TAG = (*JSON, ("if-match", '"old"'))


class Shelf:
    """Numbers what is put on it, from 70 on; remembers what was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def __call__(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        if seen.method == "POST":
            return Answer(201, {"data": {"id": 70, "name": json.loads(seen.body)["name"]}})
        return Answer(200, {"id": 70}, {"ETag": '"new"'})


def exchange(
    number: int, method: str, url: str, body: Any = None, answer: Any = None, **said: Any
) -> Exchange:
    sent = json.dumps(body).encode() if body is not None else b""
    request = Request(method, url, said.pop("headers", JSON if body is not None else ()), sent)
    response = Response(said.pop("status", 200), JSON, json.dumps(answer).encode())
    trace = said.pop("trace", f"{STORY}1")
    return Exchange(number, "fuzz", trace, "step", f"{method} /x", "alice", request, response)


def run(line: str) -> str:
    done = subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    return done.stdout


def test_it_makes_an_object_changes_it_and_shows_it() -> None:
    shelf = Shelf()
    with Server(shelf) as server:
        base = f"{server.url}/things"
        told = [
            exchange(1, "POST", base, {"name": "o'ne"}, {"data": {"id": 7}}, status=201),
            exchange(2, "PATCH", f"{base}/7", {"level": 9}, {"id": 7}, headers=TAG),
            exchange(3, "PATCH", f"{base}/7", {"level": 8}, {}, status=422),
            exchange(4, "GET", f"{base}/7", None, {"id": 7}),
            exchange(5, "PATCH", f"{base}/7", {"level": 1}, {}, trace="lifecycle /things"),
            exchange(6, "PATCH", f"{base}/7?deep=1", {"level": 0}, {}, status=500),
        ]
        line = story(told, told[-1], Secrets())
        assert "\n" not in line
        run(line)
    asked = [(s.method, s.target) for s in shelf.seen]
    assert asked == [
        ("POST", "/things"),
        ("GET", "/things/70"),
        ("PATCH", "/things/70"),
        ("PATCH", "/things/70?deep=1"),
    ]
    assert [json.loads(s.body) for s in shelf.seen if s.body] == [
        {"name": "o'ne"},
        {"level": 9},
        {"level": 0},
    ]
    assert shelf.seen[2].headers["if-match"] == '"new"'


def test_a_case_of_one_request_is_that_request() -> None:
    shelf = Shelf()
    with Server(shelf) as server:
        only = exchange(1, "POST", f"{server.url}/things", {"name": "a"}, {}, status=500)
        line = story([only], only, Secrets())
        assert line.startswith("curl -i ")
        run(line)
    assert [s.target for s in shelf.seen] == ["/things"]


def test_other_scenarios_show_their_last_request_alone() -> None:
    made = exchange(
        1, "POST", "http://127.0.0.1:9/things", {}, {"id": 7}, status=201, trace="lifecycle /things"
    )
    last = exchange(2, "GET", "http://127.0.0.1:9/things/7", trace="lifecycle /things")
    assert story([made, last], last, Secrets()) == "curl -i http://127.0.0.1:9/things/7"
