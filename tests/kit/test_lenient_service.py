"""A service that accepts what its schema forbids: that is one finding, and it hides nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.kit.conftest import Cli, findings, read_json
from tests.kit.serving import Answer, Seen, Server
from tests.kit.shop import Shop


class Truncating(Shop):
    """Numbers lose their fraction where whole ones are asked for, as in Python's own `int`."""

    def __call__(self, seen: Seen) -> Answer:
        body = self._read(seen)
        if isinstance(body, dict) and isinstance(body.get("amount"), float):
            seen = replace(seen, body=json.dumps({**body, "amount": int(body["amount"])}).encode())
        return super().__call__(seen)

    @staticmethod
    def _read(seen: Seen) -> Any:
        try:
            return json.loads(seen.body)
        except (ValueError, RecursionError):
            return None


def test_what_was_accepted_does_not_stand_for_what_is_refused_after_it(cli: Cli, work: Path) -> None:
    with Server(Truncating()) as server:
        cli("audit", "--url", server.url, "--json", "out.json", "--rule", "API021", "--rule", "ERR002")
    found = findings(read_json(work / "out.json"))
    assert [line.partition(" ")[0] for line in found] == ["ERR002"], found
