"""The runs of a scenario, each with the resource that its trace is named after."""

import pytest

from conformance.model.record import Exchange, Record, Request, Response
from conformance.rules.runs import runs
from tests.kit.rule_records import service

TRACES = ("access /books", "access /books (turned)", "access /nothing", "access GET /books")


@pytest.mark.parametrize(("suffix", "found"), [("", 1), (" (turned)", 2)])
def test_runs_are_those_of_resources(suffix: str, found: int) -> None:
    request, response = Request("GET", "http://127.0.0.1/books"), Response(200)
    record = Record(
        [
            Exchange(number, scenario, trace, "read", None, "alice", request, response)
            for scenario in ("access", "pages")
            for number, trace in enumerate(TRACES)
        ]
    )
    seen = [(resource.name, trace.name) for resource, trace in runs(record, service(), "access", suffix)]
    assert seen == [("/books", name) for name in TRACES[:found]]
