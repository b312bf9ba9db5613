"""OpenAPI 2.0, 3.0, 3.1 and 3.2 are audited, each with all that it can say, at the root or below a path."""

from pathlib import Path

import pytest

from tests.kit.conftest import Cli, findings, read_json
from tests.kit.serving import Server
from tests.kit.shop import Shop


@pytest.mark.parametrize(
    ("version", "base", "count"),
    [("2.0", "/api", 5), ("3.0.4", "", 5), ("3.1.1", "/api/v1", 5), ("3.2.0", "", 7)],
)
def test_a_service_that_keeps_its_word_conforms(
    cli: Cli, work: Path, version: str, base: str, count: int
) -> None:
    with Server(Shop(version, base)) as server:
        ended = cli("audit", "--url", server.url, "--json", "out.json")
    result = read_json(work / "out.json")
    assert ended.code == 0, findings(result)
    assert result["target"]["url"] == server.url + base
    summary = result["summary"]
    assert (summary["operations"], summary["operations_accepted"]) == (count, count), summary["unreached"]
    # The method QUERY and `additionalOperations` came with OpenAPI 3.2.
    assert {"QUERY", "LOCK"} <= {each.method for each in server.seen} or not version.startswith("3.2")
